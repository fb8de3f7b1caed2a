#include "services/analytics/query/table_builder.h"

#include <cassert>
#include <map>
#include <utility>

namespace tidemark::analytics {
TableBuilder::TableBuilder(size_t rows, size_t columns) : rows_(rows) {
  table_.row_count = rows;
  table_.columns.reserve(columns);
}

Column& TableBuilder::Add(std::string name, ColumnKind kind, Column::Type type, std::string unit,
                          uint32_t decimals) {
  assert(table_.columns.size() < table_.columns.capacity());
  Column& column = table_.columns.emplace_back();
  column.name = std::move(name);
  column.kind = kind;
  column.type = type;
  column.unit = std::move(unit);
  column.decimals = decimals;
  return column;
}

Column& TableBuilder::AddIntegers(std::string name, ColumnKind kind, std::string unit,
                                  uint32_t decimals) {
  Column& column = Add(std::move(name), kind, Column::Type::kIntegers, std::move(unit), decimals);
  column.integers.resize(rows_);
  return column;
}

Column& TableBuilder::AddDoubles(std::string name, ColumnKind kind, std::string unit) {
  Column& column = Add(std::move(name), kind, Column::Type::kDoubles, std::move(unit), 0);
  column.doubles.resize(rows_);
  return column;
}

Column& TableBuilder::AddTexts(std::string name, ColumnKind kind, const DimensionWord* dimension,
                               const std::vector<Member>& rows) {
  Column& column = Add(std::move(name), kind, Column::Type::kTexts, "", 0);
  column.dimension = dimension;
  std::map<Member, uint32_t> members;
  for (const Member& member : rows) members.emplace(member, 0);
  column.members.reserve(members.size());
  for (auto& [member, position] : members) {
    position = static_cast<uint32_t>(column.members.size());
    column.members.push_back(member);
  }
  column.texts.reserve(rows_);
  for (const Member& member : rows) column.texts.push_back(members.at(member));
  return column;
}

Table TableBuilder::Build() && { return std::move(table_); }

void SetNumber(Column* column, size_t row, const Number& number) {
  column->doubles[row] = number.value;
  if (number.null != NullReason::kNone) column->SetNull(row, number.null);
}

}  // namespace tidemark::analytics
