#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SETTLE_TABLES_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SETTLE_TABLES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "services/analytics/statistics/settle/settle.h"

namespace tidemark::analytics {

// Amounts are units of 10^-decimals, each row's own.
struct SubjectRow {
  std::string_view name;
  int decimals = 0;
  int64_t gross = 0, refunds = 0, net = 0, settled = 0, unsettled = 0;
  int64_t holders = 0;
};
struct PartRow {
  std::string_view subject, holder;
  int decimals = 0;
  int64_t amount = 0;
};

// A settlement before it is written as tables.
struct SettledRows {
  std::string currency;
  // What amounts have at least; the tables have those of the finest subject.
  int decimals = 0;
  // By name.
  std::vector<SubjectRow> subjects;
  // By subject and holder.
  std::vector<PartRow> parts;
  // Holders that have a row even without a part.
  std::vector<std::string_view> asked_holders;
};

// Writes the three tables without their notes. OUT_OF_RANGE (SUM_OVERFLOW): an amount does not fit
// with the decimals of the finest subject, or does not as the sum of a holder.
absl::Status WriteSettleTables(const SettledRows& rows, Settlement* settlement);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SETTLE_TABLES_H_
