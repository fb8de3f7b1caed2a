#include "services/ingest/domain/known_codes.h"

#include <bit>
#include <cassert>
#include <limits>
#include <random>

namespace tidemark::ingest {

static_assert(std::endian::native == std::endian::little, "the mask keeps the first bytes");
static_assert(sizeof(KnownCodes::Code) == 64);
static_assert(KnownCodes::kReads <= KnownCodes::kMostBytes);

const KnownCodes::Seeds KnownCodes::kSeeds = [] {
  std::random_device random;
  const auto word = [&random] { return uint64_t{random()} << 32 | random(); };
  return Seeds{word(), word()};
}();

KnownCodes::KnownCodes() { Clear(); }

void KnownCodes::Clear() {
  codes_.assign(
      1, {.low = std::numeric_limits<int64_t>::min(), .high = std::numeric_limits<int64_t>::max()});
  Rehash(kFirstSlots);
}

uint32_t KnownCodes::Add(std::string_view text, int64_t low, int64_t high) {
  assert(!text.empty() && text.size() <= kMostBytes);
  const auto number = static_cast<uint32_t>(codes_.size());
  Code& code = codes_.emplace_back();
  std::memcpy(code.text, text.data(), text.size());
  code.size = static_cast<uint32_t>(text.size());
  code.low = low;
  code.high = high;
  if (2 * codes_.size() > slots_.size()) {
    Rehash(2 * slots_.size());
  } else {
    Put(number);
  }
  return number;
}

void KnownCodes::Put(uint32_t number) {
  size_t slot = KeyOf(codes_[number].text, codes_[number].size).hash & mask_;
  while (slots_[slot] != 0) slot = (slot + 1) & mask_;
  slots_[slot] = number;
}

void KnownCodes::Rehash(size_t slots) {
  slots_.assign(slots, 0);
  mask_ = slots - 1;
  for (uint32_t number = 1; number < codes_.size(); ++number) Put(number);
}

}  // namespace tidemark::ingest
