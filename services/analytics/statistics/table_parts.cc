#include "services/analytics/statistics/table_parts.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/analytics/query/vocabulary.h"

namespace tidemark::analytics {
namespace {

constexpr size_t kMaxOrderBy = 8;

bool EndsARow(const Column& column) {
  return column.kind == ColumnKind::kCoverage || column.kind == ColumnKind::kStatus ||
         column.kind == ColumnKind::kFlags;
}

}  // namespace

const Column* FindColumn(const Table& table, std::string_view name) {
  const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                  [name](const Column& column) { return column.name == name; });
  return found == table.columns.end() ? nullptr : &*found;
}

Column* FindColumn(Table* table, std::string_view name) {
  return const_cast<Column*>(FindColumn(std::as_const(*table), name));
}

std::string_view PeriodNameAt(const Column* period, size_t row) {
  return period == nullptr ? std::string_view() : period->members[period->texts[row]].code;
}

Column& AddMoney(const StatisticContext& context, std::string name, TableBuilder* builder) {
  return builder->AddIntegers(std::move(name), ColumnKind::kStatistic, context.currency(),
                              static_cast<uint32_t>(context.scale()));
}

void TakePeriods(const Table& from, const std::vector<uint32_t>& rows, Table* table) {
  std::vector<Column> columns;
  const auto take = [&](const Column& column) {
    columns.push_back(column);
    columns.back().Gather(rows);
  };
  for (const Column& column : from.columns) {
    if (column.kind == ColumnKind::kPeriod) take(column);
  }
  std::move(table->columns.begin(), table->columns.end(), std::back_inserter(columns));
  for (const Column& column : from.columns) {
    if (EndsARow(column)) take(column);
  }
  table->columns = std::move(columns);
  table->notes = from.notes;
  table->region_role = from.region_role;
}

void AddFlag(std::string_view flag, const std::vector<bool>& rows, Table* table) {
  Column& flags = *FindColumn(table, "flags");
  std::map<std::string, uint32_t> members;
  std::vector<std::string> texts;
  for (size_t row = 0; row < rows.size(); ++row) {
    std::string& text = texts.emplace_back(flags.members[flags.texts[row]].code);
    if (rows[row]) absl::StrAppend(&text, text.empty() ? "" : " ", flag);
    members.emplace(text, 0);
  }
  flags.members.clear();
  for (auto& [text, position] : members) {
    position = static_cast<uint32_t>(flags.members.size());
    flags.members.push_back({text});
  }
  for (size_t row = 0; row < rows.size(); ++row) flags.texts[row] = members.at(texts[row]);
}

absl::Status OrderRows(const std::vector<Query::OrderBy>& order_by, uint64_t limit, Table* table) {
  if (order_by.size() > kMaxOrderBy) {
    return status::InvalidArgument(
        "order_by", absl::StrCat(order_by.size(), " columns; want at most ", kMaxOrderBy),
        "TOO_MANY");
  }
  for (size_t i = 0; i < order_by.size(); ++i) {
    if (FindColumn(*table, order_by[i].column) != nullptr) continue;
    std::vector<std::string_view> names;
    for (const Column& column : table->columns) names.push_back(column.name);
    return status::InvalidArgument(
        absl::StrCat("order_by[", i, "].column"),
        absl::StrCat("`", order_by[i].column, "` is not a column of the answer",
                     NearestWords(order_by[i].column, names)),
        "UNKNOWN_COLUMN");
  }
  return OrderAndLimit(order_by, limit, nullptr, table);
}

absl::StatusOr<int64_t> Narrow(__int128 sum) {
  if (sum > std::numeric_limits<int64_t>::max() || sum < std::numeric_limits<int64_t>::min()) {
    return status::WithReason(
        absl::OutOfRangeError("a sum does not fit 64 bits; narrow the filters or the range"),
        "SUM_OVERFLOW");
  }
  return static_cast<int64_t>(sum);
}

}  // namespace tidemark::analytics
