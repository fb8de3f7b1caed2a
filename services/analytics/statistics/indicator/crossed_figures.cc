#include "services/analytics/statistics/indicator/crossed_figures.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tidemark::analytics {
namespace {

// Years before which nothing is carried on.
constexpr uint32_t kMostYears = 120;

}  // namespace

std::optional<Level> MakeUp(
    const FigureParts& parts,
    absl::FunctionRef<std::optional<Level>(catalog_client::Ordinal region)> find) {
  if (parts.IsOwn() || parts.is_new) {
    std::optional<Level> own = find(parts.region);
    if (parts.IsOwn() || (own && !own->node.unknown)) return own;
  }
  Level sum;
  bool stated = false, unknown = false;
  NullReason null = NullReason::kNone;
  for (const FigurePart& part : parts.parts) {
    const std::optional<Level> one = find(part.region);
    stated = stated || one.has_value();
    unknown = unknown || !one || one->node.unknown;
    if (!one || one->node.null != NullReason::kNone) {
      if (null == NullReason::kNone && one) null = one->node.null;
      continue;
    }
    sum.node.Follow(one->node);
    sum.node.value += one->node.value * part.share;
    sum.low += one->low * part.share;
    sum.high += one->high * part.share;
    sum.published = std::max(sum.published, one->published);
  }
  if (!stated) return std::nullopt;
  if (unknown) {
    null = NullReason::kNoData;
  } else if (null == NullReason::kNone && parts.of == FigureParts::Of::kWeightless) {
    null = NullReason::kNoWeight;
  } else if (null == NullReason::kNone && parts.of == FigureParts::Of::kNotAdded) {
    null = NullReason::kNotAdditive;
  }
  if (null != NullReason::kNone) {
    sum = Level();
    sum.node = NodeValue::Null(null, unknown);
  } else if (parts.IsWeighed()) {
    sum.node.flags |= kCrosswalkFlag;
    sum.node.status = ValueStatus::kEstimated;
  }
  return sum;
}

std::string CrossedFigures::NameOf(catalog_client::Ordinal region) const {
  return absl::StrCat("regions/", context_.view->regions()[region].id);
}

std::optional<int64_t> CrossedFigures::MomentOf(const Place& place, const Period& period,
                                                int64_t moment_us) const {
  if (place.is_group) return std::nullopt;
  if (moment_us != kAtEvent) return moment_us;
  const int64_t last_us = period.end_us - 1;
  if (crosswalk_.IsReplaced(place.ordinal, last_us)) return std::nullopt;
  return last_us;
}

const FigureParts& CrossedFigures::PartsOf(const Asked& asked, const Place& place, const Days& days,
                                           int64_t moment_us) {
  const int64_t stated_us = context_.calendar->StartOfDay(days.end) - 1;
  return crosswalk_.PartsOf(place.ordinal, asked.kind, stated_us, moment_us);
}

void CrossedFigures::Want(const Asked& asked, const Place& place, const Period& period,
                          int64_t moment_us) {
  const Calendar& calendar = *context_.calendar;
  const std::optional<int64_t> moment = MomentOf(place, period, moment_us);
  const Days days = DaysOf(calendar, period);
  if (!moment || crosswalk_.empty()) {
    figures_.Want(asked.series, place.name, days, asked.carried);
    return;
  }
  for (const catalog_client::Ordinal region : crosswalk_.SourcesOf(place.ordinal, *moment))
    figures_.Want(asked.series, NameOf(region), days, asked.carried);
}

std::optional<NodeValue> CrossedFigures::FindAt(const Asked& asked, const Place& place,
                                                const Days& days,
                                                const std::optional<int64_t>& moment_us) {
  if (!moment_us) return figures_.Find(asked.series, place.name, days);
  std::optional<Level> made = MakeUp(PartsOf(asked, place, days, *moment_us),
                                     [&](catalog_client::Ordinal region) -> std::optional<Level> {
                                       std::optional<NodeValue> found =
                                           figures_.Find(asked.series, NameOf(region), days);
                                       if (!found) return std::nullopt;
                                       return Level{.node = *std::move(found)};
                                     });
  if (!made) return std::nullopt;
  return std::move(made->node);
}

NodeValue CrossedFigures::Find(const Asked& asked, const Place& place, const Period& period,
                               int64_t moment_us) {
  const Calendar& calendar = *context_.calendar;
  const std::optional<int64_t> moment = MomentOf(place, period, moment_us);
  std::optional<NodeValue> found = FindAt(asked, place, DaysOf(calendar, period), moment);
  if (asked.carried && (!found || found->unknown)) {
    std::optional<Period> earlier = period;
    for (uint32_t back = 1; back <= kMostYears; ++back) {
      earlier = YearsBefore(calendar, *earlier, 1);
      if (!earlier) break;
      std::optional<NodeValue> before = FindAt(asked, place, DaysOf(calendar, *earlier), moment);
      if (!before || before->unknown) continue;
      before->flags |= kCarriedFlag;
      return *std::move(before);
    }
  }
  return found ? *std::move(found) : NodeValue::Null(NullReason::kNoData, /*unknown=*/true);
}

}  // namespace tidemark::analytics
