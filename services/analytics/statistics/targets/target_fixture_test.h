#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_FIXTURE_TEST_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_FIXTURE_TEST_H_

#include <string>

#include "clients/cpp/catalog/period_text.h"
#include "services/analytics/statistics/indicator/unit_scale.h"
#include "services/analytics/statistics/targets/target_figures.h"

namespace tidemark::analytics {

// Periods and numbers as people write them.
inline PeriodSpan Span(const std::string& name) {
  return *SpanOf(*catalog_client::ParsePeriod(name));
}

inline base::Rational Exact(const std::string& number) {
  type::v1::Decimal decimal;
  decimal.set_value(number);
  return ValueOf(decimal);
}

// A figure of vintages/a, unless its own is told.
inline Figure Stated(const std::string& period, const std::string& number,
                     const std::string& vintage = "a") {
  return {.period = Span(period), .value = Exact(number), .vintage = "vintages/" + vintage};
}

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_FIXTURE_TEST_H_
