#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_CONFIRM_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_CONFIRM_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cli/app/terminal.h"

namespace tidemark::cli {

// Asks the person at the terminal, such as "Apply?"; a usage error where nobody can be asked, which
// names --yes and --dry-run.
absl::StatusOr<bool> Confirmed(const Terminal& terminal, std::string_view question);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_CONFIRM_H_
