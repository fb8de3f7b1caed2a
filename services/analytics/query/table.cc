#include "services/analytics/query/table.h"

#include <algorithm>
#include <numeric>

namespace tidemark::analytics {
namespace {

template <typename T>
void GatherInto(const std::vector<uint32_t>& rows, std::vector<T>* values) {
  if (values->empty()) return;
  std::vector<T> kept;
  kept.reserve(rows.size());
  for (const uint32_t row : rows) kept.push_back((*values)[row]);
  *values = std::move(kept);
}

template <typename T>
int Compare(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

struct SortKey {
  const Column* column;
  bool descending;
};

// Negative: row a comes first.
int CompareRows(const SortKey& key, uint32_t a, uint32_t b) {
  const Column& column = *key.column;
  const int direction = key.descending ? -1 : 1;
  if (column.type == Column::Type::kTexts) {
    const uint32_t x = column.texts[a], y = column.texts[b];
    // Unallocated and unknown stay at the end, whatever the direction.
    const int kind = Compare(column.members[x].kind, column.members[y].kind);
    return kind != 0 ? kind : direction * Compare(x, y);
  }
  const bool null_a = column.IsNull(a), null_b = column.IsNull(b);
  if (null_a || null_b) return Compare(null_a, null_b);
  return direction * (column.type == Column::Type::kDoubles
                          ? Compare(column.doubles[a], column.doubles[b])
                          : Compare(column.integers[a], column.integers[b]));
}

}  // namespace

size_t Column::size() const {
  switch (type) {
    case Type::kDoubles:
      return doubles.size();
    case Type::kTexts:
      return texts.size();
    default:
      return integers.size();
  }
}

void Column::Gather(const std::vector<uint32_t>& rows) {
  GatherInto(rows, &integers);
  GatherInto(rows, &doubles);
  GatherInto(rows, &texts);
  GatherInto(rows, &nulls);
}

void OrderAndLimit(const std::vector<Query::OrderBy>& order_by, uint64_t limit, Table* table) {
  const bool cuts = limit != 0 && limit < table->row_count;
  if (order_by.empty() && !cuts) return;
  std::vector<SortKey> keys;
  for (const Query::OrderBy& order : order_by) {
    for (const Column& column : table->columns) {
      if (column.name == order.column) keys.push_back({&column, order.descending});
    }
  }
  std::vector<uint32_t> rows(table->row_count);
  std::iota(rows.begin(), rows.end(), 0);
  const auto before = [&keys](uint32_t a, uint32_t b) {
    for (const SortKey& key : keys) {
      const int order = CompareRows(key, a, b);
      if (order != 0) return order < 0;
    }
    return a < b;
  };
  if (!keys.empty()) {
    if (cuts) {
      std::partial_sort(rows.begin(), rows.begin() + static_cast<ptrdiff_t>(limit), rows.end(),
                        before);
    } else {
      std::sort(rows.begin(), rows.end(), before);
    }
  }
  if (cuts) rows.resize(limit);
  for (Column& column : table->columns) column.Gather(rows);
  table->row_count = rows.size();
}

}  // namespace tidemark::analytics
