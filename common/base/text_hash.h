#ifndef TIDEMARK_COMMON_BASE_TEXT_HASH_H_
#define TIDEMARK_COMMON_BASE_TEXT_HASH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>

namespace tidemark::base {

// Hash of texts under seeds drawn at construction: producers choose the texts, and without the
// seeds they cannot choose them to collide. Differs from object to object, so never to be stored;
// one made with another's seeds agrees with it, in this process or another.
class TextHash {
 public:
  using Seeds = std::array<uint64_t, 3>;

  TextHash() {
    std::random_device random;
    for (uint64_t& seed : seeds_) seed = (uint64_t{random()} << 32) | random();
  }
  explicit TextHash(const Seeds& seeds) : seeds_(seeds) {}

  const Seeds& seeds() const { return seeds_; }

  uint64_t operator()(std::string_view text) const {
    const char* data = text.data();
    size_t left = text.size();
    uint64_t state = seeds_[0] ^ left;
    for (; left > 16; left -= 16, data += 16) state = Fold(Word(data), Word(data + 8), state);
    // The rest, zeros behind it: the length tells it from a text that ends in zeros.
    if (left >= 8) return Fold(Word(data), Word(data + left - 8), state);
    uint64_t last = 0;
    if (left >= 4) {
      last = uint64_t{Half(data)} << 32 | Half(data + left - 4);
    } else {
      for (size_t i = 0; i < left; ++i) last = last << 8 | static_cast<uint8_t>(data[i]);
    }
    return Fold(last, 0, state);
  }

 private:
  static uint64_t Word(const char* data) {
    uint64_t word;
    std::memcpy(&word, data, sizeof(word));
    return word;
  }
  static uint32_t Half(const char* data) {
    uint32_t half;
    std::memcpy(&half, data, sizeof(half));
    return half;
  }
  // Both halves of a 64 by 64 bit product.
  uint64_t Fold(uint64_t low, uint64_t high, uint64_t state) const {
    const unsigned __int128 product =
        static_cast<unsigned __int128>(low ^ seeds_[1] ^ state) * (high ^ seeds_[2]);
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64) ^ state;
  }

  Seeds seeds_;
};

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_TEXT_HASH_H_
