#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_MONTH_BUILDER_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_MONTH_BUILDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/analytics/store/columns.h"
#include "services/analytics/store/run_format.h"

namespace tidemark::analytics {

// Rows of one group that lie in one month.
struct MonthPiece {
  const RowGroup* group = nullptr;
  std::vector<uint32_t> rows;  // empty: all
  size_t size() const { return rows.empty() ? group->rows : rows.size(); }
};

// Sorts the rows of a month and encodes their columns. Reused from month to month for its memory.
class MonthBuilder {
 public:
  RunGroup Build(int32_t month, const std::vector<MonthPiece>& pieces);
  // The section that belongs to the last Build().
  const std::string& bytes() const { return bytes_; }

 private:
  struct Entry {
    uint64_t key;
    uint32_t row;
  };

  void Order(const std::vector<MonthPiece>& pieces);
  void RadixSort(int bits);
  void ReadColumn(const std::vector<MonthPiece>& pieces, int slot);
  bool AddConstantColumn(const std::vector<MonthPiece>& pieces, int slot, RunGroup* group);
  void ReadTime(const MonthPiece& piece, int slot, int64_t* out) const;
  void AddColumn(int slot, RunGroup* group);
  void AddZones(RunColumn* column);
  void AddRegions(RunGroup* group);
  void Align(size_t to);

  int64_t month_start_ = 0;  // seconds
  size_t rows_ = 0;
  std::vector<Entry> entries_, scratch_;
  std::vector<uint32_t> order_;  // position in the output -> row of the pieces, one after the other
  std::vector<int64_t> values_;  // of one column, in the order of the pieces
  std::vector<uint32_t> decoded_;  // of one column, less its base, in the order of the output
  std::string bytes_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_MONTH_BUILDER_H_
