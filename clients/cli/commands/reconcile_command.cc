#include <CLI/CLI.hpp>

#include "clients/cli/commands/commands.h"

namespace tidemark::cli {

void AddReconcileCommand(CLI::App&, CommandHost&) {}

}  // namespace tidemark::cli
