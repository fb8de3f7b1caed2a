#include "services/analytics/statistics/indicator/measures_asked.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/answer.h"
#include "services/analytics/query/measures.h"
#include "services/analytics/query/vocabulary.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

constexpr size_t kMostQueries = 10'000;
// Of regions in one query, as filters have codes.
constexpr size_t kPlacesPerQuery = 1'000;

// The number of the level at which the region stands itself; 0: none.
int LevelOf(const catalog_client::CatalogView& view, const Place& place) {
  if (place.is_group) return 0;
  const auto levels = RegionLevelNames();
  for (int level = 1; level < static_cast<int>(levels.size()); ++level) {
    if (view.RegionAtLevel(place.ordinal, RegionLevelAt(level)) == place.ordinal) return level;
  }
  return 0;
}

NodeValue ValueOfCell(const CellValues& values, uint32_t cell, const MeasureWord& word, int scale) {
  NodeValue value;
  if (values.null(cell) != NullReason::kNone) {
    value.SetNull(values.null(cell));
  } else if (values.doubles) {
    value.value = base::Rational::FromDouble(values.reals[cell]);
    value.exact = false;
  } else {
    value.value = base::Rational(values.integers[cell]);
    if (word.unit == Unit::kMoney) value.value *= base::Rational::PowerOfTen(-scale);
  }
  return value;
}

EngineResult NoEvents(const EngineQuery& query) {
  EngineResult none;
  none.period = {0};
  none.aggregates.assign(query.aggregates.size(), {0});
  none.quantiles.assign(query.quantiles.size(), {0});
  none.purchases = {0};
  return none;
}

}  // namespace

void MeasuresAsked::AddFilter(const pb::FormulaFilter& filter, Asked* asked) const {
  Query::Filter made{.dimension = filter.dimension(),
                     .codes = {filter.codes().begin(), filter.codes().end()},
                     .unknown = filter.unknown(),
                     .exclude = filter.exclude(),
                     .added = true};
  if (IsCatalogDimension(made.dimension)) {
    asked->catalog_filters.push_back(std::move(made));
    return;
  }
  const DimensionWord* const word = FindDimension(made.dimension);
  // The catalog writes PERSONS what queries write persons.
  if (word != nullptr && word->codes == CodeKind::kEnumeration) {
    for (std::string& code : made.codes) code = absl::AsciiStrToLower(code);
  }
  if (word != nullptr && word->codes == CodeKind::kOpen) {
    // An indicator may be about what nobody has reported yet.
    std::erase_if(made.codes, [&](const std::string& code) {
      return !context_.store->HasCode(word->field, code, context_.snapshot.log_size);
    });
    if (made.codes.empty() && !made.unknown) {
      asked->nothing = asked->nothing || !made.exclude;
      return;
    }
  }
  asked->filters.push_back(std::move(made));
}

uint32_t MeasuresAsked::NumberOf(const pb::MeasureNode& node, const std::set<std::string>& over) {
  std::string key = node.SerializeAsString();
  absl::StrAppend(&key, "\n", absl::StrJoin(over, "\n"));
  const auto [it, fresh] = numbers_.try_emplace(key, static_cast<uint32_t>(measures_.size()));
  if (!fresh) return it->second;
  Asked asked;
  asked.measure = {node.name(), node.quantile(), node.name()};
  asked.place = node.place().empty() ? "consumer_region" : node.place();
  for (const Query::Filter& filter : filters_) {
    if (!over.contains(filter.dimension)) asked.filters.push_back(filter);
  }
  for (const pb::FormulaFilter& filter : node.filters()) {
    if (!over.contains(filter.dimension())) AddFilter(filter, &asked);
  }
  measures_.push_back(std::move(asked));
  return it->second;
}

absl::Status MeasuresAsked::CheckRequest() const {
  if (filters_.empty()) return absl::OkStatus();
  Query query;
  query.measures = {{.name = "events", .column = "events"}};
  query.filters.assign(filters_.begin(), filters_.end());
  return PlanQuery(context_, query).status();
}

MeasuresAsked::Together MeasuresAsked::TogetherOf(const Spot& spot) const {
  const Place& place = places_[spot.place];
  Together together{.moment_us = spot.moment_us};
  // What counts as another region would not be found under its own code.
  const bool replaced =
      !place.is_group &&
      BoundariesAt(*context_.view, spot.moment_us).Of(place.ordinal) != place.ordinal;
  if (!replaced) together.level = LevelOf(*context_.view, place);
  return together;
}

