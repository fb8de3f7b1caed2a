#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_CONTESTED_IDS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_CONTESTED_IDS_H_

#include <cstdint>
#include <vector>

#include "services/analytics/store/scan_plan.h"

namespace tidemark::analytics {

// A set of dense ids.
class IdBitmap {
 public:
  IdBitmap() = default;
  // For ids below `ids`.
  explicit IdBitmap(uint32_t ids) : words_((ids + 63) / 64) {}
  static uint64_t BytesFor(uint32_t ids) { return (uint64_t{ids} + 63) / 64 * sizeof(uint64_t); }

  void Add(uint32_t id) { words_[id >> 6] |= uint64_t{1} << (id & 63); }
  bool Has(uint32_t id) const { return (words_[id >> 6] >> (id & 63) & 1) != 0; }

 private:
  std::vector<uint64_t> words_;
};

// The consumers or orders (by slot) of rows with - that the plan reads, without 0: their effects
// have to be summed with sign, while those of all others can be counted once. Its memory is the
// caller's to take.
IdBitmap FindContested(const ScanPlan& plan, int slot, uint32_t ids);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_CONTESTED_IDS_H_
