#include "services/analytics/statistics/indicator/places.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/error.h"

namespace tidemark::analytics {
namespace {

using catalog_client::EntityType;

constexpr std::string_view kRegions = "regions/", kGroups = "regionGroups/";

}  // namespace

Boundaries BoundariesAt(const catalog_client::CatalogView& view, int64_t moment_us) {
  return Boundaries(view, moment_us == kAtEvent ? std::nullopt : std::optional(moment_us));
}

absl::StatusOr<uint32_t> EvaluatedPlaces::NumberOf(std::string_view name) {
  const auto known = numbers_.find(name);
  if (known != numbers_.end()) return known->second;
  const catalog_client::CatalogView& view = *context_.view;
  const bool is_group = absl::StartsWith(name, kGroups);
  if (!is_group && !absl::StartsWith(name, kRegions)) {
    return status::WithReason(
        absl::InvalidArgumentError(absl::StrCat("`", name.substr(0, 256),
                                                "` is no place; want regions/ID or "
                                                "regionGroups/ID")),
        "INVALID_NAME");
  }
  const std::string_view id = absl::StripPrefix(name, is_group ? kGroups : kRegions);
  const catalog_client::Entity* entity = nullptr;
  if (is_group) {
    entity = view.region_groups().Find(id);
  } else {
    entity = view.regions().Find(id);
  }
  if (entity == nullptr) {
    return status::WithReason(
        absl::NotFoundError(absl::StrCat(
            "`", name.substr(0, 256), "` is not in the catalog at this snapshot",
            view.NearestHint(is_group ? EntityType::kRegionGroup : EntityType::kRegion, id))),
        "NOT_FOUND");
  }
  return Add({std::string(name), std::string(is_group ? name : id), is_group, entity->ordinal});
}

std::optional<uint32_t> EvaluatedPlaces::AtLevel(uint32_t place, catalog_client::RegionLevel level,
                                                 int64_t moment_us) {
  const Place& of = places_[place];
  if (of.is_group) return std::nullopt;
  const Boundaries boundaries = BoundariesAt(*context_.view, moment_us);
  const catalog_client::Ordinal above = boundaries.AtLevel(boundaries.Of(of.ordinal), level);
  if (above == catalog_client::kNone) return std::nullopt;
  const std::string& id = context_.view->regions()[above].id;
  return Add({absl::StrCat(kRegions, id), id, false, above});
}

uint32_t EvaluatedPlaces::Add(Place place) {
  const auto [it, fresh] = numbers_.try_emplace(place.name, static_cast<uint32_t>(places_.size()));
  if (fresh) places_.push_back(std::move(place));
  return it->second;
}

uint32_t Periods::NumberOf(const Period& period) {
  const auto [it, fresh] = numbers_.try_emplace(Key{period.grain, period.start_us, period.end_us},
                                                static_cast<uint32_t>(periods_.size()));
  if (fresh) periods_.push_back(period);
  return it->second;
}

}  // namespace tidemark::analytics
