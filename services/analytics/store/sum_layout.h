#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_SUM_LAYOUT_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_SUM_LAYOUT_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/store/columns.h"

namespace tidemark::analytics {

// A number of a row that is summed.
enum class SumColumn : uint8_t {
  kCount,  // 1
  kAmount,
  kVoucher,
  kQuantity,
  kIdentified,  // the amount of a row with a pseudonym, else 0
};
inline constexpr int kSumColumnCount = 5;

// The sums of one cell that a query needs. Effect kinds that the query treats alike share a *slot*,
// and what is counted by no aggregate falls into a slot of its own: mostly there are two to four,
// so that the sums of more cells fit a cache. A slot has the number of its rows, then the value
// columns.
class SumLayout {
 public:
  explicit SumLayout(std::span<const Aggregate> aggregates);

  uint32_t slots() const { return slots_; }
  // In each slot after the count, ascending.
  const std::vector<SumColumn>& values() const { return values_; }
  uint32_t slot_size() const { return 1 + static_cast<uint32_t>(values_.size()); }
  uint32_t cell_size() const { return slots_ * slot_size(); }
  bool Has(SumColumn column) const { return place_[static_cast<int>(column)] >= 0; }

  // Where a row with + goes; a row with - goes there too, subtracted, and as a row into rest().
  uint32_t SlotOf(EffectKind kind) const { return slot_of_[static_cast<int>(kind)]; }
  // The slot of what counts for nothing.
  uint32_t rest() const { return slots_ - 1; }

  // Σ sign · cell[place] is an aggregate. Empty for those that count distinct ids.
  struct Term {
    uint32_t place;
    int sign;
  };
  using Terms = std::vector<Term>;
  Terms TermsOf(Aggregate aggregate) const;
  // The number of effects that make a cell of an answer, and of purchases.
  const Terms& shown() const { return shown_; }
  const Terms& purchases() const { return purchases_; }

 private:
  // Of one column, by effect kind.
  using Signs = std::array<int8_t, kEffectKindCount>;
  Terms TermsOf(SumColumn column, const Signs& signs) const;

  std::array<uint32_t, kEffectKindCount> slot_of_ = {};
  uint32_t slots_ = 0;
  std::vector<SumColumn> values_;
  std::array<int, kSumColumnCount> place_ = {};  // in a slot; -1: not kept
  Terms shown_, purchases_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_SUM_LAYOUT_H_
