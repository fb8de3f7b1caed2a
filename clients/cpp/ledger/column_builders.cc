#include "clients/cpp/ledger/column_builders.h"

#include <cstring>
#include <random>

#include "common/base/same_text.h"

namespace tidemark::ledger {
namespace {

constexpr size_t kMinSlots = 64;

uint64_t Load8(const char* from) {
  uint64_t value;
  std::memcpy(&value, from, 8);
  return value;
}

uint64_t Mix(uint64_t a, uint64_t b, const TextHashKey& key) {
  const auto product = static_cast<unsigned __int128>(a ^ key.first) * (b ^ key.second);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t RandomWord() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

// The texts come from producers: with a known key a hundred thousand colliding ones would stall
// whoever builds blocks.
const TextHashKey& ProcessKey() {
  static const TextHashKey key = {.first = RandomWord(), .second = RandomWord()};
  return key;
}

}  // namespace

uint64_t HashText(std::string_view text, const TextHashKey& key) {
  const char* p = text.data();
  size_t left = text.size();
  uint64_t hash = left;
  while (left > 16) {
    hash = Mix(hash ^ Load8(p), Load8(p + 8), key);
    p += 16;
    left -= 16;
  }
  if (left >= 8) return Mix(hash ^ Load8(p), Load8(p + left - 8), key);
  uint64_t tail = 0;
  std::memcpy(&tail, p, left);
  return Mix(hash, tail, key);
}

void DictionaryBuilder::Rehash(size_t slots) {
  slots_.assign(slots, 0);
  for (size_t i = 0; i < entries_.size(); ++i) {
    size_t slot = entries_[i].hash & (slots - 1);
    while (slots_[slot] != 0) slot = (slot + 1) & (slots - 1);
    slots_[slot] = static_cast<uint32_t>(i + 1);
  }
}

uint32_t DictionaryBuilder::Find(std::string_view text) {
  if (2 * (entries_.size() + 1) > slots_.size()) {
    Rehash(slots_.empty() ? kMinSlots : 2 * slots_.size());
  }
  const uint64_t hash = HashText(text, ProcessKey());
  size_t slot = hash & (slots_.size() - 1);
  while (slots_[slot] != 0) {
    const uint32_t number = slots_[slot];
    if (entries_[number - 1].hash == hash && base::SameText(entry(number - 1), text)) return number;
    slot = (slot + 1) & (slots_.size() - 1);
  }
  entries_.push_back(
      {hash, static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(text.size())});
  bytes_.append(text);
  slots_[slot] = static_cast<uint32_t>(entries_.size());
  return slots_[slot];
}

void DictionaryBuilder::Add(uint32_t row, std::string_view text) {
  if (last_ == 0 || !base::SameText(entry(last_ - 1), text)) last_ = Find(text);
  if (index_.size() != row) index_.resize(row);
  index_.push_back(last_);
  text_bytes_ += text.size();
}

void DictionaryBuilder::Clear() {
  // A table that one large block made must not be cleared again for every small one.
  const bool large = slots_.size() > 1024 && slots_.size() > 16 * entries_.size();
  slots_.assign(large ? kMinSlots : slots_.size(), 0);
  bytes_.clear();
  entries_.clear();
  index_.clear();
  last_ = 0;
  text_bytes_ = 0;
}

void PlainTextBuilder::Texts(uint32_t rows, std::vector<std::string_view>* texts) const {
  texts->assign(rows, std::string_view());
  size_t begin = 0;
  for (size_t i = 0; i < ends_.size(); ++i) {
    (*texts)[rows_[i]] = std::string_view(bytes_).substr(begin, ends_[i] - begin);
    begin = ends_[i];
  }
}

}  // namespace tidemark::ledger
