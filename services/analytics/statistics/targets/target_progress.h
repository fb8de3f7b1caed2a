#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_PROGRESS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_PROGRESS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/query/ratios.h"
#include "services/analytics/query/table.h"
#include "services/analytics/statistics/indicator/indicator_value.h"
#include "services/analytics/statistics/statistic_context.h"
#include "services/analytics/statistics/targets/period_span.h"

namespace tidemark::analytics {

// EvaluateIndicator of indicator_value.h.
using IndicatorEvaluator = std::function<absl::StatusOr<EvaluatedIndicator>(
    const StatisticContext& context, std::string_view indicator,
    std::span<const std::string> regions, std::span<const Period> periods,
    std::span<const Query::Filter> filters)>;

// Where targets stand: tidemark.analytics.v1.TargetProgress.
struct TargetQuestion {
  // Names, `targets/...`, each once; or empty and `parent` is the name of what they belong to.
  std::vector<std::string> targets;
  std::string parent;
  // Nothing: the last one with a value, up to the due period.
  std::optional<PeriodSpan> period;
  // Of the statements of qualitative goals; empty: English, where there is one.
  std::string language;
  // For goals without a series. Unset: FAILED_PRECONDITION (NEEDS_SERIES) where one has a formula.
  IndicatorEvaluator evaluate;
};

// Tables as in target_progress.proto.
struct TargetProgressTables {
  Table progress;
  Table like_for_like;
  Table qualitative;
};

inline constexpr size_t kMaxTargets = 1'000;

// Rows are in the order of `targets`, those of a parent by name. What is outside of the caller's
// region is left out of a parent's.
//
// NOT_FOUND: no such target or parent. PERMISSION_DENIED (REGION_SCOPE): a target is named whose
// place is outside. FAILED_PRECONDITION: UNIT_MISMATCH, NEEDS_SERIES, and what an indicator's
// formula says. RESOURCE_EXHAUSTED (TOO_MANY_TARGETS): the parent has more than kMaxTargets. Errors
// of CatalogReader and of the evaluator.
absl::StatusOr<TargetProgressTables> TellTargets(const StatisticContext& context,
                                                 const TargetQuestion& question);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_PROGRESS_H_
