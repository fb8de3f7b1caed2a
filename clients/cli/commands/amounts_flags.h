#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_AMOUNTS_FLAGS_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_AMOUNTS_FLAGS_H_

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/commands/answer_rows.h"

namespace tidemark::cli {

struct AmountsFlags {
  std::string unit;
  std::optional<uint32_t> decimals;
};

// Adds --amounts and --decimals.
void AddAmountsFlags(CLI::App* command, AmountsFlags* flags);

// `labels`: the value of --labels. Units are in Chinese for people who read Chinese names or wrote
// the unit in Chinese; programs always get the English ones. UsageError: no such unit.
absl::StatusOr<NumberFormat> NumberFormatOf(CommandHost& host, const AmountsFlags& flags,
                                            const std::string& labels);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_AMOUNTS_FLAGS_H_
