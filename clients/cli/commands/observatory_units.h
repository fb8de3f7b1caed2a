#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_OBSERVATORY_UNITS_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_OBSERVATORY_UNITS_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/import/mapping.h"

namespace tidemark::cli {

// The observatory's zone and the scale of its amounts. Waits for the catalog as long as `patience`.
// FAILED_PRECONDITION: there is no observatory yet.
absl::StatusOr<importer::ObservatoryUnits> ReadUnits(CommandHost& host,
                                                     absl::Duration patience = {});

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_OBSERVATORY_UNITS_H_
