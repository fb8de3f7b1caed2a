#include <CLI/CLI.hpp>

#include "clients/cli/commands/commands.h"

namespace tidemark::cli {

void AddTargetsCommand(CLI::App&, CommandHost&) {}

}  // namespace tidemark::cli
