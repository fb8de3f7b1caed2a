#include "services/analytics/query/asset_scope.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/analytics/query/plan.h"

namespace tidemark::analytics {
namespace {

// The rest of `name`, when it begins with the prefix.
bool AddIn(std::string_view collection, std::string_view name, std::vector<std::string>* ids) {
  if (!name.starts_with(collection)) return false;
  ids->emplace_back(name.substr(collection.size()));
  return true;
}

bool IsInside(const std::vector<PlannedPeriod>& periods, const catalog_client::Interval& covers) {
  return std::all_of(periods.begin(), periods.end(), [&](const PlannedPeriod& period) {
    return period.start_us >= period.end_us ||
           (period.start_us >= covers.start_us && period.end_us <= covers.end_us);
  });
}

}  // namespace

absl::StatusOr<AssetScope> AssetScopeOf(const catalog_client::DataAsset& asset) {
  AssetScope scope{.asset = absl::StrCat("dataAssets/", asset.id), .covers = asset.covers};
  for (const std::string& name : asset.subjects) {
    if (AddIn("sources/", name, &scope.sources) || AddIn("categories/", name, &scope.categories) ||
        AddIn("regions/", name, &scope.places)) {
      continue;
    }
    if (name.starts_with("regionGroups/")) scope.places.push_back(name);
  }
  const bool live = asset.kind == catalog_client::AssetKind::kLiveData;
  // Without a bound of any kind everything would be shared, which nobody said.
  if (live && !(scope.sources.empty() && scope.categories.empty() && scope.places.empty())) {
    return scope;
  }
  return status::WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          scope.asset, live ? " is about no source, category or region" : " is no LIVE_DATA",
          ", so no statistics can be asked of it; name another asset")),
      "ASSET_NOT_EVENTS");
}

absl::Status CheckInsideAsset(const AssetScope& scope, const Plan& plan) {
  if (plan.reads_all_time) {
    return status::InvalidArgument("query.measures",
                                   absl::StrCat("new_consumers looks at the whole log, of which ",
                                                scope.asset, " shares a part; leave it out"),
                                   "OUTSIDE_ASSET");
  }
  bool inside = IsInside(plan.periods, scope.covers);
  for (const PlannedPanel& panel : plan.panels) {
    inside = inside && IsInside(panel.periods, scope.covers);
  }
  if (inside) return absl::OkStatus();
  return status::InvalidArgument(
      "query.range",
      absl::StrCat("reads days that ", scope.asset,
                   " does not cover, perhaps to compare with; ask within its days"),
      "OUTSIDE_ASSET");
}

}  // namespace tidemark::analytics
