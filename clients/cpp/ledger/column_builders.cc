#include "clients/cpp/ledger/column_builders.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "clients/cpp/ledger/wire.h"
#include "common/base/same_text.h"
#include "common/base/tail_hash.h"

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

void PresenceBuilder::SetRange(uint32_t begin, uint32_t end) {
  const size_t bytes = (size_t{end} + 7) / 8;
  if (bytes > bits_.size()) bits_.resize(bytes);
  count_ += end - begin;
  for (; begin < end && (begin & 7) != 0; ++begin) {
    bits_[begin >> 3] = static_cast<uint8_t>(bits_[begin >> 3] | 1u << (begin & 7));
  }
  for (; begin + 8 <= end; begin += 8) bits_[begin >> 3] = 0xFF;
  for (; begin < end; ++begin) {
    bits_[begin >> 3] = static_cast<uint8_t>(bits_[begin >> 3] | 1u << (begin & 7));
  }
}

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
  slots_.assign(slots, {});
  for (size_t i = 0; i < entries_.size(); ++i) {
    size_t slot = entries_[i].hash & (slots - 1);
    while (slots_[slot].number != 0) slot = (slot + 1) & (slots - 1);
    slots_[slot] = {static_cast<uint32_t>(i + 1), static_cast<uint32_t>(entries_[i].hash >> 32)};
  }
}

void DictionaryBuilder::Reserve(size_t more) {
  size_t slots = slots_.empty() ? kMinSlots : slots_.size();
  while (2 * (entries_.size() + more) > slots) slots *= 2;
  if (slots != slots_.size()) Rehash(slots);
}

uint32_t DictionaryBuilder::Find(std::string_view text, uint64_t hash) {
  const auto tag = static_cast<uint32_t>(hash >> 32);
  size_t slot = hash & (slots_.size() - 1);
  while (slots_[slot].number != 0) {
    const uint32_t number = slots_[slot].number;
    if (slots_[slot].tag == tag && base::SameText(entry(number - 1), text)) return number;
    slot = (slot + 1) & (slots_.size() - 1);
  }
  const char* data = text.data();
  if (arena_ != nullptr) {
    char* const copy = arena_->Array<char>(text.size()).data();
    wire::CopyText(text, copy);
    data = copy;
  }
  entries_.push_back({hash, data, static_cast<uint32_t>(text.size())});
  entry_bytes_ += text.size();
  slots_[slot] = {static_cast<uint32_t>(entries_.size()), tag};
  return slots_[slot].number;
}

void DictionaryBuilder::Add(uint32_t row, std::string_view text) {
  if (last_ == 0 || !base::SameText(entry(last_ - 1), text)) {
    Reserve(1);
    last_ = Find(text, HashText(text, ProcessKey()));
  }
  if (index_.size() != row) index_.resize(row);
  index_.push_back(last_);
  text_bytes_ += text.size();
}

void DictionaryBuilder::AddMany(uint32_t row, std::span<const std::string_view> texts) {
  struct Sought {
    uint32_t position;
    uint32_t* recent;
    uint64_t hash;
  };
  Sought sought[kMostRowsAtOnce];
  size_t count = 0;
  index_.resize(row + texts.size());
  uint32_t* const numbers = index_.data() + row;
  Reserve(texts.size());
  const TextHashKey& key = ProcessKey();
  for (uint32_t i = 0; i < texts.size(); ++i) {
    const std::string_view text = texts[i];
    if (text.data() == nullptr) continue;
    text_bytes_ += text.size();
    uint32_t& recent = recent_[base::TailHash(text)];
    if (recent != 0 && base::SameText(entry(recent - 1), text)) {
      numbers[i] = recent;
      continue;
    }
    const uint64_t hash = HashText(text, key);
    sought[count++] = {i, &recent, hash};
    __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }
  // What the slots lead to, when it is the text.
  for (size_t i = 0; i < count; ++i) {
    const Slot& slot = slots_[sought[i].hash & (slots_.size() - 1)];
    if (slot.number != 0 && slot.tag == sought[i].hash >> 32) {
      __builtin_prefetch(&entries_[slot.number - 1]);
    }
  }
  for (size_t i = 0; i < count; ++i) {
    const Slot& slot = slots_[sought[i].hash & (slots_.size() - 1)];
    if (slot.number != 0 && slot.tag == sought[i].hash >> 32) {
      __builtin_prefetch(entries_[slot.number - 1].data);
    }
  }
  for (size_t i = 0; i < count; ++i) {
    const uint32_t number = Find(texts[sought[i].position], sought[i].hash);
    numbers[sought[i].position] = *sought[i].recent = number;
  }
}

