#include "services/analytics/query/row_columns.h"

#include <utility>

namespace tidemark::analytics {

std::string RowColumns::UnitOf(const PlannedMeasure& measure) const {
  switch (measure.word->unit) {
    case Unit::kMoney:
      return currency_;
    case Unit::kCount:
      return "count";
    case Unit::kItems:
      return "items";
    case Unit::kPseudonyms:
      return "pseudonyms";
    case Unit::kOrders:
      return "orders";
    default:
      return "ratio";
  }
}

Column& RowColumns::Add(std::string name, ColumnKind kind, Column::Type type, std::string unit,
                        uint32_t decimals) {
  Column& column = table_.columns.emplace_back();
  column.name = std::move(name);
  column.kind = kind;
  column.type = type;
  column.unit = std::move(unit);
  column.decimals = decimals;
  if (type == Column::Type::kDoubles) column.doubles.resize(rows_.size());
  if (type == Column::Type::kIntegers) column.integers.resize(rows_.size());
  if (type == Column::Type::kTexts) column.texts.resize(rows_.size());
  return column;
}

Column& RowColumns::AddLike(const PlannedMeasure& measure, std::string name, ColumnKind kind,
                            Column::Type type) {
  const bool scaled = measure.word->unit == Unit::kMoney && type == Column::Type::kIntegers;
  return Add(std::move(name), kind, type, UnitOf(measure), scaled ? scale_ : 0);
}

}  // namespace tidemark::analytics
