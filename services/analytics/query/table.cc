#include "services/analytics/query/table.h"

#include <cstddef>
#include <utility>

#include "common/status/status_macros.h"
#include "services/analytics/query/key_sort.h"

namespace tidemark::analytics {
namespace {

absl::Status GatherColumn(const std::vector<uint32_t>& rows, const Stop& stop, Column* column) {
  TM_RETURN_IF_ERROR(GatherRows(rows, stop, &column->integers));
  TM_RETURN_IF_ERROR(GatherRows(rows, stop, &column->doubles));
  TM_RETURN_IF_ERROR(GatherRows(rows, stop, &column->texts));
  return GatherRows(rows, stop, &column->nulls);
}

struct SortKey {
  const Column* column;
  bool descending;

  // Nulls come last, in either direction; texts have none.
  bool IsNull(uint32_t row) const {
    return column->type != Column::Type::kTexts && column->IsNull(row);
  }
  uint64_t Of(uint32_t row) const {
    constexpr int kPosition = 32;
    if (IsNull(row)) return 0;
    if (column->type == Column::Type::kTexts) {
      const uint32_t position = column->texts[row];
      // Unallocated and unknown stay at the end, whatever the direction.
      return static_cast<uint64_t>(column->members[position].kind) << kPosition |
             (descending ? ~position : position);
    }
    const uint64_t key = column->type == Column::Type::kDoubles
                             ? KeyOfNumber(column->doubles[row])
                             : KeyOfNumber(column->integers[row]);
    return descending ? ~key : key;
  }
};

// Rows that are equal by the key keep their order.
absl::Status SortBy(const SortKey& key, const Stop& stop, std::vector<KeyedRow>* rows) {
  const auto sort = [&](auto key_of) -> absl::Status {
    TM_RETURN_IF_ERROR(ForEachRow(rows->size(), stop, [&](size_t i) {
      KeyedRow& row = (*rows)[i];
      row.key = key_of(row.row);
    }));
    return SortByKey(stop, rows);
  };
  TM_RETURN_IF_ERROR(sort([&key](uint32_t row) { return key.Of(row); }));
  if (key.column->nulls.empty()) return absl::OkStatus();
  return sort([&key](uint32_t row) -> uint64_t { return key.IsNull(row) ? 1 : 0; });
}

std::vector<SortKey> KeysOf(const std::vector<Query::OrderBy>& order_by, const Table& table) {
  std::vector<SortKey> keys;
  for (const Query::OrderBy& order : order_by) {
    for (const Column& column : table.columns) {
      if (column.name == order.column) keys.push_back({&column, order.descending});
    }
  }
  return keys;
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
  // Nothing stops it.
  GatherColumn(rows, nullptr, this).IgnoreError();
}

absl::Status Table::Gather(const std::vector<uint32_t>& rows, const Stop& stop) {
  for (Column& column : columns) TM_RETURN_IF_ERROR(GatherColumn(rows, stop, &column));
  row_count = rows.size();
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::vector<uint32_t>>> RowsInOrder(
    const std::vector<Query::OrderBy>& order_by, uint64_t limit, const Table& table,
    const Stop& stop) {
  const std::vector<SortKey> keys = KeysOf(order_by, table);
  const size_t count = table.row_count;
  const bool cuts = limit != 0 && limit < count;
  if (keys.empty() && !cuts) return std::nullopt;
  std::vector<KeyedRow> sorted;
  if (cuts && !keys.empty()) {
    const SortKey& first = keys.front();
    TM_ASSIGN_OR_RETURN(
        sorted, FirstByKey(
                    count, limit, stop, [&first](uint32_t row) { return first.IsNull(row); },
                    [&first](uint32_t row) { return first.Of(row); }));
  } else {
    sorted.resize(cuts ? limit : count);
    TM_RETURN_IF_ERROR(ForEachRow(sorted.size(), stop,
                                  [&](size_t i) { sorted[i].row = static_cast<uint32_t>(i); }));
  }
  for (auto key = keys.rbegin(); key != keys.rend(); ++key)
    TM_RETURN_IF_ERROR(SortBy(*key, stop, &sorted));
  std::vector<uint32_t> rows(cuts ? limit : count);
  TM_RETURN_IF_ERROR(ForEachRow(rows.size(), stop, [&](size_t i) { rows[i] = sorted[i].row; }));
  return rows;
}

absl::Status OrderAndLimit(const std::vector<Query::OrderBy>& order_by, uint64_t limit,
                           const Stop& stop, Table* table) {
  TM_ASSIGN_OR_RETURN(const std::optional<std::vector<uint32_t>> rows,
                      RowsInOrder(order_by, limit, *table, stop));
  return rows ? table->Gather(*rows, stop) : absl::OkStatus();
}

}  // namespace tidemark::analytics
