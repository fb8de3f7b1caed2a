#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_DAY_CLOSING_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_DAY_CLOSING_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cli/app/command_host.h"
#include "tidemark/ingest/v1/control_totals.pb.h"

namespace tidemark::cli {

struct DayClosing {
  size_t closed = 0;
  // Days that are none of the source's: outside its reporting window, or in the future.
  std::vector<std::string> refused;
  // Sources whose catalog entry does not say `closesDays`.
  std::set<std::string> not_closing;
};

// Tells, once for each of them, that statistics do not judge the days of a source by its totals.
void TellNotClosing(const DayClosing& closing, const Terminal& terminal);

// Closes days, a thousand at a time; those that are none of the source's are left out and told.
// Tries again for `patience` while the service is away.
absl::StatusOr<DayClosing> CloseDays(CommandHost& host,
                                     std::vector<ingest::v1::ControlTotals> totals,
                                     absl::Duration patience);

// "2024-03-05". UsageError naming the argument.
absl::StatusOr<type::v1::Date> ParseDay(std::string_view argument, const std::string& text);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_DAY_CLOSING_H_
