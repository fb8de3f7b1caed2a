#include "services/analytics/query/per_head.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "common/base/rational.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/boundaries.h"
#include "services/analytics/query/pieces.h"

namespace tidemark::analytics {
namespace {

using catalog_client::Ordinal;

// More would say nothing to people any more.
constexpr size_t kMostNamed = 30;

// What of a period is divided, as whole days.
struct PeriodDays {
  // Its last day decides the population.
  DaySpan population;
  // Empty: the period is not made of whole days, or has no start or end.
  DaySpan product;
  bool part_year = true;
};

class Divider {
 public:
  Divider(const Plan& plan, const EnginePlan& engine_plan, const EngineResult& result)
      : plan_(plan), engine_plan_(engine_plan), result_(result), crosswalk_(*plan.view) {
    for (const PlannedPeriod& period : plan.periods) days_.push_back(DaysOfPeriod(period));
  }

  const PeriodDays& days(uint32_t cell) const { return days_[result_.period[cell]]; }

  const Denominator& Of(size_t per_head, uint32_t cell) {
    const OfficialPlace place = PlaceOf(cell);
    const uint32_t period = result_.period[cell];
    const auto [it, fresh] = found_.try_emplace({per_head, place, period});
    if (!fresh) return it->second;
    const PlannedPerHead& planned = plan_.per_head[per_head];
    const DaySpan& days = planned.by_population ? days_[period].population : days_[period].product;
    if (place.ordinal != catalog_client::kNone &&
        IsToldOf(plan_, place, days_[period].population)) {
      it->second = FindDenominator(&crosswalk_, *plan_.calendar, *planned.denominators, place, days,
                                   plan_.periods[period].fixed_us);
    }
    return it->second;
  }

 private:
  PeriodDays DaysOfPeriod(const PlannedPeriod& period) const {
    const Calendar& calendar = *plan_.calendar;
    PeriodDays days;
    days.population = LastDayOf(plan_, period);
    if (period.asked_start_us == kBeginningOfTime || period.asked_end_us == kEndOfTime) return days;
    const DaySpan asked = {calendar.DayOf(period.asked_start_us),
                           calendar.DayOf(period.asked_end_us - 1) + 1};
    const bool whole = calendar.StartOfDay(asked.first) == period.asked_start_us &&
                       calendar.StartOfDay(asked.end) == period.asked_end_us;
    if (!whole) return days;
    days.product = asked;
    const absl::CivilDay first = absl::CivilDay(1970, 1, 1) + asked.first;
    const absl::CivilDay end = absl::CivilDay(1970, 1, 1) + asked.end;
    days.part_year =
        end.year() == first.year() || end != absl::CivilDay(end.year(), first.month(), first.day());
    return days;
  }

  OfficialPlace PlaceOf(uint32_t cell) const {
    if (plan_.place.dimension >= 0) {
      const auto d = static_cast<size_t>(plan_.place.dimension);
      const Group& group = engine_plan_.groups[d][result_.groups[d][cell]];
      if (group.kind != MemberKind::kCode) return {};
      return {group.ordinal};
    }
    const PlannedFilter& filter = plan_.filters[static_cast<size_t>(plan_.place.filter)];
    if (!filter.groups.empty()) return {filter.groups.front(), /*is_group=*/true};
    if (filter.roots.empty()) return {};
    const std::optional<int64_t> fixed_us = plan_.periods[result_.period[cell]].fixed_us;
    return {Boundaries(*plan_.view, fixed_us).Of(filter.roots.front())};
  }

