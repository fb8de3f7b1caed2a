#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_NUMBER_FORMAT_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_NUMBER_FORMAT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/import/config_node.h"
#include "clients/cli/import/decimal.h"

namespace tidemark::importer {

// The keys `decimal`, `thousands` and `strip`, of a number or of the whole mapping.
const std::vector<std::string>& NumberFormatKeys();
absl::StatusOr<NumberFormat> ParseNumberFormat(const ConfigNode& node,
                                               const NumberFormat& fallback);

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_NUMBER_FORMAT_H_
