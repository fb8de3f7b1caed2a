#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_SCAN_PLAN_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_SCAN_PLAN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "services/analytics/domain/stat_store.h"
#include "services/analytics/store/code_table.h"
#include "services/analytics/store/columns.h"
#include "services/analytics/store/query_control.h"
#include "services/analytics/store/slice_finder.h"
#include "services/analytics/store/work_limits.h"

namespace tidemark::analytics {

// What a scan needs to know of the store besides the rows.
struct ScanFacts {
  std::array<uint32_t, kFieldCount> code_counts = {};  // 1 + the highest code, by field
  std::array<CodeId, kEffectKindCount> kind_codes =
      {};                  // of the texts of effect kinds in Field::kKind
  uint32_t consumers = 0;  // highest dense number
  uint32_t orders = 0;
  // An order filter with the dense numbers of its orders, ascending; 0, which is no order, is among
  // them when `unknown` is set.
  struct OrderIds {
    std::vector<uint32_t> ids;
    bool exclude = false;
  };
  std::vector<OrderIds> order_filters;
  WorkLimits limits;
};

struct RowRange {
  uint32_t begin = 0;
  uint32_t end = 0;
};

struct CodeStep {
  int slot = 0;
  const CodeTable* table = nullptr;
  // Groupings only.
  uint64_t stride = 0;
  // group · stride by code, with kFewCodes entries from each code on; nullptr: they may not fit.
  const uint16_t* small_groups = nullptr;
};

// The part of a query that one group and one mapping answer. Rows outside `ranges` do not matter.
struct ScanUnit {
  const RowGroup* group = nullptr;
  SliceFinder slices;
  bool check_effective = false;     // some rows are at or above log_size
  std::vector<CodeStep> filters;    // still to be evaluated
  std::vector<CodeStep> groupings;  // keep every row that passes `filters`
  // Of every row, where the query asks for it; else rows differ.
  std::optional<uint32_t> origin_group;
  std::vector<RowRange> ranges;
  uint64_t rows = 0;
};

// A query made ready for the groups of one snapshot: which rows to read, and the number of each
// cell:
// ((period · groups of the first grouping) + group) · groups of the second ...
// where a grouping has only the groups of codes that pass the filters on its own field, and the
// origin group, where the query asks for it, comes last.
class ScanPlan {
 public:
  // `query`, `facts` and `control` must outlive the plan; so must the groups. When the control
  // fails meanwhile, also for too many possible cells, the plan is not to be used.
  ScanPlan(const EngineQuery& query, const ScanFacts& facts, QueryControl& control,
           std::vector<const RowGroup*> groups);
  ScanPlan(const ScanPlan&) = delete;
  ScanPlan& operator=(const ScanPlan&) = delete;

  const EngineQuery& query() const { return query_; }
  const ScanFacts& facts() const { return facts_; }
  QueryControl& control() const { return control_; }
  const std::vector<ScanUnit>& units() const { return units_; }
  uint64_t cell_numbers() const { return cell_numbers_; }
  uint64_t period_stride() const { return period_stride_; }
  // Period and group per grouping of the cell with a number.
  uint32_t PeriodOf(uint64_t number) const {
    return static_cast<uint32_t>(number / period_stride_);
  }
  uint32_t GroupOf(uint64_t number, size_t grouping) const;
  uint32_t OriginGroupOf(uint64_t number) const {
    return static_cast<uint32_t>(number % (query_.origin_bounds.size() + 1));
  }
  // Number of the bounds at or below an origin time.
  uint32_t OriginGroup(int64_t origin_us) const;
  uint64_t rows() const { return rows_; }
  bool has_negative() const { return has_negative_; }
  // Upper bound of |sum| of a column over all rows read.
  unsigned __int128 SumBound(int slot) const;
  // Smallest and largest value of a column in the groups read.
  void Bounds(int slot, int64_t* min, int64_t* max) const;

 private:
  using TableList = std::vector<std::shared_ptr<const GroupTable>>;
  struct Tables {
    int slot = 0;
    std::vector<std::shared_ptr<const CodeTable>> by_mapping;
    // Groupings only.
    uint64_t stride = 0;
    std::vector<std::vector<uint16_t>> small_groups;  // by mapping
    uint32_t group_count = 0;
    std::vector<uint32_t> group_of;  // by new number; empty: the numbers are the query's
  };

  Tables MakeTables(Field field, const TableList& tables) const;
  Tables MakeGrouping(const Grouping& grouping) const;
  TableList Renumber(const Grouping& grouping, Tables* made) const;
  bool Number();
  void MakeSmallGroups(Tables* grouping) const;
  void AddUnit(const RowGroup& group, uint32_t mapping);
  static bool AddFilters(const std::vector<Tables>& tables, uint32_t mapping, ScanUnit* unit);

  const EngineQuery& query_;
  const ScanFacts& facts_;
  QueryControl& control_;
  const std::vector<const RowGroup*> groups_;
  const std::vector<uint32_t> mappings_;  // that slices use, ascending
  std::vector<Tables> groupings_, filters_;
  std::vector<ScanUnit> units_;
  uint64_t cell_numbers_ = 0;
  uint64_t period_stride_ = 1;
  uint64_t rows_ = 0;
  bool has_negative_ = false;
};

// Narrows the unit's ranges by what the order of a sorted group allows, and drops filters that the
// ranges make true.
void NarrowRanges(ScanUnit* unit);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_SCAN_PLAN_H_
