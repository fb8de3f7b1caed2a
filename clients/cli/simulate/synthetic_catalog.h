#ifndef TIDEMARK_CLIENTS_CLI_SIMULATE_SYNTHETIC_CATALOG_H_
#define TIDEMARK_CLIENTS_CLI_SIMULATE_SYNTHETIC_CATALOG_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/catalog/catalog_client.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::simulate {

inline constexpr char kConsumerScheme[] = "local.synthetic";

// What synthetic events refer to, all labelled as synthetic: a nation with 81 provinces and 350
// cities, 10 categories with 60 below them, an identifier scheme, and the sources given.
std::vector<catalog::v1::Resource> SyntheticResources(const std::vector<std::string>& sources);
// An observatory for a catalog that has none: CNY with two decimals, from 2000 on.
catalog::v1::Resource SyntheticObservatory();

// What the generator takes from the catalog.
struct CatalogCodes {
  std::string time_zone;
  // Of regions and categories without children, by name.
  std::vector<std::string> regions;
  std::vector<std::string> categories;
};
// FAILED_PRECONDITION when one is missing; says that --setup makes it. With synthetic regions
// (categories) in the catalog only those are taken.
absl::StatusOr<CatalogCodes> ReadCodes(catalog_client::CatalogClient& client);
// Ids of LIVE sources that are not called synthetic-...: synthetic events would count beside
// theirs.
absl::StatusOr<std::vector<std::string>> RealSources(catalog_client::CatalogClient& client);
// FAILED_PRECONDITION when the catalog of the world yangtze-delta is not there.
absl::Status CheckHasSource(catalog_client::CatalogClient& client, const std::string& id);
// Applies SyntheticResources, and SyntheticObservatory if there is none.
absl::Status SetUp(catalog_client::CatalogClient& client, const std::vector<std::string>& sources);

}  // namespace tidemark::simulate

#endif  // TIDEMARK_CLIENTS_CLI_SIMULATE_SYNTHETIC_CATALOG_H_
