#include "clients/cli/commands/observatory_units.h"

#include "clients/cli/app/patience.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/import/catalog_names.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {

absl::StatusOr<importer::ObservatoryUnits> ReadUnits(CommandHost& host, absl::Duration patience) {
  TM_ASSIGN_OR_RETURN(const auto client, ConnectCatalog(host));
  absl::StatusOr<importer::ObservatoryUnits> units;
  TM_RETURN_IF_ERROR(CallWithPatience(host.terminal(), patience, [&] {
    units = importer::ReadObservatory(
        [&client](const auto& request) { return client->ListResources(request); });
    return units.status();
  }));
  return units;
}

}  // namespace tidemark::cli