  const Plan& plan_;
  const EnginePlan& engine_plan_;
  const EngineResult& result_;
  Crosswalk crosswalk_;
  // By period of the plan.
  std::vector<PeriodDays> days_;
  std::map<std::tuple<size_t, OfficialPlace, uint32_t>, Denominator> found_;
};

}  // namespace

DaySpan LastDayOf(const Plan& plan, const PlannedPeriod& period) {
  const int64_t end_us = plan.HasPeriods() ? period.period.end_us : period.asked_end_us;
  const int64_t last_us = end_us == kEndOfTime ? plan.snapshot.accepted_time_us : end_us - 1;
  const int64_t day = plan.calendar->DayOf(last_us);
  return {day, day + 1};
}

bool IsWithin(const Plan& plan, const PlannedFilter& filter, const OfficialPlace& place,
              const DaySpan& days) {
  std::vector<Ordinal> roots = filter.roots;
  for (const Ordinal group : filter.groups) {
    if (place.is_group && group == place.ordinal) return true;
    const std::vector<Ordinal> more =
        MembersOf(*plan.view, *plan.calendar, {group, /*is_group=*/true}, days);
    roots.insert(roots.end(), more.begin(), more.end());
  }
  const std::vector<Ordinal> members = MembersOf(*plan.view, *plan.calendar, place, days);
  return !members.empty() && std::all_of(members.begin(), members.end(), [&](Ordinal member) {
    return std::any_of(roots.begin(), roots.end(),
                       [&](Ordinal root) { return plan.view->RegionIsWithin(member, root); });
  });
}

bool IsToldOf(const Plan& plan, const OfficialPlace& place, const DaySpan& days) {
  for (size_t f = plan.own_filters; f < plan.filters.size(); ++f) {
    const PlannedFilter& scope = plan.filters[f];
    if (scope.word == nullptr || scope.word->codes != CodeKind::kRegions) continue;
    if (!IsWithin(plan, scope, place, days)) return false;
  }
  return true;
}

void NoteFigures(std::string_view code, const std::set<OfficialFigure>& figures,
                 std::vector<PlanNote>* notes) {
  // By series and vintage; in the order of the set, so each period comes once.
  std::map<std::pair<std::string_view, std::string_view>, std::vector<std::string>> read;
  for (const OfficialFigure& figure : figures) {
    const std::string status =
        figure.status == 'A' ? "" : absl::StrCat(" (", std::string(1, figure.status), ")");
    std::vector<std::string>& periods = read[{figure.series, figure.vintage}];
    std::string period = absl::StrCat(figure.period, status);
    if (periods.empty() || periods.back() != period) periods.push_back(std::move(period));
  }
  if (read.empty()) return;
  std::vector<std::string> parts;
  for (const auto& [source, periods] : read) {
    if (parts.size() == kMostNamed) {
      parts.push_back(absl::StrCat("and ", read.size() - kMostNamed, " more"));
      break;
    }
    parts.push_back(
        absl::StrCat(source.first, " of ", source.second, ": ", absl::StrJoin(periods, ", ")));
  }
  notes->push_back({std::string(code), absl::StrJoin(parts, "; ")});
}

absl::StatusOr<PerHeadColumns> DividePerHead(const Plan& plan, const EnginePlan& engine_plan,
                                             const EngineResult& result, const CellFacts& facts,
                                             const std::vector<uint32_t>& rows) {
  PerHeadColumns columns;
  if (plan.per_head.empty()) return columns;
  columns.flags.resize(rows.size());
  Divider divider(plan, engine_plan, result);
  base::Rational scale(1);
  for (int i = 0; i < plan.view->observatory()->scale; ++i) scale *= base::Rational(10);
  for (const bool by_population : {true, false}) {
    // They stay where they are in the divider.
    std::set<const Denominator*> used;
    for (size_t p = 0; p < plan.per_head.size(); ++p) {
      const PlannedPerHead& per_head = plan.per_head[p];
      if (per_head.by_population != by_population) continue;
      const auto m = static_cast<size_t>(per_head.measure);
      const bool money = plan.measures[m].word->unit == Unit::kMoney;
      std::vector<Number>& numbers = columns.numbers.emplace_back(rows.size());
      for (size_t row = 0; row < rows.size(); ++row) {
        if (row % kSlowRowsPerLook == 0) TM_RETURN_IF_ERROR(Look(engine_plan.query.stop));
        const uint32_t cell = rows[row];
        if (by_population && divider.days(cell).part_year) columns.flags[row] |= kPartYear;
        if (const NullReason own = facts.values(m).null(cell); own != NullReason::kNone) {
          numbers[row].null = own;
          continue;
        }
        const Denominator& of = divider.Of(p, cell);
        if (!of.found() || of.value.Sign() <= 0) {
          numbers[row].null = of.found() ? NullReason::kZeroDenominator : of.null;
          continue;
        }
        const base::Rational value(facts.values(m).integers[cell]);
        numbers[row].value = (value / (money ? of.value * scale : of.value)).ToDouble();
        if (of.carried) columns.flags[row] |= kCarried;
        if (of.qualified()) columns.flags[row] |= kQualified;
        if (of.weighed) columns.flags[row] |= kWeighed;
        used.insert(&of);
      }
    }
    std::set<OfficialFigure> figures;
    for (const Denominator* of : used) figures.insert(of->figures.begin(), of->figures.end());
    NoteFigures(by_population ? "POPULATION" : "GDP", figures, &columns.notes);
  }
  return columns;
}

}  // namespace tidemark::analytics
