#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_LEDGER_FIELDS_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_LEDGER_FIELDS_H_

#include <string>
#include <utility>
#include <vector>

#include "clients/cli/app/command_host.h"
#include "clients/cpp/ledger/checkpoint.h"
#include "clients/cpp/ledger/leaf.h"

namespace tidemark::cli {

// Names and values, in the order in which they are shown.
using Fields = std::vector<std::pair<std::string, std::string>>;

// What a checkpoint says.
Fields CheckpointFields(const ledger::Checkpoint& checkpoint);
// What a leaf says; fields that the record does not have are left out. Amounts and quantities are
// the integers of the leaf, amounts in the observatory's smallest unit.
Fields LeafFields(const ledger::DecodedLeaf& leaf);

// For people one line each; for programs one row with a column each.
void PrintFields(CommandHost& host, const Fields& fields);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_LEDGER_FIELDS_H_
