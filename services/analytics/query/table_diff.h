#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_TABLE_DIFF_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_TABLE_DIFF_H_

#include <cstdint>
#include <vector>

#include "services/analytics/query/table.h"

namespace tidemark::analytics {

// How two answers to one query differ. A row is known by its period and the members of its
// dimensions, which no other row of its table has.
struct TableDiff {
  // Of `after`: rows that `before` lacks or has otherwise, ascending.
  std::vector<uint32_t> changed;
  // Of `before`: rows that `after` lacks, ascending.
  std::vector<uint32_t> removed;
};
TableDiff DiffTables(const Table& before, const Table& after);

// The rows of the table, in that order; with `keys_only` their period and dimensions alone.
Table TakeRows(const Table& table, const std::vector<uint32_t>& rows, bool keys_only);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_TABLE_DIFF_H_
