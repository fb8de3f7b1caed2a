#ifndef TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_TABLE_H_
#define TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_TABLE_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/base/huge_array.h"
#include "services/ingest/store/identity_entry.h"
#include "services/ingest/store/siphash.h"

namespace tidemark::ingest {

// The leaf of every identity in the log, in memory: 16 bytes an entry (88 bits of the keyed
// fingerprint, 40 of the leaf), open addressing in buckets of one cache line. 64 segments, chosen
// by fingerprint, grow each on its own by half, so that memory follows the number of ids (20 to
// 31 bytes each) and no insertion waits for more than a 64th of the table to move (5 ms a million
// ids).
//
// Two identities may share a fingerprint (2^-88 a pair): whoever must be certain compares with
// the log and passes the leaves that were not it as `except`.
//
// Not thread-safe, but for the counters and InsertNew().
class IdentityTable {
 public:
  static constexpr size_t kSegments = 64;
  static constexpr uint64_t kMaxLeaf = (uint64_t{1} << 40) - 3;
  static constexpr uint64_t kNotFound = UINT64_MAX;
  // Answer of FindOrInsert when the memory is used up.
  static constexpr uint64_t kFull = UINT64_MAX - 1;

  // `max_bytes` bounds the buckets.
  explicit IdentityTable(size_t max_bytes);
  ~IdentityTable();
  IdentityTable(const IdentityTable&) = delete;
  IdentityTable& operator=(const IdentityTable&) = delete;

  // Fetches the memory that the next call with `key` will touch. Inlined by force: gcc takes a
  // function that only prefetches for one without effect, and drops the calls.
  __attribute__((always_inline)) void Prefetch(const Fingerprint& key) const {
    const Segment& segment = segments_[SegmentOf(key)];
    __builtin_prefetch(&segment.buckets[segment.Home(key)]);
  }
  // A leaf of `key` that is not in `except`, or kNotFound.
  uint64_t Find(const Fingerprint& key, std::span<const uint64_t> except = {}) const;
  // As Find; when there is none, adds (key, leaf) and returns kNotFound, or kFull.
  uint64_t FindOrInsert(const Fingerprint& key, uint64_t leaf,
                        std::span<const uint64_t> except = {});
  // Takes (key, leaf) out again. False: it is not there.
  bool Erase(const Fingerprint& key, uint64_t leaf);

  // Adds a key that is not there, from several threads at once. False: memory is used up.
  [[nodiscard]] bool InsertNew(const Fingerprint& key, uint64_t leaf);

  // The entries of a segment, ascending. Segments ascend, too: together they are the whole table in
  // order.
  void SortedSegment(size_t segment, std::vector<IdentityEntry>* out) const;
  // Behind the greatest leaf; 0: empty.
  uint64_t EndLeaf() const;
  size_t SegmentSize(size_t segment) const { return segments_[segment].live; }

  uint64_t size() const { return size_.load(std::memory_order_relaxed); }
  uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  static constexpr int kSegmentBits = 6;
  static constexpr uint64_t kLeafMask = (uint64_t{1} << 40) - 1;
  // In the place of leaf + 1. A tombstone keeps the way to entries behind it.
  static constexpr uint64_t kEmpty = 0;
  static constexpr uint64_t kTombstone = kLeafMask;

  struct Entry {
    uint64_t low;
    uint64_t high_and_leaf;  // 24 bits of the fingerprint, 40 of leaf + 1

    uint64_t place() const { return high_and_leaf & kLeafMask; }
    bool live() const { return place() != kEmpty && place() != kTombstone; }
    bool Matches(uint64_t key_low, uint64_t key_high, std::span<const uint64_t> except) const {
      return low == key_low && (high_and_leaf ^ key_high) <= kLeafMask && place() != kTombstone &&
             (except.empty() ||
              std::find(except.begin(), except.end(), place() - 1) == except.end());
    }
  };
  struct alignas(64) Bucket {
    Entry entries[4];
  };
  struct Segment {
    base::HugeArray<Bucket> buckets;
    uint32_t bucket_count = 0;
    uint32_t used = 0;  // entries and tombstones
    uint32_t live = 0;
    std::atomic_flag lock = ATOMIC_FLAG_INIT;  // of InsertNew

    // The segment is chosen by the high bits, the bucket by those below: any number of buckets
    // will do, and a larger segment keeps the order of the smaller one.
    uint32_t Home(const Fingerprint& key) const { return HomeOf(key.low); }
    uint32_t HomeOf(uint64_t low) const {
      return static_cast<uint32_t>((((low << kSegmentBits) >> 32) * uint64_t{bucket_count}) >> 32);
    }
  };

  static size_t SegmentOf(const Fingerprint& key) { return key.low >> (64 - kSegmentBits); }
  static uint64_t HighPart(const Fingerprint& key) { return key.high << 40; }
  static void Put(Segment& segment, uint64_t low, uint64_t high_and_leaf);
  bool MakeRoom(Segment& segment);
  uint64_t Insert(Segment& segment, const Fingerprint& key, uint64_t leaf, Entry* free);

  const size_t max_bytes_;
  std::unique_ptr<Segment[]> segments_;
  std::atomic<uint64_t> size_{0};
  std::atomic<uint64_t> bytes_{0};
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_TABLE_H_
