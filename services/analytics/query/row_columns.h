#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_ROW_COLUMNS_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_ROW_COLUMNS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/analytics/query/cell_facts.h"
#include "services/analytics/query/pieces.h"
#include "services/analytics/query/plan.h"
#include "services/analytics/query/table.h"

namespace tidemark::analytics {

// RowColumns: the columns of a table whose rows are cells of an answer. Refers to what it was made
// of.
class RowColumns {
 public:
  RowColumns(const Plan& plan, const Stop& stop, CellFacts* facts)
      : plan_(plan),
        stop_(stop),
        facts_(*facts),
        scale_(plan.view->observatory()->scale),
        currency_(plan.view->observatory()->currency) {}

  const Plan& plan() const { return plan_; }
  const Stop& stop() const { return stop_; }
  CellFacts& facts() { return facts_; }
  // The cells that have rows, in order.
  std::vector<uint32_t>& rows() { return rows_; }
  Table& table() { return table_; }

  // Zeros, to be filled in or set null. References hold until the next column comes.
  Column& Add(std::string name, ColumnKind kind, Column::Type type, std::string unit,
              uint32_t decimals = 0);
  // With the unit of a measure, and its decimals where these are integers.
  Column& AddLike(const PlannedMeasure& measure, std::string name, ColumnKind kind,
                  Column::Type type);
  std::string UnitOf(const PlannedMeasure& measure) const;

  // As InPieces and ForEachRow (pieces.h) over the rows.
  template <typename Work>
  absl::Status Pieces(Work work) const {
    return InPieces(rows_.size(), stop_, work);
  }
  template <typename Work>
  absl::Status EachRow(Work work) const {
    return ForEachRow(rows_.size(), stop_, work);
  }
  template <typename Work>
  absl::Status EachSlowRow(Work work) const {
    return ForEachRow(rows_.size(), stop_, work, kSlowRowsPerLook);
  }

 private:
  const Plan& plan_;
  const Stop& stop_;
  CellFacts& facts_;
  const uint32_t scale_;
  const std::string currency_;
  std::vector<uint32_t> rows_;
  Table table_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_ROW_COLUMNS_H_