uint64_t DictionaryBuilder::HashOf(std::string_view text) { return HashText(text, ProcessKey()); }

void DictionaryBuilder::AddNumbers(uint32_t row, std::span<const uint32_t> numbers,
                                   uint64_t text_bytes) {
  index_.resize(row);
  index_.insert(index_.end(), numbers.begin(), numbers.end());
  text_bytes_ += text_bytes;
}

void DictionaryBuilder::AddRepeated(uint32_t row, uint32_t count, std::string_view text) {
  if (count == 0) return;
  Add(row, text);
  index_.resize(row + count, last_);
  text_bytes_ += uint64_t{count - 1} * text.size();
}

void DictionaryBuilder::FindNew(const DictionaryBuilder& from, std::span<const uint32_t> rows,
                                NewNumbers* found) {
  size_t count = 0;
  for (const uint32_t row : rows) {
    const uint32_t number = from.index_[row];
    found->numbers[count] = number;
    count += number != 0 && mapped_[number].number == 0 ? 1 : 0;
  }
  found->count = count;
  // Of the last ones found, too, which are not mapped yet.
  Reserve(2 * kMostRowsAtOnce);
  for (size_t i = 0; i < count; ++i) {
    const Entry& entry = from.entries_[found->numbers[i] - 1];
    __builtin_prefetch(&slots_[entry.hash & (slots_.size() - 1)]);
    __builtin_prefetch(entry.data);
  }
}

size_t DictionaryBuilder::Map(const DictionaryBuilder& from, const NewNumbers& found) {
  size_t mapped = 0;
  for (size_t i = 0; i < found.count; ++i) {
    Mapped& to = mapped_[found.numbers[i]];
    if (to.number != 0) continue;
    const Entry& entry = from.entries_[found.numbers[i] - 1];
    to = {Find({entry.data, entry.size}, entry.hash), entry.size};
    ++mapped;
  }
  return mapped;
}

void DictionaryBuilder::AddColumn(uint32_t row, const DictionaryBuilder& from,
                                  std::span<const uint32_t> rows) {
  // Behind its last text a column may end early.
  const auto with_text = static_cast<size_t>(
      std::lower_bound(rows.begin(), rows.end(), from.index_.size()) - rows.begin());
  rows = rows.first(with_text);
  if (rows.empty()) return;
  mapped_.assign(from.entries_.size() + 1, {});
  index_.resize(row + rows.size());
  uint32_t* numbers = index_.data() + row;
  size_t unknown = from.entries_.size();
  uint64_t text_bytes = 0;
  // The new numbers of some rows are mapped when those of the next ones are known and on their way.
  NewNumbers found, next;
  std::span<const uint32_t> part = rows.first(std::min(rows.size(), kMostRowsAtOnce));
  FindNew(from, part, &found);
  while (!part.empty()) {
    rows = rows.subspan(part.size());
    const std::span<const uint32_t> behind = rows.first(std::min(rows.size(), kMostRowsAtOnce));
    if (unknown > 0) {
      FindNew(from, behind, &next);
      unknown -= Map(from, found);
      found = next;
    }
    for (const uint32_t of : part) {
      const Mapped mapped = mapped_[from.index_[of]];
      text_bytes += mapped.size;
      *numbers++ = mapped.number;
    }
    part = behind;
  }
  text_bytes_ += text_bytes;
}

void DictionaryBuilder::SetColumn(std::span<const std::string_view> values,
                                  std::span<const uint32_t> numbers,
                                  std::span<const uint32_t> rows) {
  Clear();
  const TextHashKey& key = ProcessKey();
  entries_.reserve(values.size());
  for (const std::string_view value : values) {
    entries_.push_back({HashText(value, key), value.data(), static_cast<uint32_t>(value.size())});
    entry_bytes_ += value.size();
  }
  index_.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    index_[i] = numbers[rows[i]];
    if (index_[i] != 0) text_bytes_ += values[index_[i] - 1].size();
  }
}

void DictionaryBuilder::Clear() {
  // A table that one large block made must not be cleared again for every small one.
  const bool large = slots_.size() > 1024 && slots_.size() > 16 * entries_.size();
  slots_.assign(large ? kMinSlots : slots_.size(), {});
  entry_bytes_ = 0;
  entries_.clear();
  index_.clear();
  last_ = 0;
  recent_.fill(0);
  text_bytes_ = 0;
}

}  // namespace tidemark::ledger
