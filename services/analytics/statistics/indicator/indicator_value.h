#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_INDICATOR_VALUE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_INDICATOR_VALUE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/rational.h"
#include "services/analytics/query/calendar.h"
#include "services/analytics/query/query.h"
#include "services/analytics/query/ratios.h"
#include "services/analytics/query/table.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

// How good a value is, from the best: that of what it was computed from that is least good.
enum class ValueStatus : uint8_t {
  kNormal = 0,       // A
  kRevised = 1,      // R
  kProvisional = 2,  // P
  kEstimated = 3,    // E
};
// "A", "R", "P" or "E".
std::string_view StatusLetter(ValueStatus status);

// What else is true of a value, one bit each.
using ValueFlags = uint8_t;
inline constexpr ValueFlags kCarriedFlag = 1;     // a figure is that of an earlier year
inline constexpr ValueFlags kPartialFlag = 2;     // events of a period are not complete
inline constexpr ValueFlags kQualifiedFlag = 4;   // a figure was not stated exactly
inline constexpr ValueFlags kBreakFlag = 8;       // a figure cannot be compared with earlier ones
inline constexpr ValueFlags kPartYearFlag = 16;   // per head of a period that is no whole year
inline constexpr ValueFlags kCrosswalkFlag = 32;  // a figure was divided by weights
// "CARRIED PARTIAL", in the order above.
std::string FlagsText(ValueFlags flags);

// A figure that a value was computed from.
struct ValueSource {
  // `observationSeries/...`, `vintages/...`.
  std::string series;
  std::string vintage;
  friend bool operator==(const ValueSource&, const ValueSource&) = default;
};

// The value of an indicator in a place and period.
struct IndicatorValue {
  // As asked.
  std::string region;
  Period period;
  // In the indicator's unit, power of ten included: 65.52 of 10^8 CNY, 9.5 of PERCENT. Exact as
  // long as `exact`; else one of its parts is the double that a root, an average or a rate was
  // rounded to, and the value follows exactly from that. 0 when null.
  base::Rational value;
  bool exact = true;
  NullReason null = NullReason::kNone;
  ValueStatus status = ValueStatus::kNormal;
  ValueFlags flags = 0;
  // Every figure read, once, by series and vintage; none where only events were.
  std::vector<ValueSource> sources;

  Number ToNumber() const {
    if (null != NullReason::kNone) return {0, null};
    return {value.ToDouble()};
  }
};

struct EvaluatedIndicator {
  // By region, then period, in the order given.
  std::vector<IndicatorValue> values;
  // What is to be known of them.
  std::vector<PlanNote> notes;
};

// The values of `indicator` (`indicators/...`) by its formula at the snapshot's catalog version.
// `regions`: `regions/...` or `regionGroups/...`;
// `filters`: as Query::filters, beside those of the formula. Periods may be cumulative (grain kAll)
// but not without bounds.
//
// NOT_FOUND: no such indicator or region. FAILED_PRECONDITION (NO_FORMULA): it is only reported.
// INVALID_ARGUMENT: FILTERS_NOT_APPLICABLE, GRAIN_TOO_SHORT, GRAIN_INVALID (year to date of days or
// weeks), and those of PlanQuery. RESOURCE_EXHAUSTED (TOO_MANY_VALUES). Errors of AskCells and
// CatalogReader.
absl::StatusOr<EvaluatedIndicator> EvaluateIndicator(const StatisticContext& context,
                                                     std::string_view indicator,
                                                     std::span<const std::string> regions,
                                                     std::span<const Period> periods,
                                                     std::span<const Query::Filter> filters);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_INDICATOR_VALUE_H_