absl::Status MeasuresAsked::Ask() {
  if (wanted_.empty()) return absl::OkStatus();
  TM_RETURN_IF_ERROR(CheckRequest());
  for (const auto& [measure, spots] : wanted_) {
    std::map<Together, std::map<uint32_t, std::set<uint32_t>>> by_level;
    for (const Spot& spot : spots) by_level[TogetherOf(spot)][spot.place].insert(spot.period);
    for (const auto& [of, places] : by_level) {
      std::vector<uint32_t> together;
      std::set<uint32_t> periods;
      for (const auto& [place, of_place] : places) {
        if (of.level == 0 || places.size() == 1) {
          TM_RETURN_IF_ERROR(AskPlaces(measure, {of.moment_us}, {place}, of_place));
          continue;
        }
        together.push_back(place);
        periods.insert(of_place.begin(), of_place.end());
        if (together.size() == kPlacesPerQuery) {
          TM_RETURN_IF_ERROR(AskPlaces(measure, of, together, periods));
          together.clear();
          periods.clear();
        }
      }
      if (!together.empty()) TM_RETURN_IF_ERROR(AskPlaces(measure, of, together, periods));
    }
  }
  wanted_.clear();
  return absl::OkStatus();
}

std::vector<MeasuresAsked::Run> MeasuresAsked::RunsOf(const std::set<uint32_t>& periods) const {
  const Calendar& calendar = *context_.calendar;
  std::vector<uint32_t> sorted(periods.begin(), periods.end());
  std::sort(sorted.begin(), sorted.end(), [this](uint32_t a, uint32_t b) {
    return std::tuple(periods_[a].grain, periods_[a].start_us, periods_[a].end_us) <
           std::tuple(periods_[b].grain, periods_[b].start_us, periods_[b].end_us);
  });
  std::vector<Run> runs;
  for (const uint32_t number : sorted) {
    const Period& period = periods_[number];
    const bool named = period.grain != Grain::kAll;
    const bool goes_on = named && !runs.empty() && runs.back().grain == period.grain &&
                         periods_[runs.back().periods.back()].end_us == period.start_us;
    if (!goes_on) runs.push_back({.periods = {}, .grain = period.grain, .first = {}, .last = {}});
    Run& run = runs.back();
    run.periods.push_back(number);
    const auto name = [&](int64_t time_us) {
      return calendar.Name(named ? period : calendar.At(Grain::kDay, time_us));
    };
    if (!goes_on) run.first = name(period.start_us);
    run.last = name(period.end_us - 1);
  }
  return runs;
}

Query MeasuresAsked::BaseQuery(const Asked& asked, const Run& run, int64_t moment_us) const {
  Query query;
  query.measures = {asked.measure};
  query.filters = asked.filters;
  query.grain = run.grain;
  query.first = run.first;
  query.last = run.last;
  if (moment_us == kAtEvent) return query;
  query.geography = Geography::kFixed;
  query.has_fixed_on = true;
  query.fixed_on = context_.calendar->DayOf(moment_us);
  return query;
}

absl::Status MeasuresAsked::AskPlaces(uint32_t measure, const Together& together,
                                      const std::vector<uint32_t>& places,
                                      const std::set<uint32_t>& periods) {
  for (const Run& run : RunsOf(periods)) {
    if (++queries_ > kMostQueries) {
      return status::WithReason(
          absl::ResourceExhaustedError(absl::StrCat(
              "the formula asks for more than ", kMostQueries,
              " tables of events; name fewer places or periods, or regions instead of groups")),
          "TOO_MANY_QUERIES");
    }
    const absl::Status asked = AskRun(measure, together, places, run);
    if (!absl::IsInvalidArgument(asked)) {
      TM_RETURN_IF_ERROR(asked);
      continue;
    }
    // The request's own filters are good, so it is the formula's.
    return status::WithReason(absl::FailedPreconditionError(absl::StrCat(
                                  "the formula cannot be answered at this snapshot: ",
                                  measures_[measure].measure.name, ": ", asked.message())),
                              "FORMULA_NOT_ANSWERABLE");
  }
  return absl::OkStatus();
}

absl::StatusOr<AskedCells> MeasuresAsked::AskEngine(const Asked& asked, const Query& query) {
  AskedCells cells;
  TM_ASSIGN_OR_RETURN(cells.plan, PlanQuery(context_, query));
  TM_ASSIGN_OR_RETURN(cells.engine_plan, MakeEnginePlan(cells.plan, *context_.store));
  cells.engine_plan.query.stop = context_.stop;
  if (asked.nothing) cells.plan.has_effects = false;
  if (cells.plan.has_effects) {
    for (const Query::Filter& filter : asked.catalog_filters)
      TM_RETURN_IF_ERROR(catalog_filters_.Add(filter, &cells.engine_plan.query));
  }
  TM_ASSIGN_OR_RETURN(cells.result, AskStore(cells.plan, cells.engine_plan, *context_.store));
  effects_scanned_ += cells.result.effects_scanned;
  return cells;
}

