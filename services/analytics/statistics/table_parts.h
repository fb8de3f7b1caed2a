#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TABLE_PARTS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TABLE_PARTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/analytics/query/query.h"
#include "services/analytics/query/table.h"
#include "services/analytics/query/table_builder.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

// The column of that name; null: there is none.
const Column* FindColumn(const Table& table, std::string_view name);
Column* FindColumn(Table* table, std::string_view name);

// The name of a row's period; `period`: the column of that name, null: the table has none, and the
// name is empty.
std::string_view PeriodNameAt(const Column* period, size_t row);

// A column of figures in the observatory's currency.
Column& AddMoney(const StatisticContext& context, std::string name, TableBuilder* builder);

// Makes a table whose rows each follow from one row of another (`rows`) speak of the same period
// with the same coverage: `period` comes first, coverage, `status` and `flags` last, notes and
// region role are taken over.
void TakePeriods(const Table& from, const std::vector<uint32_t>& rows, Table* table);

// Adds a flag to those of the rows that have it; `table` has a column `flags`.
void AddFlag(std::string_view flag, const std::vector<bool>& rows, Table* table);

// Orders and limits a table that is no query's answer. INVALID_ARGUMENT (UNKNOWN_COLUMN), fields
// `order_by[i].column`.
absl::Status OrderRows(const std::vector<Query::OrderBy>& order_by, uint64_t limit, Table* table);

// OUT_OF_RANGE (SUM_OVERFLOW): a sum does not fit 64 bits.
absl::StatusOr<int64_t> Narrow(__int128 sum);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TABLE_PARTS_H_
