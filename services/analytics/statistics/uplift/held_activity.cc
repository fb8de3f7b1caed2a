#include "services/analytics/statistics/uplift/held_activity.h"

#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/vocabulary.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

absl::Status Incomplete(const std::string& activity, std::string_view lacks) {
  return status::WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          activity, " states ", lacks, "; add it to the catalog, or name it in the request")),
      "ACTIVITY_INCOMPLETE");
}

std::string DayName(absl::CivilDay day) { return absl::FormatCivilTime(day); }

absl::CivilDay DayOf(const type::v1::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

// Where it was held, at the level of the place; what lies above it is no region of that level.
std::set<std::string> RegionsOf(const StatisticContext& context, const pb::Activity& held,
                                const Query::DimensionRef& place) {
  std::set<std::string> regions;
  const DimensionWord* const word = FindDimension(place.name);
  const int level = word == nullptr ? -1 : FindLevel(*word, place.level);
  for (const std::string& name : held.regions()) {
    const std::string_view id = absl::StripPrefix(name, "regions/");
    const auto* const region = context.view->regions().Find(id);
    if (region == nullptr || level < 0) continue;
    const catalog_client::Ordinal at =
        level == 0 ? region->ordinal
                   : context.view->RegionAtLevel(region->ordinal, RegionLevelAt(level));
    if (at != catalog_client::kNone) regions.insert(context.view->regions()[at].id);
  }
  return regions;
}

}  // namespace

absl::Status TakeActivity(const StatisticContext& context, const std::string& activity,
                          UpliftQuestion* question) {
  if (!activity.starts_with("activities/")) {
    return status::InvalidArgument(
        "held_activity", "want an activity, such as activities/expo-2024", "INVALID_NAME");
  }
  const auto resource = context.catalog->Get(activity, context.snapshot.catalog_version);
  if (absl::IsNotFound(resource.status())) {
    return status::InvalidArgument(
        "held_activity",
        absl::StrCat("`", activity.substr(0, 256),
                     "` is not an activity in the catalog at this snapshot",
                     context.view->NearestHint(catalog_client::EntityType::kActivity,
                                               absl::StripPrefix(activity, "activities/"))),
        "UNKNOWN_CODE");
  }
  if (!resource.ok()) return resource.status();
  const pb::Activity& held = (*resource)->activity();
  if (question->treated.empty()) {
    const std::set<std::string> regions =
        RegionsOf(context, held, question->query.dimensions.front());
    if (regions.empty()) return Incomplete(activity, "no region at the level asked or below it");
    question->treated.assign(regions.begin(), regions.end());
  }
  if (question->activity_first.empty() && question->activity_last.empty()) {
    if (!held.held().has_start() || !held.held().has_end())
      return Incomplete(activity, "no first day, or no end");
    question->activity_first = DayName(DayOf(held.held().start()));
    question->activity_last = DayName(DayOf(held.held().end()) - 1);
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
