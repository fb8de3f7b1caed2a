#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_ASSET_SCOPE_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_ASSET_SCOPE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/catalog/entities.h"

namespace tidemark::analytics {

struct Plan;

// What an asset shares of the events: those of one of its sources, in one of its categories and of
// consumers resident in one of its places, where it names any; and of which times.
struct AssetScope {
  // `dataAssets/...`.
  std::string asset;
  // As codes of filters: `cn-33`, `regionGroups/delta`.
  std::vector<std::string> sources;
  std::vector<std::string> categories;
  std::vector<std::string> places;
  catalog_client::Interval covers;
};

// FAILED_PRECONDITION (ASSET_NOT_EVENTS): it shares none.
absl::StatusOr<AssetScope> AssetScopeOf(const catalog_client::DataAsset& asset);

// INVALID_ARGUMENT (OUTSIDE_ASSET): the plan reads times that the asset does not cover, or the
// whole log.
absl::Status CheckInsideAsset(const AssetScope& scope, const Plan& plan);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_ASSET_SCOPE_H_
