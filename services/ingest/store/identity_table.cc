#include "services/ingest/store/identity_table.h"

#include <unistd.h>

#include <algorithm>
#include <new>

#include "common/base/huge_array.h"

namespace tidemark::ingest {
namespace {

constexpr uint32_t kEntriesPerBucket = 4;
// At most 1 KiB a segment: an empty log costs nothing.
constexpr uint64_t kFirstBuckets = 16;
// Of buckets, while a segment grows: far enough for memory to arrive.
constexpr uint32_t kFetchAhead = 16;

// Above four fifths full, searches for absent keys get long.
uint32_t MostUsed(uint32_t buckets) {
  return static_cast<uint32_t>((uint64_t{buckets} * kEntriesPerBucket * 4 - 1) / 5);
}

// Of a segment that is to hold its part of `entries`. Segments differ, by less than a 64th when
// there are many.
uint64_t BucketsFor(uint64_t entries) {
  const uint64_t each = (entries + entries / 64) / IdentityTable::kSegments;
  return each * 5 / (4 * kEntriesPerBucket) + 1;
}

// Addresses are free, and more memory than the machine has is of no use. Twice that, because the
// largest segment decides how many are needed.
size_t AddressesFor(size_t max_bytes) {
  const auto memory =
      static_cast<size_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  return 2 * std::min(max_bytes, memory) + base::kHugePageBytes;
}

}  // namespace

IdentityTable::IdentityTable(size_t max_bytes, uint64_t expected)
    : max_bytes_(max_bytes),
      space_(AddressesFor(max_bytes)),
      buckets_(reinterpret_cast<Bucket*>(space_.data())) {
  int doublings = 0;
  // Such that doubling ends at what is expected.
  uint64_t first = std::max(BucketsFor(expected), kFirstBuckets);
  while (first > kFirstBuckets) {
    first = (first + 1) / 2;
    ++doublings;
  }
  doubled_buckets_ = static_cast<uint32_t>(first << doublings);
  static_assert(kFirstBuckets <= kStripe);
  if (!space_.Extend(kRow * sizeof(Bucket))) throw std::bad_alloc();
  for (Segment& segment : segments_) {
    segment.bucket_count = static_cast<uint32_t>(first);
    segment.room = MostUsed(segment.bucket_count);
  }
  bytes_ = kSegments * first * sizeof(Bucket);
}

IdentityTable::~IdentityTable() = default;

uint64_t IdentityTable::LeafIn(const Bucket& bucket, const Fingerprint& key,
                               std::span<const uint64_t> except) {
  const uint64_t high = HighPart(key);
  for (const Entry& entry : bucket.entries) {
    if (!entry.empty() && entry.Matches(key.low, high, except)) return entry.place() - 1;
  }
  return kNotFound;
}

uint64_t IdentityTable::Find(const Fingerprint& key, std::span<const uint64_t> except) const {
  const size_t number = SegmentOf(key);
  const uint32_t count = segments_[number].bucket_count;
  for (uint32_t at = HomeOf(key.low, count);; at = at + 1 == count ? 0 : at + 1) {
    const Bucket& bucket = BucketAt(number, at);
    if (bucket.MayHave(key.low)) {
      const uint64_t leaf = LeafIn(bucket, key, except);
      if (leaf != kNotFound) return leaf;
    }
    if (bucket.used() < kEntriesPerBucket) return kNotFound;
  }
}

uint64_t IdentityTable::FindOrInsert(const Fingerprint& key, uint64_t leaf,
                                     std::span<const uint64_t> except) {
  const size_t number = SegmentOf(key);
  const uint32_t count = segments_[number].bucket_count;
  for (uint32_t at = HomeOf(key.low, count);; at = at + 1 == count ? 0 : at + 1) {
    Bucket& bucket = BucketAt(number, at);
    if (bucket.MayHave(key.low)) [[unlikely]] {
      const uint64_t found = LeafIn(bucket, key, except);
      if (found != kNotFound) return found;
    }
    const size_t used = bucket.used();
    if (used < kEntriesPerBucket) [[likely]] {
      if (leaf > kMaxLeaf) return kFull;
      return Insert(number, {key.low, HighPart(key) | (leaf + 1)}, &bucket.entries[used]);
    }
  }
}

inline uint64_t IdentityTable::Insert(size_t number, const Entry& entry, Entry* free) {
  Segment& segment = segments_[number];
  if (segment.room > 0) [[likely]] {
    *free = entry;
  } else {
    if (!MakeRoom(number)) return kFull;
    Put(number, entry);
  }
  --segment.room;
  ++segment.live;
  // Nobody else writes it, and an atomic addition would cost as much as all the rest.
  size_.store(size() + 1, std::memory_order_relaxed);
  return kNotFound;
}

bool IdentityTable::TryPut(size_t number, const Entry& entry, uint32_t from, uint32_t end) {
  for (uint32_t at = from; at < end; ++at) {
    Bucket& bucket = BucketAt(number, at);
    const size_t used = bucket.used();
    if (used < kEntriesPerBucket) [[likely]] {
      bucket.entries[used] = entry;
      return true;
    }
  }
  return false;
}

void IdentityTable::Put(size_t number, const Entry& entry) {
  const uint32_t count = segments_[number].bucket_count;
  const uint32_t home = HomeOf(entry.low, count);
  if (!TryPut(number, entry, home, count)) TryPut(number, entry, 0, home);
}

uint32_t IdentityTable::NextCount(const Segment& segment) const {
  const uint32_t count = segment.bucket_count;
  // Same size again when tombstones alone made it crowded.
  if ((segment.live + 1) * 5ull / 4 <= MostUsed(count)) return count;
  return count < doubled_buckets_ ? 2 * count : count + count / 2;
}

bool IdentityTable::MakeRoom(size_t number) {
  Segment& segment = segments_[number];
  const uint32_t old_count = segment.bucket_count;
  const uint32_t count = NextCount(segment);
  if (!Reserve(old_count, count)) return false;
  segment.bucket_count = count;
  // From the last bucket to the first, because an entry's new home is not before its old one. Those
  // that lay further behind their home than it moves wait, and those that no longer fit before the
  // segment's end: few, mostly of its first buckets.
  std::vector<Entry> left;
  const uint64_t ratio = (uint64_t{count} << 16) / old_count;  // in 65536ths
  for (uint32_t at = old_count; at-- > 0;) {
    if (at >= kFetchAhead) {
      const uint32_t source = at - kFetchAhead;
      const uint32_t target = static_cast<uint32_t>(source * ratio >> 16);
      __builtin_prefetch(&BucketAt(number, source));
      __builtin_prefetch(&BucketAt(number, target));
      __builtin_prefetch(&BucketAt(number, target + 1));
    }
    Bucket& bucket = BucketAt(number, at);
    const Bucket moved = bucket;
    bucket = {};
    for (const Entry& entry : moved.entries) {
      if (entry.empty()) break;
      if (!entry.live()) continue;
      const uint32_t home = HomeOf(entry.low, count);
      if (home < at || !TryPut(number, entry, home, count)) left.push_back(entry);
    }
  }
  for (const Entry& entry : left) Put(number, entry);
  segment.room = MostUsed(count) - segment.live;
  return true;
}

bool IdentityTable::Reserve(uint32_t old_count, uint32_t count) {
  const uint64_t more = uint64_t{count - old_count} * sizeof(Bucket);
  const size_t rows = (count + kStripe - 1) / kStripe;
  base::MutexLock lock(growth_mutex_);
  if (bytes() + more > max_bytes_ || !space_.Extend(rows * kRow * sizeof(Bucket))) return false;
  bytes_.store(bytes() + more, std::memory_order_relaxed);
  return true;
}

bool IdentityTable::Erase(const Fingerprint& key, uint64_t leaf) {
  const size_t number = SegmentOf(key);
  const uint32_t count = segments_[number].bucket_count;
  const uint64_t wanted = HighPart(key) | (leaf + 1);
  for (uint32_t at = HomeOf(key.low, count);; at = at + 1 == count ? 0 : at + 1) {
    for (Entry& entry : BucketAt(number, at).entries) {
      if (entry.empty()) return false;
      if (entry.low != key.low || entry.high_and_leaf != wanted) continue;
      entry.high_and_leaf = kTombstone;
      --segments_[number].live;
      size_.store(size() - 1, std::memory_order_relaxed);
      return true;
    }
  }
}

void IdentityTable::SortedSegment(size_t segment, std::vector<IdentityEntry>* out) const {
  const Segment& from = segments_[segment];
  out->clear();
  out->reserve(from.live);
  for (uint32_t i = 0; i < from.bucket_count; ++i) {
    for (const Entry& entry : BucketAt(segment, i).entries) {
      if (!entry.live()) continue;
      const Fingerprint key{entry.low, entry.high_and_leaf >> 40};
      out->push_back(IdentityEntry::Of(key, entry.place() - 1));
    }
  }
  // Almost in order already: entries lie at their home bucket or little behind it.
  std::sort(out->begin(), out->end());
}

uint64_t IdentityTable::EndLeaf() const {
  uint64_t end = 0;
  for (size_t segment = 0; segment < kSegments; ++segment) {
    const Segment& from = segments_[segment];
    for (uint32_t i = 0; i < from.bucket_count; ++i) {
      for (const Entry& entry : BucketAt(segment, i).entries) {
        if (entry.live()) end = std::max(end, entry.place());
      }
    }
  }
  return end;
}

bool IdentityTable::InsertNew(const Fingerprint& key, uint64_t leaf) {
  if (leaf > kMaxLeaf) return false;
  const size_t number = SegmentOf(key);
  Segment& segment = segments_[number];
  while (segment.lock.test_and_set(std::memory_order_acquire)) {
  }
  const bool ok = segment.room > 0 || MakeRoom(number);
  if (ok) {
    Put(number, {key.low, HighPart(key) | (leaf + 1)});
    --segment.room;
    ++segment.live;
  }
  segment.lock.clear(std::memory_order_release);
  if (ok) size_.fetch_add(1, std::memory_order_relaxed);
  return ok;
}

}  // namespace tidemark::ingest
