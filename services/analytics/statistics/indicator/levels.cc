#include "services/analytics/statistics/indicator/levels.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/geographies.h"
#include "services/analytics/query/vocabulary.h"
#include "services/analytics/statistics/indicator/catalog_filter.h"
#include "services/analytics/statistics/indicator/crossed_figures.h"
#include "services/analytics/statistics/indicator/figures.h"
#include "services/analytics/statistics/indicator/unit_scale.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

constexpr std::string_view kRegions = "regions/";

Level LevelOf(const pb::Observation& observation) {
  Level level;
  level.node = ValueOfFigure(observation);
  if (level.node.null == NullReason::kNone) {
    const base::Rational half = base::Rational::PowerOfTen(-DecimalsOf(observation.value())) /
                                base::Rational(2 * std::max(1u, observation.divisor())) *
                                ScaleOf(observation.unit());
    level.low = level.node.value - half;
    level.high = level.node.value + half;
  }
  if (observation.source().has_published()) {
    type::v1::Period day;
    day.set_grain(type::v1::PERIOD_GRAIN_DAY);
    *day.mutable_start() = observation.source().published();
    level.published = DaysOf(day).first;
  }
  return level;
}

Level NoLevel() {
  Level level;
  level.node = NodeValue::Null(NullReason::kNoData, /*unknown=*/true);
  return level;
}

}  // namespace

LevelSlices SlicesOf(const pb::ObservationSeries& series) {
  LevelSlices slices;
  for (const pb::Slice& slice : series.slices()) slices[slice.dimension()] = slice.code();
  return slices;
}

PublishedLevels::PublishedLevels(const StatisticContext& context, bool adds_up,
                                 const std::map<std::string, const pb::ObservationSeries*>& series,
                                 const std::vector<pb::Observation>& observations)
    : context_(context), adds_up_(adds_up), crosswalk_(*context.view) {
  std::map<std::string, size_t> numbers;
  for (const auto& [name, one] : series) {
    if (one->form() != pb::SERIES_FORM_LEVEL) continue;
    numbers[name] = levels_.size();
    levels_.push_back({one, {}});
  }
  for (const pb::Observation& observation : observations) {
    const auto number = numbers.find(observation.series());
    if (number == numbers.end()) continue;
    levels_[number->second].figures[{observation.region(), DaysOf(observation.period())}] =
        &observation;
  }
}

std::optional<Level> PublishedLevels::FindIn(const Stated& stated, const std::string& region,
                                             const Days& days, int64_t end_us) {
  const auto of = [&](const std::string& place) -> std::optional<Level> {
    const auto found = stated.figures.find({place, days});
    if (found == stated.figures.end()) return std::nullopt;
    return LevelOf(*found->second);
  };
  const auto* const at = context_.view->regions().Find(absl::StripPrefix(region, kRegions));
  if (end_us == kAtEvent || at == nullptr || !absl::StartsWith(region, kRegions)) return of(region);
  const Calendar& calendar = *context_.calendar;
  const FigureParts& parts = crosswalk_.PartsOf(
      at->ordinal, KindOfFigure(stated.series->unit(), adds_up_), calendar.StartOfDay(days.end) - 1,
      LastMomentOf(calendar, context_.snapshot, end_us));
  return MakeUp(parts, [&](catalog_client::Ordinal part) {
    return of(absl::StrCat(kRegions, context_.view->regions()[part].id));
  });
}

Level PublishedLevels::Find(const std::string& region, const LevelSlices& slices,
                            const Period& period, int64_t end_us) {
  const Days days = DaysOf(*context_.calendar, period);
  const Stated* best = nullptr;
  std::optional<Level> level;
  // The first by name among equals.
  const auto worse = [this](const pb::ObservationSeries& series) {
    return rates_ == nullptr ? std::tuple(false, false, false)
                             : std::tuple(series.publisher() != rates_->publisher(),
                                          series.price_basis() != rates_->price_basis(),
                                          series.adjustment() != rates_->adjustment());
  };
  for (const Stated& stated : levels_) {
    if (SlicesOf(*stated.series) != slices) continue;
    if (best != nullptr && worse(*stated.series) >= worse(*best->series)) continue;
    std::optional<Level> found = FindIn(stated, region, days, end_us);
    if (!found) continue;
    best = &stated;
    level = std::move(found);
  }
  if (best == nullptr) return NoLevel();
  unit_ = best->series->unit();
  return *std::move(level);
}

ComputedLevels::Part* ComputedLevels::PartOf(const LevelSlices& slices) {
  const auto known = parts_.find(slices);
  if (known != parts_.end()) return &known->second;
  if (!slices.empty() && book_.reads_series()) return nullptr;
  std::vector<Query::Filter> filters;
  for (const auto& [dimension, code] : slices) {
    const DimensionWord* const word = FindDimension(dimension);
    if (word == nullptr) return nullptr;
    const bool word_of_list = word->codes == CodeKind::kEnumeration;
    filters.push_back(
        {.dimension = dimension, .codes = {word_of_list ? absl::AsciiStrToLower(code) : code}});
  }
  Part& part = parts_[slices];
  part.filters = std::move(filters);
  part.evaluator = std::make_unique<Evaluator>(context_, book_, part.filters);
  return &part;
}

absl::Status ComputedLevels::Prepare() {
  TM_RETURN_IF_ERROR(status_);
  for (auto& [slices, part] : parts_) TM_RETURN_IF_ERROR(part.evaluator->Prepare(part.spots));
  prepared_ = true;
  return absl::OkStatus();
}

Level ComputedLevels::Find(const std::string& region, const LevelSlices& slices,
                           const Period& period, int64_t end_us) {
  const auto frequency = static_cast<Grain>(book_.indicator().frequency());
  Part* const part = PartOf(slices);
  if (part == nullptr || !HoldsOne(*context_.calendar, period, frequency)) return NoLevel();
  const absl::StatusOr<uint32_t> place = part->evaluator->places().NumberOf(region);
  if (!place.ok()) {
    status_.Update(place.status());
    return NoLevel();
  }
  const int64_t moment_us = end_us == kAtEvent ? kAtEvent : part->evaluator->MomentOf(end_us);
  const Spot spot{*place, part->evaluator->periods().NumberOf(period), moment_us};
  Level level;
  if (!prepared_) {
    part->spots.push_back(spot);
    level.node.value = level.low = level.high = 1;
    return level;
  }
  absl::StatusOr<NodeValue> value = part->evaluator->Evaluate(spot);
  if (!value.ok()) {
    status_.Update(value.status());
    return NoLevel();
  }
  level.node = *std::move(value);
  level.low = level.high = level.node.value;
  return level;
}

std::vector<PlanNote> ComputedLevels::notes() const {
  std::vector<PlanNote> notes;
  for (const auto& [slices, part] : parts_) AddNewNotes(part.evaluator->measures().notes(), &notes);
  return notes;
}

uint64_t ComputedLevels::effects_scanned() const {
  uint64_t effects = 0;
  for (const auto& [slices, part] : parts_) effects += part.evaluator->measures().effects_scanned();
  return effects;
}

}  // namespace tidemark::analytics
