#include "clients/cli/commands/observatory_units.h"

#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/import/catalog_names.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {

absl::StatusOr<importer::ObservatoryUnits> ReadUnits(CommandHost& host) {
  TM_ASSIGN_OR_RETURN(const auto client, ConnectCatalog(host));
  return importer::ReadObservatory(
      [&client](const auto& request) { return client->ListResources(request); });
}

}  // namespace tidemark::cli
