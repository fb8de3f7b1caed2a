#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_REPORT_ASKER_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_REPORT_ASKER_H_

#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/report/question.h"
#include "tidemark/analytics/v1/read_options.pb.h"

namespace tidemark::cli {

// Asks analytics the questions of a report. The first is asked at `read`; its log and size are
// those of all others. Blocks.
class ReportAsker {
 public:
  ReportAsker(CommandHost& host, analytics::v1::ReadOptions read)
      : host_(host), read_(std::move(read)) {}

  // What the service says keeps its exit code; a question that cannot be read is an error of the
  // file.
  absl::StatusOr<report::Answer> Ask(const report::Question& question);

 private:
  absl::StatusOr<report::Answer> AskAny(const report::Question& question);
  absl::StatusOr<report::Answer> AskQuery(const report::Question& question);

  CommandHost& host_;
  analytics::v1::ReadOptions read_;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_REPORT_ASKER_H_
