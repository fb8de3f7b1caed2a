#ifndef TIDEMARK_CLIENTS_CLI_APP_COMMAND_HOST_H_
#define TIDEMARK_CLIENTS_CLI_APP_COMMAND_HOST_H_

#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "clients/cli/app/connection.h"
#include "clients/cli/app/exit_code.h"
#include "clients/cli/app/terminal.h"

namespace tidemark::cli {

// -o of commands that print a table.
enum class OutputFormat { kTable, kCsv, kJson };

// What commands get: the terminal, the values of the shared flags, and a place to leave the work
// that parsing the command line has chosen.
class CommandHost {
 public:
  // OK with kOk or kSomeRejected; otherwise an error, whose exit code is ExitCodeOf().
  using Action = std::function<absl::StatusOr<ExitCode>()>;

  explicit CommandHost(const Terminal& terminal) : terminal_(terminal), connection_(terminal) {}

  const Terminal& terminal() const { return terminal_; }
  Connection& connection() { return connection_; }
  const Connection& connection() const { return connection_; }
  OutputFormat& output_format() { return output_format_; }

  // Called by the subcommand's CLI11 callback; App runs it after parsing.
  void SetAction(Action action) { action_ = std::move(action); }
  const Action& action() const { return action_; }

 private:
  const Terminal& terminal_;
  Connection connection_;
  OutputFormat output_format_ = OutputFormat::kTable;
  Action action_;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_COMMAND_HOST_H_
