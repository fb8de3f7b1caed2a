#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_KNOWN_CODES_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_KNOWN_CODES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace tidemark::ingest {

// Codes of one field that were found good, numbered from 1 on, with what is to be known of each: a
// code met again costs a look at two cache lines, and neither its characters nor the catalog are
// looked at. Not thread-safe.
class KnownCodes {
 public:
  static constexpr size_t kMostBytes = 44;
  // As many bytes from the start of a text on may be read, whatever its size.
  static constexpr size_t kReads = 16;

  // One cache line.
  struct alignas(64) Code {
    char text[kMostBytes];  // zeros behind it
    uint32_t size;
    // What whoever adds it makes of them, such as the times between which it is in force.
    int64_t low;
    int64_t high;
  };

  KnownCodes();

  // 0: not known. `text` has 1 to kMostBytes bytes.
  uint32_t Find(const char* text, size_t size) const {
    const Key key = KeyOf(text, size);
    for (size_t slot = key.hash & mask_;; slot = (slot + 1) & mask_) {
      const uint32_t number = slots_[slot];
      if (number == 0 || Is(codes_[number], key, text, size)) return number;
    }
  }
  // Fetches the memory that Find will look at first; and, when that has come, what it looks at
  // then. Inlined by force: gcc takes a function that only prefetches for one without effect, and
  // drops the calls.
  __attribute__((always_inline)) void PrefetchSlot(const char* text, size_t size) const {
    __builtin_prefetch(&slots_[KeyOf(text, size).hash & mask_]);
  }
  __attribute__((always_inline)) uint32_t PrefetchCode(const char* text, size_t size) const {
    const uint32_t number = slots_[KeyOf(text, size).hash & mask_];
    __builtin_prefetch(&codes_[number]);
    return number;
  }
  // Adds a text that Find does not find; returns its number.
  uint32_t Add(std::string_view text, int64_t low, int64_t high);
  // Forgets all: numbers start again at 1.
  void Clear();

  // Number 0 stands for a code that an event does not have: it is in force at any time.
  Code& operator[](uint32_t number) { return codes_[number]; }
  const Code& operator[](uint32_t number) const { return codes_[number]; }
  std::string_view text(uint32_t number) const {
    return {codes_[number].text, codes_[number].size};
  }
  size_t size() const { return codes_.size() - 1; }

 private:
  static constexpr size_t kFirstSlots = 64;

  // Drawn anew by every process: producers choose the texts, and cannot choose them to collide.
  struct Seeds {
    uint64_t first;
    uint64_t second;
  };
  static const Seeds kSeeds;

  struct Key {
    std::array<uint64_t, 2> head;  // of the text, zeros behind its end
    size_t hash;
  };
  static std::array<uint64_t, 2> Load(const char* from) {
    std::array<uint64_t, 2> words;
    std::memcpy(&words, from, sizeof(words));
    return words;
  }
  // Both halves of a 64 by 64 bit product.
  static uint64_t Fold(std::array<uint64_t, 2> words, uint64_t state) {
    const auto product = static_cast<unsigned __int128>(words[0] ^ kSeeds.first ^ state) *
                         (words[1] ^ kSeeds.second);
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  static Key KeyOf(const char* text, size_t size) {
    static constexpr std::array<char, 32> kMask = {-1, -1, -1, -1, -1, -1, -1, -1,
                                                   -1, -1, -1, -1, -1, -1, -1, -1};
    std::array<uint64_t, 2> head = Load(text);
    if (size <= 16) {
      const std::array<uint64_t, 2> mask = Load(kMask.data() + 16 - size);
      head = {head[0] & mask[0], head[1] & mask[1]};
      return {head, static_cast<size_t>(Fold(head, size))};
    }
    uint64_t hash = Fold(head, size);
    if (size > 32) hash = Fold(Load(text + 16), hash);
    return {head, static_cast<size_t>(Fold(Load(text + size - 16), hash))};
  }
  static bool Is(const Code& code, const Key& key, const char* text, size_t size) {
    const std::array<uint64_t, 2> head = Load(code.text);
    return code.size == size && ((head[0] ^ key.head[0]) | (head[1] ^ key.head[1])) == 0 &&
           (size <= 16 || std::memcmp(code.text + 16, text + 16, size - 16) == 0);
  }
  void Put(uint32_t number);
  void Rehash(size_t slots);

  size_t mask_ = 0;
  std::vector<uint32_t> slots_;  // a power of two, at most half full; 0 is free
  std::vector<Code> codes_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_KNOWN_CODES_H_
