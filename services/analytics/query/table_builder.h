#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_TABLE_BUILDER_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_TABLE_BUILDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/analytics/query/ratios.h"
#include "services/analytics/query/table.h"

namespace tidemark::analytics {

// TableBuilder: columns for a table whose number of rows is known.
//
//   TableBuilder builder(cells.size());
//   builder.AddTexts("from", ColumnKind::kDimension, FindDimension("consumer_region"), members);
//   Column& net = builder.AddIntegers("net", ColumnKind::kStatistic, context.currency(), scale);
//   net.integers[0] = 5;
//   return std::move(builder).Build();
//
// References to columns hold until Build().
class TableBuilder {
 public:
  // `rows` below 2^32. Room for `columns` columns; more are a fault.
  explicit TableBuilder(size_t rows, size_t columns = 64);

  // Zeros, to be filled in or set null.
  Column& AddIntegers(std::string name, ColumnKind kind, std::string unit, uint32_t decimals = 0);
  Column& AddDoubles(std::string name, ColumnKind kind, std::string unit);
  // One member per row; the column's members come sorted: codes by code point, then UNALLOCATED,
  // then UNKNOWN. `dimension` gives labels; may be null.
  Column& AddTexts(std::string name, ColumnKind kind, const DimensionWord* dimension,
                   const std::vector<Member>& rows);

  size_t rows() const { return rows_; }
  Table Build() &&;

 private:
  Column& Add(std::string name, ColumnKind kind, Column::Type type, std::string unit,
              uint32_t decimals);

  const size_t rows_;
  Table table_;
};

// The value, or why there is none.
void SetNumber(Column* column, size_t row, const Number& number);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_TABLE_BUILDER_H_
