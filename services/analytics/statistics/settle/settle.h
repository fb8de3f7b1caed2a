#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SETTLE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SETTLE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/grant_use_reader.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

struct SettleQuestion {
  // Filters and range only; both ends of it.
  Query query;
  // `products/...` and `dataAssets/...`; empty: all products that state rights.
  std::vector<std::string> subjects;
  // Names; empty: all.
  std::vector<std::string> holders;
  // Of the amounts, an ISO 4217 code; empty: the observatory's.
  std::string currency;
};

// As in tidemark.analytics.v1.SettleResponse.
struct Settlement {
  Table holders, parts, subjects;
  uint64_t effects_scanned = 0;
};

// Whether it names a data asset.
bool IsAsset(std::string_view subject);

// Whether the caller may see what the use of named assets owes is not asked here. Errors of
// PlanQuery, AskStore, the catalog and its use; INVALID_ARGUMENT (UNKNOWN_SUBJECT, UNKNOWN_HOLDER,
// DUPLICATE), fields `subjects[i]` and `holders[i]`; (CURRENCY_MISMATCH), field `currency`; with an
// asset (NOT_FOR_ASSETS), field `filters`, and (PERIOD_INVALID), fields of `range`; OUT_OF_RANGE
// (SUM_OVERFLOW).
// `use`: read only when an asset is named.
absl::StatusOr<Settlement> ComputeSettlement(const StatisticContext& context, GrantUseReader* use,
                                             const SettleQuestion& question);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SETTLE_H_
