#ifndef TIDEMARK_CLIENTS_CLI_OBSERVATIONS_VINTAGE_BUILDER_H_
#define TIDEMARK_CLIENTS_CLI_OBSERVATIONS_VINTAGE_BUILDER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/observations/observation_mapping.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::observations {

// The vintages of a file: one, named `vintages/ID`, or where that would be too large several,
// `ID-1`, `ID-2` ..., split by series and, where one is too large and the publication is not
// complete, by region. The same file makes the same vintages. `about`: the publication.
// INVALID_ARGUMENT: no cells, or a series or region that no vintage can hold.
absl::StatusOr<std::vector<catalog::v1::Resource>> BuildVintages(const std::string& id,
                                                                 const catalog::v1::Vintage& about,
                                                                 const StatedSeries& stated);

}  // namespace tidemark::observations

#endif  // TIDEMARK_CLIENTS_CLI_OBSERVATIONS_VINTAGE_BUILDER_H_
