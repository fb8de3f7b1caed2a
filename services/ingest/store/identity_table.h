#ifndef TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_TABLE_H_
#define TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_TABLE_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/base/huge_space.h"
#include "common/base/mutex.h"
#include "services/ingest/store/identity_entry.h"
#include "services/ingest/store/siphash.h"

namespace tidemark::ingest {

// The leaf of every identity in the log, in memory: 16 bytes an entry (88 bits of the keyed
// fingerprint, 40 of the leaf), open addressing in buckets of one cache line. 64 segments, chosen
// by fingerprint, grow each on its own and at their place, so that no insertion waits for more than
// a 64th of the table to move (0.2 ms a million ids) and the kernel clears memory once.
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

  // `max_bytes` bounds the buckets. Segments double until there is room for `expected` entries
  // (20 to 23 bytes each; up to 40 on the way), and then grow by half (20 to 31).
  explicit IdentityTable(size_t max_bytes, uint64_t expected = 0);
  ~IdentityTable();
  IdentityTable(const IdentityTable&) = delete;
  IdentityTable& operator=(const IdentityTable&) = delete;

  // Fetches the memory that the next call with `key` will touch. Inlined by force: gcc takes a
  // function that only prefetches for one without effect, and drops the calls.
  __attribute__((always_inline)) void Prefetch(const Fingerprint& key) const {
    const size_t number = SegmentOf(key);
    __builtin_prefetch(&BucketAt(number, HomeOf(key.low, segments_[number].bucket_count)));
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
  // In the place of leaf + 1, which is never 0. It keeps the way to entries behind it.
  static constexpr uint64_t kTombstone = kLeafMask;

  struct Entry {
    uint64_t low;
    uint64_t high_and_leaf;  // 24 bits of the fingerprint, 40 of leaf + 1

    bool empty() const { return high_and_leaf == 0; }
    uint64_t place() const { return high_and_leaf & kLeafMask; }
    bool live() const { return !empty() && place() != kTombstone; }
    bool Matches(uint64_t key_low, uint64_t key_high, std::span<const uint64_t> except) const {
      return low == key_low && (high_and_leaf ^ key_high) <= kLeafMask && place() != kTombstone &&
             (except.empty() ||
              std::find(except.begin(), except.end(), place() - 1) == except.end());
    }
  };
  // Taken from the front on. Looked at without branches that depend on how full it is: nobody can
  // predict those, and a wrong guess waits for the memory that the next look-ups should overlap.
  struct alignas(64) Bucket {
    Entry entries[4];

    size_t used() const {
      size_t count = 0;
      for (const Entry& entry : entries) count += entry.empty() ? 0 : 1;
      return count;
    }
    // For an unused place, too, when `low` is 0.
    bool MayHave(uint64_t low) const {
      return (entries[0].low == low) | (entries[1].low == low) | (entries[2].low == low) |
             (entries[3].low == low);
    }
  };
  struct Segment {
    uint32_t bucket_count = 0;
    uint32_t room = 0;  // places that may still be taken; tombstones take one
    uint32_t live = 0;
    std::atomic_flag lock = ATOMIC_FLAG_INIT;  // of InsertNew
  };
  // Segments lie in stripes, so that they grow at their place and fill huge pages together: the
  // first kStripe buckets of each (4 KiB, a page), then the next ones. A gap behind every row of
  // stripes keeps the stripes of a segment out of each other's cache sets.
  static constexpr size_t kStripe = 64;
  static constexpr size_t kRow = (kSegments + 1) * kStripe;

  Bucket& BucketAt(size_t segment, uint32_t at) const {
    return buckets_[at + at / kStripe * (kRow - kStripe) + segment * kStripe];
  }
  static size_t SegmentOf(const Fingerprint& key) { return key.low >> (64 - kSegmentBits); }
  // The segment is chosen by the high bits, the bucket by those below: any number of buckets will
  // do, and a larger segment keeps the order of the smaller one.
  static uint32_t HomeOf(uint64_t low, uint32_t bucket_count) {
    return static_cast<uint32_t>((((low << kSegmentBits) >> 32) * uint64_t{bucket_count}) >> 32);
  }
  static uint64_t HighPart(const Fingerprint& key) { return key.high << 40; }
  // The leaf of `key` in the bucket, that is not in `except`, or kNotFound.
  static uint64_t LeafIn(const Bucket& bucket, const Fingerprint& key,
                         std::span<const uint64_t> except);
  // Into the first free place; there is one.
  void Put(size_t segment, const Entry& entry);
  // Into the first free place of buckets [from, end). False: there is none.
  bool TryPut(size_t segment, const Entry& entry, uint32_t from, uint32_t end);
  uint32_t NextCount(const Segment& segment) const;
  // For one more entry at least. False: memory is used up, and nothing has changed.
  bool MakeRoom(size_t segment);
  // Memory for a segment of `count` buckets that had `old_count`. False: there is none.
  bool Reserve(uint32_t old_count, uint32_t count) ABSL_LOCKS_EXCLUDED(growth_mutex_);
  uint64_t Insert(size_t segment, const Entry& entry, Entry* free);

  const size_t max_bytes_;
  uint32_t doubled_buckets_ = 0;  // of a segment: it doubles below
  base::Mutex growth_mutex_;
  base::HugeSpace space_ ABSL_GUARDED_BY(growth_mutex_);
  Bucket* const buckets_;
  Segment segments_[kSegments];
  std::atomic<uint64_t> size_{0};
  std::atomic<uint64_t> bytes_{0};
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_TABLE_H_
