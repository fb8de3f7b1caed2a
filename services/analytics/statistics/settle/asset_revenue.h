#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_ASSET_REVENUE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_ASSET_REVENUE_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "services/analytics/query/period_range.h"
#include "services/analytics/statistics/grant_use_reader.h"
#include "services/analytics/statistics/settle/subject_revenue.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

struct AssetQuestion {
  // Whole days of the context's calendar.
  TimeRange range;
  // ISO 4217 code of what is owed.
  std::string currency;
  // Decimals that amounts have at least.
  int decimals = 0;
};

// What the use of an asset owes.
struct AssetRevenue {
  // Of the question's currency, by ShareHistory::PieceAt of the asset's shares; amounts are units
  // of 10^-decimals. Pieces that owe nothing are left out.
  std::map<size_t, PieceRevenue> pieces;
  // The question's, or those of the finest price that is owed by, where that has more.
  int decimals = 0;
};

// The period named so has whole days only: use is metered by the day. INVALID_ARGUMENT
// (PERIOD_INVALID), fields `range.first` and `range.last`.
absl::StatusOr<TimeRange> ParseDayRange(const Calendar& calendar, const Query& query);

// Adds to `other_currencies` what else something is owed in. Errors of `use` and of the context's
// `stop`, which is asked before each page; OUT_OF_RANGE (SUM_OVERFLOW).
absl::StatusOr<AssetRevenue> ReadAssetRevenue(const StatisticContext& context, GrantUseReader* use,
                                              const AssetQuestion& question,
                                              const SettledSubject& asset,
                                              std::set<std::string>* other_currencies);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_ASSET_REVENUE_H_