absl::Status MeasuresAsked::AskRun(uint32_t measure, const Together& together,
                                   const std::vector<uint32_t>& places, const Run& run) {
  if (context_.stop) TM_RETURN_IF_ERROR(context_.stop());
  const Asked& asked = measures_[measure];
  const int level = together.level;
  Query query = BaseQuery(asked, run, together.moment_us);
  // Coverage is told of every period where nothing is broken down, and places have the same.
  TM_ASSIGN_OR_RETURN(const Plan whole, PlanQuery(context_, query));
  absl::flat_hash_map<int64_t, PeriodCoverage> coverage;
  for (const PlannedPeriod& period : whole.periods)
    coverage.emplace(period.period.start_us, period.coverage);
  Query::Filter place{.dimension = asked.place, .codes = {}, .added = true};
  absl::flat_hash_map<std::string_view, uint32_t> place_of;
  for (const uint32_t number : places) {
    place.codes.push_back(places_[number].code);
    place_of.emplace(places_[number].code, number);
  }
  query.filters.push_back(std::move(place));
  if (level != 0)
    query.dimensions = {{asked.place, std::string(RegionLevelNames()[static_cast<size_t>(level)])}};
  TM_ASSIGN_OR_RETURN(const AskedCells cells, AskEngine(asked, query));
  const Plan& plan = cells.plan;
  Remember(plan);
  const MeasureWord& word = *plan.measures[0].word;
  TM_ASSIGN_OR_RETURN(
      const CellValues values,
      ComputeMeasure(plan.measures[0], cells.engine_plan.query, cells.result, context_.scale()));
  TM_ASSIGN_OR_RETURN(const CellValues nothing,
                      ComputeMeasure(plan.measures[0], cells.engine_plan.query,
                                     NoEvents(cells.engine_plan.query), context_.scale()));
  absl::flat_hash_map<std::pair<uint32_t, int64_t>, NodeValue> found;
  for (uint32_t cell = 0; cell < cells.result.period.size(); ++cell) {
    uint32_t number = places.front();
    if (level != 0) {
      const Group& group = cells.engine_plan.groups[0][cells.result.groups[0][cell]];
      const auto known = place_of.find(group.code);
      if (group.kind != MemberKind::kCode || known == place_of.end()) continue;
      number = known->second;
    }
    const int64_t start_us = plan.periods[cells.result.period[cell]].period.start_us;
    found.emplace(std::pair(number, start_us), ValueOfCell(values, cell, word, context_.scale()));
  }
  for (const uint32_t period : run.periods) {
    const int64_t start_us = periods_[period].start_us;
    const auto of_period = coverage.find(start_us);
    const PeriodCoverage covered =
        of_period == coverage.end() ? PeriodCoverage() : of_period->second;
    for (const uint32_t number : places) {
      const auto cell = found.find(std::pair(number, start_us));
      NodeValue value = cell != found.end() ? cell->second
                        : covered.reported  ? ValueOfCell(nothing, 0, word, context_.scale())
                                            : NodeValue::Null(NullReason::kNotReported, true);
      if (covered.partial) {
        value.partial = true;
        value.flags |= kPartialFlag;
        value.status = ValueStatus::kProvisional;
      }
      values_.emplace(std::pair(measure, Spot{number, period, together.moment_us}),
                      std::move(value));
    }
  }
  return absl::OkStatus();
}

void AddNewNotes(const std::vector<PlanNote>& more, std::vector<PlanNote>* notes) {
  for (const PlanNote& note : more) {
    if (std::none_of(notes->begin(), notes->end(), [&](const PlanNote& known) {
          return known.code == note.code && known.message == note.message;
        }))
      notes->push_back(note);
  }
}

void MeasuresAsked::Remember(const Plan& plan) {
  AddNewNotes(plan.notes, &notes_);
  const bool other = region_role_ != RegionRole::kNone && region_role_ != plan.region_role;
  region_role_ = other ? RegionRole::kMixed : plan.region_role;
}

Query MeasuresAsked::QueryOf(uint32_t measure, const Spot& spot) const {
  const Asked& asked = measures_[measure];
  Query query = BaseQuery(asked, RunsOf({spot.period}).front(), spot.moment_us);
  for (const Query::Filter& filter : asked.catalog_filters) query.filters.push_back(filter);
  query.filters.push_back(
      {.dimension = asked.place, .codes = {places_[spot.place].code}, .added = true});
  return query;
}

absl::StatusOr<std::map<uint32_t, PeriodCoverage>> MeasuresAsked::CoverageOf(
    const std::set<uint32_t>& periods) const {
  std::map<uint32_t, PeriodCoverage> coverage;
  for (const Run& run : RunsOf(periods)) {
    Asked events;
    events.measure = {"events", 0, "events"};
    events.filters.assign(filters_.begin(), filters_.end());
    TM_ASSIGN_OR_RETURN(const Plan plan, PlanQuery(context_, BaseQuery(events, run, kAtEvent)));
    size_t next = 0;
    for (const uint32_t period : run.periods) {
      const int64_t start_us = periods_[period].start_us;
      while (next < plan.periods.size() && plan.periods[next].period.start_us < start_us) ++next;
      const bool known =
          next < plan.periods.size() && plan.periods[next].period.start_us == start_us;
      coverage[period] = known ? plan.periods[next].coverage : PeriodCoverage();
    }
  }
  return coverage;
}

}  // namespace tidemark::analytics
