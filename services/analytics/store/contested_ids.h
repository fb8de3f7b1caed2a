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
  explicit IdBitmap(uint32_t ids) : words_(WordsFor(ids)) {}
  static uint64_t BytesFor(uint32_t ids) { return WordsFor(ids) * sizeof(uint32_t); }

  void Add(uint32_t id) { words_[id / 32] |= uint32_t{1} << (id % 32); }
  bool Has(uint32_t id) const { return (words_[id / 32] >> (id % 32) & 1) != 0; }
  // Bit id % 32 of word id / 32.
  const uint32_t* words() const { return words_.data(); }

 private:
  static uint64_t WordsFor(uint32_t ids) { return (uint64_t{ids} + 31) / 32; }

  std::vector<uint32_t> words_;
};

// The consumers or orders (by slot) of rows with - that the plan reads, without 0: their effects
// have to be summed with sign, while those of all others can be counted once. Its memory is the
// caller's to take.
IdBitmap FindContested(const ScanPlan& plan, int slot, uint32_t ids);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_CONTESTED_IDS_H_
