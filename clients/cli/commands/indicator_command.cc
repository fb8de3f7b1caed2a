#include <CLI/CLI.hpp>

#include "clients/cli/commands/commands.h"

namespace tidemark::cli {

void AddIndicatorCommand(CLI::App&, CommandHost&) {}

}  // namespace tidemark::cli
