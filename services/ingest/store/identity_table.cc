#include "services/ingest/store/identity_table.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace tidemark::ingest {
namespace {

constexpr uint32_t kEntriesPerBucket = 4;
constexpr size_t kHugePage = size_t{2} << 20;
// 1 KiB a segment: an empty log costs nothing.
constexpr uint32_t kFirstBuckets = 16;

// Above four fifths full, searches for absent keys get long.
bool Crowded(uint64_t used, uint64_t buckets) {
  return used * 5 >= buckets * kEntriesPerBucket * 4;
}

// Whole huge pages, where it takes any.
uint32_t RoundCount(uint32_t count) {
  constexpr uint32_t kPerPage = kHugePage / 64;
  return count < kPerPage ? count : (count + kPerPage - 1) / kPerPage * kPerPage;
}

}  // namespace

void IdentityTable::FreeBuckets::operator()(Bucket* buckets) const {
  if (bytes >= kHugePage) {
    ::munmap(buckets, bytes);
  } else {
    std::free(buckets);
  }
}

IdentityTable::Buckets IdentityTable::AllocateBuckets(uint32_t count) {
  const size_t bytes = uint64_t{count} * sizeof(Bucket);
  if (bytes < kHugePage) {
    void* memory = std::aligned_alloc(alignof(Bucket), bytes);
    if (memory == nullptr) throw std::bad_alloc();
    std::memset(memory, 0, bytes);
    return Buckets(static_cast<Bucket*>(memory), FreeBuckets(bytes));
  }
  // Mapped with room to align, which is then given back.
  const size_t rounded = uint64_t{RoundCount(count)} * sizeof(Bucket);
  void* memory = ::mmap(nullptr, rounded + kHugePage, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  const auto address = reinterpret_cast<uintptr_t>(memory);
  const uintptr_t aligned = (address + kHugePage - 1) / kHugePage * kHugePage;
  if (aligned > address) ::munmap(memory, aligned - address);
  ::munmap(reinterpret_cast<void*>(aligned + rounded), kHugePage - (aligned - address));
  // Only a wish: without huge pages it is slower, not wrong.
  ::madvise(reinterpret_cast<void*>(aligned), rounded, MADV_HUGEPAGE);
  return Buckets(reinterpret_cast<Bucket*>(aligned), FreeBuckets(rounded));
}

IdentityTable::IdentityTable(size_t max_bytes)
    : max_bytes_(max_bytes), segments_(std::make_unique<Segment[]>(kSegments)) {
  for (size_t i = 0; i < kSegments; ++i) {
    segments_[i].buckets = AllocateBuckets(kFirstBuckets);
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
  const Buckets old = std::move(segment.buckets);
  const uint32_t old_count = segment.bucket_count;
  segment.buckets = AllocateBuckets(count);
  segment.bucket_count = count;
  segment.used = segment.live = 0;
  for (uint32_t i = 0; i < old_count; ++i) {
    for (const Entry& entry : old[i].entries) {
      if (entry.live()) Put(segment, entry.low, entry.high_and_leaf);
    }
  }
  return true;
}

void IdentityTable::Erase(const Fingerprint& key, uint64_t leaf) {
  Segment& segment = segments_[SegmentOf(key)];
  const uint64_t wanted = HighPart(key) | (leaf + 1);
  for (uint32_t at = segment.Home(key);; at = at + 1 == segment.bucket_count ? 0 : at + 1) {
    for (Entry& entry : segment.buckets[at].entries) {
      if (entry.place() == kEmpty) return;
      if (entry.low != key.low || entry.high_and_leaf != wanted) continue;
      entry.high_and_leaf = kTombstone;
      --segment.live;
      size_.fetch_sub(1, std::memory_order_relaxed);
      return;
    }
  }
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
