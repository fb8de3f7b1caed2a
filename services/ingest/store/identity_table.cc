#include "services/ingest/store/identity_table.h"

#include <algorithm>
#include <utility>

namespace tidemark::ingest {
namespace {

constexpr uint32_t kEntriesPerBucket = 4;
// 1 KiB a segment: an empty log costs nothing.
constexpr uint32_t kFirstBuckets = 16;

// Above four fifths full, searches for absent keys get long.
bool Crowded(uint64_t used, uint64_t buckets) {
  return used * 5 >= buckets * kEntriesPerBucket * 4;
}

// Whole huge pages, where it takes any.
uint32_t RoundCount(uint32_t count) {
  constexpr uint32_t kPerPage = base::kHugePageBytes / 64;
  return count < kPerPage ? count : (count + kPerPage - 1) / kPerPage * kPerPage;
}

}  // namespace

IdentityTable::IdentityTable(size_t max_bytes)
    : max_bytes_(max_bytes), segments_(std::make_unique<Segment[]>(kSegments)) {
  for (size_t i = 0; i < kSegments; ++i) {
    segments_[i].buckets = base::MakeHugeArray<Bucket>(kFirstBuckets);
    segments_[i].bucket_count = kFirstBuckets;
  }
  bytes_ = kSegments * kFirstBuckets * sizeof(Bucket);
}

IdentityTable::~IdentityTable() = default;

uint64_t IdentityTable::Find(const Fingerprint& key, std::span<const uint64_t> except) const {
  const Segment& segment = segments_[SegmentOf(key)];
  const uint64_t high = HighPart(key);
  for (uint32_t at = segment.Home(key);; at = at + 1 == segment.bucket_count ? 0 : at + 1) {
    for (const Entry& entry : segment.buckets[at].entries) {
      if (entry.place() == kEmpty) return kNotFound;
      if (entry.Matches(key.low, high, except)) return entry.place() - 1;
    }
  }
}

uint64_t IdentityTable::FindOrInsert(const Fingerprint& key, uint64_t leaf,
                                     std::span<const uint64_t> except) {
  Segment& segment = segments_[SegmentOf(key)];
  const uint64_t high = HighPart(key);
  for (uint32_t at = segment.Home(key);; at = at + 1 == segment.bucket_count ? 0 : at + 1) {
    for (Entry& entry : segment.buckets[at].entries) {
      if (entry.place() == kEmpty) return Insert(segment, key, leaf, &entry);
      if (entry.Matches(key.low, high, except)) return entry.place() - 1;
    }
  }
}

uint64_t IdentityTable::Insert(Segment& segment, const Fingerprint& key, uint64_t leaf,
                               Entry* free) {
  if (leaf > kMaxLeaf) return kFull;
  const uint64_t high_and_leaf = HighPart(key) | (leaf + 1);
  if (Crowded(segment.used + 1, segment.bucket_count)) {
    if (!MakeRoom(segment)) return kFull;
    Put(segment, key.low, high_and_leaf);
  } else {
    *free = {key.low, high_and_leaf};
    ++segment.used;
    ++segment.live;
  }
  size_.fetch_add(1, std::memory_order_relaxed);
  return kNotFound;
}

// Into the first free place; there is one.
void IdentityTable::Put(Segment& segment, uint64_t low, uint64_t high_and_leaf) {
  for (uint32_t at = segment.HomeOf(low);; at = at + 1 == segment.bucket_count ? 0 : at + 1) {
    for (Entry& entry : segment.buckets[at].entries) {
      if (entry.place() != kEmpty) continue;
      entry = {low, high_and_leaf};
      ++segment.used;
      ++segment.live;
      return;
    }
  }
}

bool IdentityTable::MakeRoom(Segment& segment) {
  // Same size again when tombstones alone made it crowded.
  uint32_t count = segment.bucket_count;
  if (Crowded((segment.live + 1) * 5ull / 4, count)) {
    count = RoundCount(count + count / 2);
  }
  const uint64_t more = uint64_t{count - segment.bucket_count} * sizeof(Bucket);
  if (bytes_.fetch_add(more, std::memory_order_relaxed) + more > max_bytes_) {
    bytes_.fetch_sub(more, std::memory_order_relaxed);
    return false;
  }
  const base::HugeArray<Bucket> old = std::move(segment.buckets);
  const uint32_t old_count = segment.bucket_count;
  segment.buckets = base::MakeHugeArray<Bucket>(count);
  segment.bucket_count = count;
  segment.used = segment.live = 0;
  for (uint32_t i = 0; i < old_count; ++i) {
    for (const Entry& entry : old[i].entries) {
      if (entry.live()) Put(segment, entry.low, entry.high_and_leaf);
    }
  }
  return true;
}

bool IdentityTable::Erase(const Fingerprint& key, uint64_t leaf) {
  Segment& segment = segments_[SegmentOf(key)];
  const uint64_t wanted = HighPart(key) | (leaf + 1);
  for (uint32_t at = segment.Home(key);; at = at + 1 == segment.bucket_count ? 0 : at + 1) {
    for (Entry& entry : segment.buckets[at].entries) {
      if (entry.place() == kEmpty) return false;
      if (entry.low != key.low || entry.high_and_leaf != wanted) continue;
      entry.high_and_leaf = kTombstone;
      --segment.live;
      size_.fetch_sub(1, std::memory_order_relaxed);
      return true;
    }
  }
}

void IdentityTable::SortedSegment(size_t segment, std::vector<IdentityEntry>* out) const {
  const Segment& from = segments_[segment];
  out->clear();
  out->reserve(from.live);
  for (uint32_t i = 0; i < from.bucket_count; ++i) {
    for (const Entry& entry : from.buckets[i].entries) {
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
      for (const Entry& entry : from.buckets[i].entries) {
        if (entry.live()) end = std::max(end, entry.place());
      }
    }
  }
  return end;
}

bool IdentityTable::InsertNew(const Fingerprint& key, uint64_t leaf) {
  if (leaf > kMaxLeaf) return false;
  Segment& segment = segments_[SegmentOf(key)];
  while (segment.lock.test_and_set(std::memory_order_acquire)) {
  }
  bool ok = true;
  if (Crowded(segment.used + 1, segment.bucket_count)) ok = MakeRoom(segment);
  if (ok) Put(segment, key.low, HighPart(key) | (leaf + 1));
  segment.lock.clear(std::memory_order_release);
  if (ok) size_.fetch_add(1, std::memory_order_relaxed);
  return ok;
}

}  // namespace tidemark::ingest
