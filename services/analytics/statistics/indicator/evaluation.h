#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_EVALUATION_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_EVALUATION_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/query/coverage.h"
#include "services/analytics/query/query.h"
#include "services/analytics/query/table.h"
#include "services/analytics/statistics/indicator/indicator_value.h"
#include "services/analytics/statistics/statistic_context.h"
#include "tidemark/catalog/v1/unit.pb.h"

namespace tidemark::analytics {

// A node of a formula somewhere.
struct ExplainedNode {
  std::string region;
  Period period;
  // As NodeTrace::path.
  std::string path;
  std::string text;
  // In `unit`.
  Number value;
  catalog::v1::Unit unit;
  // Of a reported figure.
  std::vector<ValueSource> sources;
  // Of a measure.
  std::optional<Query> query;
};

// The values of an indicator, with what is told beside them.
struct Evaluation {
  catalog::v1::Unit unit;
  // Catalog version at which the indicator was last changed.
  uint64_t indicator_version = 0;
  std::string formula;
  // By region, then period.
  std::vector<IndicatorValue> values;
  // By value; zeros where the formula reads no events.
  std::vector<PeriodCoverage> coverage;
  // Of values that are explained: in the order of values, each node before its parts.
  std::vector<ExplainedNode> nodes;
  std::vector<PlanNote> notes;
  RegionRole region_role = RegionRole::kNone;
  uint64_t effects_scanned = 0;
};

// As EvaluateIndicator; errors about a place name `regions[i]`. RESOURCE_EXHAUSTED (TOO_MANY_ROWS).
absl::StatusOr<Evaluation> EvaluateFormula(const StatisticContext& context,
                                           std::string_view indicator,
                                           std::span<const std::string> regions,
                                           std::span<const Period> periods,
                                           std::span<const Query::Filter> filters, bool explain);

// EvaluateIndicatorResponse.values and .nodes. `canonical`: the text of a query.
Table ValuesTable(const StatisticContext& context, const Evaluation& evaluation);
Table NodesTable(const StatisticContext& context, const Evaluation& evaluation,
                 const std::function<std::string(const Query&)>& canonical);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_EVALUATION_H_
