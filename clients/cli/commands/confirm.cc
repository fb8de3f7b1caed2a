#include "clients/cli/commands/confirm.h"

#include <istream>
#include <ostream>
#include <string>

#include "clients/cli/app/command_host.h"

namespace tidemark::cli {

absl::StatusOr<bool> Confirmed(const Terminal& terminal, std::string_view question) {
  if (!terminal.err_is_terminal) {
    return UsageError(absl::InvalidArgumentError(
        "nobody can be asked here: add --yes to apply, or --dry-run to look"));
  }
  terminal.err << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(terminal.in, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace tidemark::cli
