#ifndef TIDEMARK_CLIENTS_CLI_APP_APP_H_
#define TIDEMARK_CLIENTS_CLI_APP_APP_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "clients/cli/app/terminal.h"

namespace CLI {
class App;
}  // namespace CLI

namespace tidemark::cli {

class CommandHost;

// Adds one subcommand: its flags, its help with examples, and a callback that leaves the work
// with CommandHost::SetAction. `host` outlives the parse and the action; the command's own
// options live in a shared_ptr that the callback holds.
using AddCommand = void (*)(CLI::App& app, CommandHost& host);

// Parses `arguments` (without the program's name), runs the command chosen and returns the exit
// code of exit_code.h. Errors are printed to terminal.err.
int RunApp(const std::vector<std::string>& arguments, absl::Span<const AddCommand> commands,
           const Terminal& terminal);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_APP_H_
