#include "services/analytics/statistics/targets/target_figures.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/analytics/statistics/indicator/unit_scale.h"
#include "services/analytics/statistics/targets/month_sums.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// SDMX CL_OBS_STATUS, from the best to the least good.
constexpr std::pair<pb::ObservationStatus, std::string_view> kLetters[] = {
    {pb::OBSERVATION_STATUS_NORMAL, "A"},      {pb::OBSERVATION_STATUS_REVISED, "R"},
    {pb::OBSERVATION_STATUS_PROVISIONAL, "P"}, {pb::OBSERVATION_STATUS_ESTIMATED, "E"},
    {pb::OBSERVATION_STATUS_IMPUTED, "I"},     {pb::OBSERVATION_STATUS_LOW_RELIABILITY, "U"},
    {pb::OBSERVATION_STATUS_FORECAST, "F"},
};

size_t RankOf(pb::ObservationStatus status) {
  const auto found = std::find_if(std::begin(kLetters), std::end(kLetters),
                                  [&](const auto& letter) { return letter.first == status; });
  return found == std::end(kLetters) ? 0 : static_cast<size_t>(found - std::begin(kLetters));
}

// The sum of some figures, some subtracted.
Actual MakeActual(const std::vector<std::pair<const Figure*, int>>& parts,
                  const PeriodSpan& period) {
  Actual actual{.value = {}, .period = period};
  size_t rank = 0;
  std::vector<std::string> vintages;
  for (const auto& [figure, sign] : parts) {
    actual.value.value += base::Rational(sign) * *figure->value;
    actual.qualified |= figure->qualified;
    // What stands alone is compared with no earlier figure.
    actual.break_before |= parts.size() > 1 && figure->break_before;
    rank = std::max(rank, RankOf(figure->status));
    if (std::find(vintages.begin(), vintages.end(), figure->vintage) == vintages.end())
      vintages.push_back(figure->vintage);
  }
  actual.status = kLetters[rank].second;
  for (const std::string& vintage : vintages)
    absl::StrAppend(&actual.source, actual.source.empty() ? "" : ", ", vintage);
  return actual;
}

Actual OfOne(const Figure& figure) { return MakeActual({{&figure, 1}}, figure.period); }

bool IsWanted(const Figure& figure, const WantedPeriod& wanted) {
  if (wanted.asked) return figure.period == *wanted.asked;
  return AreLike(figure.period, wanted.due);
}

bool Earlier(const Figure* a, const Figure* b) {
  return std::pair(a->period.end_day(), a->period.first_day()) <
         std::pair(b->period.end_day(), b->period.first_day());
}

// Four quarters that end with what is asked for, or the last that there are.
std::optional<Actual> FindTrailing(const std::vector<const Figure*>& figures,
                                   const WantedPeriod& wanted) {
  if (!wanted.additive || !IsYear(wanted.due)) return std::nullopt;
  if (wanted.asked && !wanted.asked->in_months) return std::nullopt;
  MonthSums sums;
  std::vector<const Figure*> parts;
  for (const Figure* const figure : figures) {
    if (!figure->is_stated() || !figure->period.in_months) continue;
    sums.Add(figure->period.first, figure->period.end);
    parts.push_back(figure);
  }
  const std::optional<int64_t> end =
      wanted.asked ? std::optional(wanted.asked->end) : sums.LastYearEnd();
  if (!end || *end % kMonthsOfQuarter != 0) return std::nullopt;
  const PeriodSpan year{true, *end - kMonthsOfYear, *end};
  const auto terms = sums.Find(year.first, year.end);
  if (!terms) return std::nullopt;
  std::vector<std::pair<const Figure*, int>> made_of;
  for (const MonthSums::Term& term : *terms) made_of.emplace_back(parts[term.part], term.sign);
  Actual actual = MakeActual(made_of, year);
  actual.trailing = true;
  return actual;
}

std::optional<Actual> FindForecast(const std::vector<const Figure*>& figures,
                                   const WantedPeriod& wanted) {
  if (!IsYear(wanted.due) || !wanted.is_like()) return std::nullopt;
  int64_t stated_until = INT64_MIN;
  for (const Figure* const figure : figures) {
    if (figure->is_stated()) stated_until = std::max(stated_until, figure->period.end_day());
  }
  for (const Figure* const figure : figures) {
    if (!figure->is_forecast() || !figure->value || !IsWanted(*figure, wanted)) continue;
    if (!wanted.asked && figure->period.end_day() < stated_until) continue;
    Actual actual = OfOne(*figure);
    actual.forecast = true;
    return actual;
  }
  return std::nullopt;
}

// Those that are not later than what is wanted, by the end of their periods.
std::vector<const Figure*> InTime(const std::vector<Figure>& figures, const WantedPeriod& wanted) {
  std::vector<const Figure*> in_time;
  for (const Figure& figure : figures) {
    if (figure.period.end_day() <= wanted.last_day()) in_time.push_back(&figure);
  }
  std::stable_sort(in_time.begin(), in_time.end(), Earlier);
  return in_time;
}

}  // namespace

std::optional<Figure> FigureOf(const pb::Observation& observation, const base::Rational& to_goal) {
  const auto period = SpanOf(observation.period());
  if (!period) return std::nullopt;
  Figure figure{.period = *period,
                .status = observation.status(),
                .qualified = observation.qualifier() > pb::QUALIFIER_EXACT,
                .break_before = observation.break_before(),
                .vintage = observation.vintage()};
  if (observation.has_value()) {
    figure.value = PublishedValue(observation) * to_goal;
  }
  return figure;
}

Actual FindActual(const std::vector<Figure>& figures, const WantedPeriod& wanted) {
  const std::vector<const Figure*> in_time = InTime(figures, wanted);
  Actual none{.period = wanted.asked};
  if (wanted.is_like()) {
    for (auto figure = in_time.rbegin(); figure != in_time.rend(); ++figure) {
      if (!IsWanted(**figure, wanted)) continue;
      if ((*figure)->is_stated()) return OfOne(**figure);
      // Not to be found out from what else is published.
      if ((*figure)->status == pb::OBSERVATION_STATUS_SUPPRESSED)
        none.value.null = NullReason::kSuppressed;
    }
    if (wanted.asked && none.value.null == NullReason::kSuppressed) return none;
  }
  if (auto trailing = FindTrailing(in_time, wanted)) return *std::move(trailing);
  if (auto forecast = FindForecast(in_time, wanted)) return *std::move(forecast);
  const bool has_others = std::any_of(in_time.begin(), in_time.end(), [&](const Figure* figure) {
    return figure->is_stated() &&
           (!wanted.asked || figure->period.end_day() > wanted.asked->first_day());
  });
  if (none.value.null != NullReason::kSuppressed && has_others)
    none.value.null = NullReason::kPeriodMismatch;
  return none;
}

const Figure* FindFirstMonths(const std::vector<Figure>& figures, const WantedPeriod& wanted) {
  if (!wanted.additive || !IsYear(wanted.due)) return nullptr;
  const Figure* newest = nullptr;
  for (const Figure* const figure : InTime(figures, wanted)) {
    if (!figure->is_stated()) continue;
    const bool first_months = figure->period.in_months && figure->period.length() < kMonthsOfYear &&
                              (figure->period.first - wanted.due.first) % kMonthsOfYear == 0;
    if (newest != nullptr && newest->period.end_day() < figure->period.end_day()) newest = nullptr;
    // Of several that end on the newest day the first months count, whatever else there is.
    if (first_months) newest = figure;
  }
  return newest;
}

}  // namespace tidemark::analytics
