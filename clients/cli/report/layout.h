#ifndef TIDEMARK_CLIENTS_CLI_REPORT_LAYOUT_H_
#define TIDEMARK_CLIENTS_CLI_REPORT_LAYOUT_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/report/document.h"
#include "clients/cli/report/question.h"
#include "clients/cli/report/template.h"

namespace tidemark::cli::report {

struct LayoutOptions {
  // Empty: that of the template.
  std::string language;
  // In place of values that the template gives its parameters.
  std::map<std::string, std::string> parameters;
};

// Asks what the template asks, figures first, each different question once, and puts the answers
// into its texts, tables and charts. Errors name the place in the template: INVALID_ARGUMENT for
// what the template has wrong (with the exit code of bad files), and whatever `ask` returns.
// ABORTED: an answer was of another snapshot than the first.
absl::StatusOr<Document> LayOut(const Template& report, const LayoutOptions& options,
                                const AskFunction& ask);

}  // namespace tidemark::cli::report

#endif  // TIDEMARK_CLIENTS_CLI_REPORT_LAYOUT_H_
