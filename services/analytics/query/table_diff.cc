#include "services/analytics/query/table_diff.h"

#include <cstring>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace tidemark::analytics {
namespace {

bool IsKey(const Column& column) {
  return column.kind == ColumnKind::kPeriod || column.kind == ColumnKind::kDimension;
}

std::string KeyOf(const Table& table, uint32_t row) {
  std::string key;
  for (const Column& column : table.columns) {
    if (!IsKey(column)) continue;
    const Member& member = column.members[column.texts[row]];
    absl::StrAppend(&key, static_cast<int>(member.kind), ":", member.code.size(), ":", member.code);
  }
  return key;
}

// Bit for bit, as answers are.
bool SameDouble(double a, double b) { return std::memcmp(&a, &b, sizeof(a)) == 0; }

bool SameValue(const Column& a, uint32_t row_a, const Column& b, uint32_t row_b) {
  const NullReason null_a = a.nulls.empty() ? NullReason::kNone : a.nulls[row_a];
  const NullReason null_b = b.nulls.empty() ? NullReason::kNone : b.nulls[row_b];
  if (null_a != null_b) return false;
  switch (a.type) {
    case Column::Type::kIntegers:
      return a.integers[row_a] == b.integers[row_b];
    case Column::Type::kDoubles:
      return SameDouble(a.doubles[row_a], b.doubles[row_b]);
    default:
      break;
  }
  return a.members[a.texts[row_a]] == b.members[b.texts[row_b]];
}

bool SameRow(const Table& a, uint32_t row_a, const Table& b, uint32_t row_b) {
  for (size_t c = 0; c < a.columns.size(); ++c) {
    if (!SameValue(a.columns[c], row_a, b.columns[c], row_b)) return false;
  }
  return true;
}

}  // namespace

TableDiff DiffTables(const Table& before, const Table& after) {
  absl::flat_hash_map<std::string, uint32_t> rows;
  rows.reserve(before.row_count);
  for (uint32_t row = 0; row < before.row_count; ++row) rows.emplace(KeyOf(before, row), row);
  TableDiff diff;
  std::vector<bool> kept(before.row_count, false);
  for (uint32_t row = 0; row < after.row_count; ++row) {
    const auto found = rows.find(KeyOf(after, row));
    if (found == rows.end()) {
      diff.changed.push_back(row);
      continue;
    }
    kept[found->second] = true;
    if (!SameRow(before, found->second, after, row)) diff.changed.push_back(row);
  }
  for (uint32_t row = 0; row < before.row_count; ++row) {
    if (!kept[row]) diff.removed.push_back(row);
  }
  return diff;
}

Table TakeRows(const Table& table, const std::vector<uint32_t>& rows, bool keys_only) {
  Table taken;
  taken.row_count = rows.size();
  taken.region_role = table.region_role;
  if (!keys_only) taken.notes = table.notes;
  for (const Column& column : table.columns) {
    if (keys_only && !IsKey(column)) continue;
    taken.columns.push_back(column);
    taken.columns.back().Gather(rows);
  }
  return taken;
}

}  // namespace tidemark::analytics
