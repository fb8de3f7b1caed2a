#include "services/analytics/store/code_dictionary.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tidemark::analytics {
CodeDictionary::CodeDictionary() : slots_(64) {}

// Either the text's slot or the empty one where it belongs.
size_t CodeDictionary::SlotOf(std::string_view text, uint32_t hash) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  for (; slots_[slot].code != 0; slot = (slot + 1) & mask) {
    if (slots_[slot].hash == hash && texts()[slots_[slot].code] == text) break;
  }
  return slot;
}

void CodeDictionary::Grow() {
  const std::vector<Slot> old = std::move(slots_);
  slots_.assign(old.size() * 2, {});
  const size_t mask = slots_.size() - 1;
  for (const Slot& entry : old) {
    if (entry.code == 0) continue;
    size_t slot = entry.hash & mask;
    while (slots_[slot].code != 0) slot = (slot + 1) & mask;
    slots_[slot] = entry;
  }
}

CodeId CodeDictionary::Find(std::string_view text) const {
  return slots_[SlotOf(text, HashOf(text))].code;
}

CodeId CodeDictionary::FindOrAdd(std::string_view text) {
  const uint32_t hash = HashOf(text);
  const size_t slot = SlotOf(text, hash);
  if (slots_[slot].code != 0) return slots_[slot].code;
  texts_.Append(text);
  bytes_ += text.size();
  const CodeId code = size();
  slots_[slot] = {code, hash};
  if (2 * texts().size() > slots_.size()) Grow();
  return code;
}

void CodeDictionary::Translate(const TextColumn& column, size_t rows, std::vector<CodeId>* codes) {
  constexpr CodeId kUnknown = 0xFFFFFFFF;
  codes->assign(column.entries.size(), 0);
  bool unknown = false;
  // In groups, so that the cache misses of a group overlap.
  constexpr size_t kGroup = 32;
  uint32_t hashes[kGroup];
  const size_t mask = slots_.size() - 1;
  for (size_t first = 1; first < column.entries.size(); first += kGroup) {
    const size_t n = std::min(kGroup, column.entries.size() - first);
    for (size_t i = 0; i < n; ++i) {
      hashes[i] = HashOf(column.entries[first + i]);
      __builtin_prefetch(&slots_[hashes[i] & mask]);
    }
    for (size_t i = 0; i < n; ++i) __builtin_prefetch(&texts()[slots_[hashes[i] & mask].code]);
    for (size_t i = 0; i < n; ++i) {
      const CodeId code = slots_[SlotOf(column.entries[first + i], hashes[i])].code;
      (*codes)[first + i] = code == 0 ? kUnknown : code;
      unknown = unknown || code == 0;
    }
  }
  if (!unknown) return;
  const size_t last = column.constant && rows > 0 ? 1 : rows;
  for (size_t row = 0; row < last; ++row) {
    CodeId& code = (*codes)[column.index[row]];
    if (code == kUnknown) code = FindOrAdd(column.entries[column.index[row]]);
  }
}

std::shared_ptr<const CodeList> CodeDictionary::List() const {
  if (list_ == nullptr || list_->size() != texts().size())
    list_ = std::make_shared<const CodeList>(texts());
  return list_;
}

bool CodeDictionary::Load(std::string_view bytes) {
  while (!bytes.empty()) {
    uint32_t length = 0;
    if (bytes.size() < sizeof(length)) return false;
    std::memcpy(&length, bytes.data(), sizeof(length));
    bytes.remove_prefix(sizeof(length));
    if (bytes.size() < length) return false;
    const uint32_t before = size();
    FindOrAdd(bytes.substr(0, length));
    if (size() != before + 1) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

void AppendTexts(const CodeList& texts, uint32_t begin, uint32_t end, std::string* out) {
  for (uint32_t code = begin + 1; code <= end; ++code) {
    const uint32_t length = static_cast<uint32_t>(texts[code].size());
    out->append(reinterpret_cast<const char*>(&length), sizeof(length));
    out->append(texts[code]);
  }
}

}  // namespace tidemark::analytics
