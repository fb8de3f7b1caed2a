#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_ID_DICTIONARY_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_ID_DICTIONARY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/huge_array.h"

namespace tidemark::analytics {

// 16 bytes that name something: a pseudonym, or the hash of (source, order).
struct Key16 {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const Key16&) const = default;
};

// Numbers 16-byte keys 1, 2, 3 ... in order of first appearance. About 22 bytes a key; the table is
// open addressing with a seed drawn at construction, because keys may come from producers. Not
// thread-safe.
class IdDictionary {
 public:
  IdDictionary();

  // Keys known; the highest number given.
  uint32_t size() const { return size_; }
  // Numbers of `n` keys, new ones for those not met before. Cache misses of neighbours overlap.
  void FindOrAdd(const Key16* keys, size_t n, uint32_t* ids);
  // 0 when not met.
  uint32_t Find(const Key16& key) const;
  // Of `n` keys; cache misses of neighbours overlap.
  void Find(const Key16* keys, size_t n, uint32_t* ids) const;
  // Appends the bytes of keys begin + 1 ... end to `out`.
  void AppendKeys(uint32_t begin, uint32_t end, std::string* out) const;
  // Adds the keys of AppendKeys. False when one is there already or `bytes` is not whole keys.
  bool Load(std::string_view bytes);
  size_t memory_bytes() const;

 private:
  // A huge page.
  static constexpr size_t kChunkKeys = base::kHugePageBytes / sizeof(Key16);

  const Key16& key(uint32_t id) const {
    return chunks_[(id - 1) / kChunkKeys][(id - 1) % kChunkKeys];
  }
  size_t SlotOf(const Key16& key) const;
  uint32_t FindAt(const Key16& key, size_t slot) const;
  uint32_t FindOrAddAt(const Key16& key, size_t slot);
  void Add(const Key16& key);
  void Reserve(size_t keys);

  uint64_t seed_[2];
  uint32_t size_ = 0;
  size_t mask_ = 0;
  size_t slot_count() const { return mask_ + 1; }
  base::HugeArray<uint32_t> slots_;
  std::vector<base::HugeArray<Key16>> chunks_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_ID_DICTIONARY_H_
