#include "services/analytics/store/id_dictionary.h"

#include <algorithm>
#include <cstring>
#include <random>

namespace tidemark::analytics {
namespace {

constexpr size_t kGroup = 32;
constexpr size_t kFirstSlots = 1024;

bool NeedsGrowth(size_t keys, size_t slots) { return keys * 3 > slots * 2; }

}  // namespace

IdDictionary::IdDictionary()
    : mask_(kFirstSlots - 1), slots_(base::MakeHugeArray<uint32_t>(kFirstSlots)) {
  std::random_device random;
  for (uint64_t& seed : seed_) seed = (uint64_t{random()} << 32) | random();
}

size_t IdDictionary::SlotOf(const Key16& key) const {
  const unsigned __int128 product =
      static_cast<unsigned __int128>(key.low ^ seed_[0]) * (key.high ^ seed_[1]);
  return (static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64)) & mask_;
}

void IdDictionary::Add(const Key16& key) {
  if (size_ % kChunkKeys == 0) chunks_.push_back(base::MakeHugeArray<Key16>(kChunkKeys));
  chunks_.back()[size_ % kChunkKeys] = key;
  ++size_;
}

uint32_t IdDictionary::FindOrAddAt(const Key16& wanted, size_t slot) {
  for (;; slot = (slot + 1) & mask_) {
    const uint32_t id = slots_[slot];
    if (id == 0) {
      Add(wanted);
      slots_[slot] = size_;
      return size_;
    }
    if (key(id) == wanted) return id;
  }
}

void IdDictionary::Reserve(size_t keys) {
  size_t slots = slot_count();
  while (NeedsGrowth(keys, slots)) slots *= 2;
  if (slots == slot_count()) return;
  slots_.reset();
  slots_ = base::MakeHugeArray<uint32_t>(slots);
  mask_ = slots - 1;
  size_t group[kGroup];
  for (uint32_t first = 1; first <= size_; first += kGroup) {
    const uint32_t n = std::min<uint32_t>(kGroup, size_ - first + 1);
    for (uint32_t i = 0; i < n; ++i) {
      group[i] = SlotOf(key(first + i));
      __builtin_prefetch(&slots_[group[i]], 1);
    }
    for (uint32_t i = 0; i < n; ++i) {
      size_t slot = group[i];
      while (slots_[slot] != 0) slot = (slot + 1) & mask_;
      slots_[slot] = first + i;
    }
  }
}

void IdDictionary::FindOrAdd(const Key16* keys, size_t n, uint32_t* ids) {
  size_t group[kGroup];
  for (size_t first = 0; first < n; first += kGroup) {
    const size_t count = std::min(kGroup, n - first);
    Reserve(size_ + count);
    for (size_t i = 0; i < count; ++i) {
      group[i] = SlotOf(keys[first + i]);
      __builtin_prefetch(&slots_[group[i]], 1);
    }
    for (size_t i = 0; i < count; ++i) {
      const uint32_t id = slots_[group[i]];
      if (id != 0) __builtin_prefetch(&key(id));
    }
    for (size_t i = 0; i < count; ++i) ids[first + i] = FindOrAddAt(keys[first + i], group[i]);
  }
}

uint32_t IdDictionary::FindAt(const Key16& wanted, size_t slot) const {
  for (;; slot = (slot + 1) & mask_) {
    const uint32_t id = slots_[slot];
    if (id == 0 || key(id) == wanted) return id;
  }
}

uint32_t IdDictionary::Find(const Key16& wanted) const { return FindAt(wanted, SlotOf(wanted)); }

void IdDictionary::Find(const Key16* keys, size_t n, uint32_t* ids) const {
  size_t group[kGroup];
  for (size_t first = 0; first < n; first += kGroup) {
    const size_t count = std::min(kGroup, n - first);
    for (size_t i = 0; i < count; ++i) {
      group[i] = SlotOf(keys[first + i]);
      __builtin_prefetch(&slots_[group[i]]);
    }
    for (size_t i = 0; i < count; ++i) ids[first + i] = FindAt(keys[first + i], group[i]);
  }
}

void IdDictionary::AppendKeys(uint32_t begin, uint32_t end, std::string* out) const {
  while (begin < end) {
    const size_t offset = begin % kChunkKeys;
    const size_t n = std::min<size_t>(end - begin, kChunkKeys - offset);
    out->append(reinterpret_cast<const char*>(&chunks_[begin / kChunkKeys][offset]),
                n * sizeof(Key16));
    begin += static_cast<uint32_t>(n);
  }
}

bool IdDictionary::Load(std::string_view bytes) {
  if (bytes.size() % sizeof(Key16) != 0) return false;
  const size_t n = bytes.size() / sizeof(Key16);
  Reserve(size_ + n);
  Key16 keys[1024];
  uint32_t ids[1024];
  for (size_t first = 0; first < n; first += 1024) {
    const size_t count = std::min<size_t>(1024, n - first);
    std::memcpy(keys, bytes.data() + first * sizeof(Key16), count * sizeof(Key16));
    const uint32_t before = size_;
    FindOrAdd(keys, count, ids);
    if (size_ != before + count) return false;
  }
  return true;
}

size_t IdDictionary::memory_bytes() const {
  return slot_count() * sizeof(uint32_t) + chunks_.size() * kChunkKeys * sizeof(Key16);
}

}  // namespace tidemark::analytics
