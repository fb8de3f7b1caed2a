#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_CODE_TABLE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_CODE_TABLE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "services/analytics/domain/stat_store.h"
#include "services/analytics/store/columns.h"

namespace tidemark::analytics {

// A GroupTable made ready for a scan: complete for every value of a column, and able to tell at
// once how many values of a range it keeps. Immutable.
class CodeTable {
 public:
  // Memory of such a table.
  static uint64_t BytesFor(const GroupTable& table, uint32_t values) {
    const bool completed = table.groups.size() < values;
    return (uint64_t{values} + 256) * (sizeof(uint32_t) * (completed ? 2 : 1) + 1);
  }

  // `values`: number of codes, 0 included, that rows may have.
  CodeTable(std::shared_ptr<const GroupTable> table, uint32_t values);
  // For the class column: `kinds[class % kEffectKindCount]` is the code in Field::kKind.
  CodeTable(const GroupTable& table, const std::array<CodeId, kEffectKindCount>& kinds);

  // groups()[value], kDropped for values not kept; one entry for every value.
  const uint32_t* groups() const { return groups_; }
  bool Keeps(uint32_t value) const { return value < values_ && groups_[value] != kDropped; }
  // keep()[value] is 0xFF for values kept, else 0; there are 256 entries from each value on.
  const uint8_t* keep() const { return keep_.data(); }
  bool KeepsNone(int64_t low, int64_t high) const { return KeptIn(low, high) == 0; }
  bool KeepsAll(int64_t low, int64_t high) const;
  // The values kept, ascending, when they are at most kFew; `few` tells.
  static constexpr size_t kFew = 64;
  bool few() const { return few_; }
  const std::vector<uint32_t>& kept() const { return kept_; }

 private:
  void Count();
  uint32_t KeptIn(int64_t low, int64_t high) const;

  std::shared_ptr<const GroupTable> table_;
  std::vector<uint32_t> own_;
  const uint32_t* groups_ = nullptr;
  uint32_t values_ = 0;
  std::vector<uint8_t> keep_;
  std::vector<uint32_t> kept_below_;  // [value]
  bool few_ = false;
  std::vector<uint32_t> kept_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_CODE_TABLE_H_
