#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_MAPPING_PARTS_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_MAPPING_PARTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/import/config_node.h"

// What mappings of events and of official figures share beside expressions.
namespace tidemark::importer {

// Whether a `lookup` stands anywhere below.
bool HasLookup(const ConfigNode& node);

// The texts of `null_values`.
absl::StatusOr<std::vector<std::string>> ReadNullValues(const ConfigNode& node);

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_MAPPING_PARTS_H_
