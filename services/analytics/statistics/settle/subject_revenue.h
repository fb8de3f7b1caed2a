#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SUBJECT_REVENUE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SUBJECT_REVENUE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/settle/product_codes.h"
#include "services/analytics/statistics/settle/share_history.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

// What is settled: a product or asset, of whose shares it has the history.
struct SettledSubject {
  std::string_view name;
  int product = 0;  // position in ProductCodes; of an asset -1
  ShareHistory shares;
};

// Gross, and refunds that count, of events whose shares are those of one time: their own, or that
// of their original.
struct PieceRevenue {
  int64_t time_us = 0;
  __int128 gross = 0;
  __int128 refunds = 0;
};

struct SubjectRevenues {
  Plan plan;
  // By subject, and by ShareHistory::PieceAt; pieces without purchases and refunds that
  // count are left out.
  std::vector<std::map<size_t, PieceRevenue>> subjects;
  uint64_t effects_scanned = 0;
};

// `query` has filters and range only, `subjects` are products. Errors of PlanQuery, MakeEnginePlan
// and AskStore.
absl::StatusOr<SubjectRevenues> AskRevenues(const StatisticContext& context, const Query& query,
                                            const ProductCodes& codes,
                                            const std::vector<SettledSubject>& subjects);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SUBJECT_REVENUE_H_
