#include <CLI/CLI.hpp>

#include "clients/cli/commands/commands.h"

namespace tidemark::cli {

void AddSettleCommand(CLI::App&, CommandHost&) {}

}  // namespace tidemark::cli
