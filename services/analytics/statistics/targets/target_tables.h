#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_TABLES_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_TABLES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/rational.h"
#include "services/analytics/query/table.h"
#include "services/analytics/statistics/targets/goal.h"
#include "services/analytics/statistics/targets/target_figures.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::analytics {

// The figure of the first months of a year, for the goal of a year.
struct FirstMonths {
  PeriodSpan period;
  base::Rational part;
};

// A quantitative target and what it is compared with.
struct JudgedTarget {
  // Not owned.
  const catalog::v1::Resource* target = nullptr;
  Goal goal;
  Actual actual;
  std::optional<FirstMonths> first_months;
  // By the actual value's period the place is another area than at the baseline's.
  bool other_area = false;
};

Table ProgressTable(const std::vector<JudgedTarget>& judged);
// Of those that have first months.
Table LikeForLikeTable(const std::vector<JudgedTarget>& judged);
// Of targets with qualitative goals; statements in the language, else in English, else in the
// first.
Table QualitativeTable(const std::vector<const catalog::v1::Resource*>& targets,
                       std::string_view language);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_TABLES_H_
