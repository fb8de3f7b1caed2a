#include "services/analytics/statistics/forecast/forecast.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/analytics/statistics/forecast/ets_fit.h"
#include "services/analytics/statistics/forecast/ets_forecast.h"
#include "services/analytics/statistics/forecast/forecast_tables.h"
#include "services/analytics/statistics/forecast/history.h"
#include "services/analytics/statistics/forecast/rolling_origin.h"
#include "services/analytics/statistics/forecast/seasonal_naive.h"

namespace tidemark::analytics {
namespace {

// Periods that models of back-tests are estimated from, altogether: some seconds.
constexpr size_t kMaxBackTestWork = 8 * kMaxHistory;

// The names of the periods after the history.
absl::StatusOr<std::vector<std::string>> NextPeriods(const Calendar& calendar,
                                                     const std::string& last, bool joined,
                                                     size_t count) {
  if (joined) return NextJoinedMonths(last, count);
  TM_ASSIGN_OR_RETURN(Period period, calendar.Parse(last));
  std::vector<std::string> names;
  while (names.size() < count) {
    period = calendar.Next(period);
    names.push_back(calendar.Name(period));
  }
  return names;
}

void AddNotes(const ForecastQuestion& question, const History& history, int season,
              std::vector<PlanNote>* notes) {
  *notes = history.notes;
  notes->push_back(
      {"NOT_CERTIFIED", "an estimate: it repeats within 1e-9, but no release may certify it"});
  if (history.points.empty()) {
    notes->push_back(
        {"NO_HISTORY",
         "no period has a value that can be used, so there is nothing to forecast from; "
         "widen the filters or the range"});
  } else if (question.season > 1 && season == 1) {
    notes->push_back(
        {"NO_SEASON", absl::StrCat("there are less than two seasons of ", question.season,
                                   " periods, so only level and trend are "
                                   "estimated")});
  }
}

}  // namespace

absl::StatusOr<Forecast> ComputeForecast(const StatisticContext& context,
                                         const ForecastQuestion& question) {
  TM_ASSIGN_OR_RETURN(const History history,
                      ReadHistory(context, question.query, question.join_january_february));
  Forecast answer;
  answer.effects_scanned = history.effects_scanned;
  std::vector<double> values;
  for (const SeriesPoint& point : history.points) values.push_back(point.value);
  const int season = TellableSeason(question.season, values.size());

  ForecastFigures figures;
  if (!history.points.empty()) {
    TM_ASSIGN_OR_RETURN(figures.periods,
                        NextPeriods(*context.calendar, history.points.back().period,
                                    question.join_january_february, question.horizon));
  }
  figures.back_test.ets.resize(question.horizon);
  figures.back_test.naive.resize(question.horizon);
  if (values.size() >= kMinPoints) {
    const size_t origins = std::min(question.origins, kMaxBackTestWork / values.size());
    const NormalPaths paths(question.horizon);
    TM_ASSIGN_OR_RETURN(figures.fits, FitAll(season, values, context.stop));
    figures.ets = ForecastEts(figures.fits.front(), paths);
    figures.naive = ForecastSeasonalNaive(season, values, question.horizon);
    TM_ASSIGN_OR_RETURN(figures.back_test,
                        RunBackTest(season, values, origins, paths, context.stop));
  }
  answer.history = HistoryTable(history);
  answer.forecast = ForecastTable(history, figures);
  answer.models = ModelsTable(history, figures);
  answer.back_test = BackTestTable(figures);
  AddNotes(question, history, season, &answer.history.notes);
  answer.forecast.notes = answer.history.notes;
  return answer;
}

}  // namespace tidemark::analytics
