#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_UNITS_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_UNITS_H_

#include <string_view>

#include "absl/status/status.h"
#include "clients/cli/import/config_node.h"
#include "clients/cli/import/event_fields.h"

namespace tidemark::importer {

// Overrides what `node` says by `zone_key`, `gap` and `overlap`.
absl::Status ReadTimeRules(const ConfigNode& node, std::string_view zone_key, Units& units);

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_UNITS_H_
