#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_FIGURES_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_FIGURES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/rational.h"
#include "services/analytics/statistics/targets/goal.h"
#include "services/analytics/statistics/targets/period_span.h"
#include "tidemark/catalog/v1/observations.pb.h"

// Official figures of one series in one place, and the actual value that a goal can be compared
// with.
namespace tidemark::analytics {

struct Figure {
  PeriodSpan period;
  // In the goal's unit; nothing where none is stated (MISSING, SUPPRESSED).
  std::optional<base::Rational> value;
  catalog::v1::ObservationStatus status = catalog::v1::OBSERVATION_STATUS_NORMAL;
  // Not stated exactly.
  bool qualified = false;
  // Not to be compared with earlier ones.
  bool break_before = false;
  // `vintages/...`.
  std::string vintage;

  bool is_forecast() const { return status == catalog::v1::OBSERVATION_STATUS_FORECAST; }
  // A number that is no forecast.
  bool is_stated() const { return value.has_value() && !is_forecast(); }
};

// A figure; `to_goal`: what turns its unit into the goal's. Nothing for a period of a grain of a
// later release.
std::optional<Figure> FigureOf(const catalog::v1::Observation& observation,
                               const base::Rational& to_goal);

// What is compared with a goal, and where it comes from.
struct Actual {
  // Null: NO_ACTUAL, PERIOD_MISMATCH, SUPPRESSED, or what an indicator's formula says.
  ExactNumber value{{}, NullReason::kNoActual};
  // Nothing: none was asked for, and none has a value.
  std::optional<PeriodSpan> period;
  bool trailing = false;
  bool forecast = false;
  bool qualified = false;
  bool break_before = false;
  bool carried = false;
  bool weighed = false;
  bool partial = false;
  // SDMX letter, of what it was made of the least good one; empty: null.
  std::string status;
  // Name of the indicator, or of the series, and of the vintages.
  std::string source;
  // What is to be known of it.
  std::vector<PlanNote> notes;
};

// Which period's value is wanted.
struct WantedPeriod {
  PeriodSpan due;
  // Nothing: the last one, up to the due period, that has a value.
  std::optional<PeriodSpan> asked;
  // Values of parts of a year add up to the year's.
  bool additive = false;

  // Where figures end that are looked at, as a day.
  int64_t last_day() const { return asked ? asked->end_day() : due.end_day(); }
  // What is asked for can be compared with the goal as it is.
  bool is_like() const { return !asked || AreLike(*asked, due); }
};

// 1. The figure of the period asked for, or the last one, of a period like the due one; 2. for the
// goal of a year, where figures add up, four quarters in a row, with the fewest figures that they
// follow from by adding and subtracting; 3. the year's forecast. Of several forecasts the first
// that no stated figure goes beyond.
Actual FindActual(const std::vector<Figure>& figures, const WantedPeriod& wanted);

// For the goal of a year whose newest figure is of its first months: that figure. Null: there is
// none.
const Figure* FindFirstMonths(const std::vector<Figure>& figures, const WantedPeriod& wanted);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_FIGURES_H_
