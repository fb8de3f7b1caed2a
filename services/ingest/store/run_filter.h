#ifndef TIDEMARK_SERVICES_INGEST_STORE_RUN_FILTER_H_
#define TIDEMARK_SERVICES_INGEST_STORE_RUN_FILTER_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/base/huge_array.h"
#include "services/ingest/store/identity_entry.h"

namespace tidemark::ingest {

// Says of a fingerprint that it is not in a part of a run, or that it may be: a Bloom filter of at
// most 12 bits an entry, in blocks of one cache line. An entry sets one bit in each of the eight
// words of its block; about 1 of 200 absent fingerprints passes.
//
// A block follows from the high bits of the fingerprint, so that entries in order fill the blocks
// in order. Those bits, but for the highest four, which are the part's, must be evenly spread.
class RunFilter {
 public:
  static constexpr size_t kBitsPerEntry = 12;
  static constexpr size_t kBlockBytes = 64;

  // So many blocks for so many entries.
  static uint64_t BlocksFor(uint64_t entries) {
    return entries == 0 ? 0 : entries * kBitsPerEntry / (8 * kBlockBytes) + 1;
  }
  explicit RunFilter(uint64_t blocks)
      : words_(base::MakeHugeArray<uint64_t>(8 * blocks)), blocks_(blocks) {}

  void Add(const Fingerprint& key) {
    uint64_t* const block = BlockOf(key);
    const uint64_t bits = BitsOf(key);
    for (int i = 0; i < 8; ++i) block[i] |= uint64_t{1} << (bits >> (8 * i) & 63);
  }
  // Always inlined, as IdentityTable::Prefetch.
  __attribute__((always_inline)) void Prefetch(const Fingerprint& key) const {
    __builtin_prefetch(BlockOf(key));
  }
  bool MayContain(const Fingerprint& key) const {
    if (blocks_ == 0) return false;
    const uint64_t* const block = BlockOf(key);
    const uint64_t bits = BitsOf(key);
    // Four at a time: a branch for each of eight coin tosses costs more than the tosses.
    uint64_t all = block[0] >> (bits & 63) & block[1] >> (bits >> 8 & 63) &
                   block[2] >> (bits >> 16 & 63) & block[3] >> (bits >> 24 & 63);
    if ((all & 1) == 0) return false;
    all = block[4] >> (bits >> 32 & 63) & block[5] >> (bits >> 40 & 63) &
          block[6] >> (bits >> 48 & 63) & block[7] >> (bits >> 56 & 63);
    return (all & 1) != 0;
  }

  // As stored.
  std::span<char> bytes() {
    return {reinterpret_cast<char*>(words_.get()), static_cast<size_t>(blocks_ * kBlockBytes)};
  }
  size_t memory() const { return blocks_ * kBlockBytes; }

 private:
  uint64_t* BlockOf(const Fingerprint& key) const {
    const auto at = static_cast<unsigned __int128>(key.low << 4) * blocks_;
    return &words_[8 * static_cast<uint64_t>(at >> 64)];
  }
  // Bits that did not choose the block.
  static uint64_t BitsOf(const Fingerprint& key) { return key.low << 24 | (key.high & 0xFFFFFF); }

  base::HugeArray<uint64_t> words_;
  uint64_t blocks_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_RUN_FILTER_H_
