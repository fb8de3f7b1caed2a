#include <algorithm>
#include <vector>

#include "services/analytics/store/order_hash.h"
#include "services/analytics/store/run_store.h"

// Which texts and orders a snapshot has. Numbers are given in order of first appearance, and every
// run and closed chunk knows how far they reached, so only the one part that a snapshot ends in is
// ever searched.
namespace tidemark::analytics {
namespace {

bool HasBelow(const RowGroup& group, int slot, uint32_t id, uint64_t log_size) {
  const ColumnView& ids = group.columns[slot];
  const ColumnView& effective = group.columns[kEffectiveSlot];
  if (group.rows == 0 || ids.min > id || ids.max < id || group.min_effective >= log_size) {
    return false;
  }
  for (size_t row = 0; row < group.rows; ++row) {
    if (ids.At(row) == id && static_cast<uint64_t>(effective.At(row)) < log_size) return true;
  }
  return false;
}

uint32_t SizeOf(const DictionarySizes& sizes, int slot) {
  return slot == kOrderSlot ? sizes.orders : sizes.codes[slot];
}

}  // namespace

bool RunStore::IsMet(int slot, uint32_t id, uint64_t log_size) const {
  if (id == 0) return false;
  const auto now = parts();
  for (const auto& run : now->runs) {
    if (run->first_leaf() >= log_size) return false;
    if (id > SizeOf(run->directory().dictionary_end, slot)) continue;
    if (run->end_leaf() <= log_size) return true;
    for (const RowGroup& group : run->groups()) {
      if (HasBelow(group, slot, id, log_size)) return true;
    }
    return false;
  }
  for (size_t i = 0; i < now->chunks.size(); ++i) {
    const RawChunk& chunk = *now->chunks[i];
    if (chunk.first_leaf() >= log_size) return false;
    const bool closed = i < now->closed_chunks;
    if (closed && id > SizeOf(chunk.sizes(), slot)) continue;
    if (closed && chunk.end_leaf() <= log_size) return true;
    return HasBelow(chunk.Rows(log_size), slot, id, log_size);
  }
  return false;
}

CodeId RunStore::CodeOf(Field field, std::string_view text) const {
  base::MutexLock lock(dictionary_mutex_);
  return dictionaries_->codes[static_cast<int>(field)].Find(text);
}

bool RunStore::HasCode(Field field, std::string_view code, uint64_t log_size) const {
  return IsMet(static_cast<int>(field), CodeOf(field, code), log_size);
}

bool RunStore::HasOrder(std::string_view order, uint64_t log_size) const {
  Key16 log_key;
  CodeId sources = 0;
  {
    base::MutexLock lock(dictionary_mutex_);
    log_key = log_key_;
    sources = dictionaries_->codes[static_cast<int>(Field::kSource)].size();
  }
  std::vector<Key16> keys;
  for (CodeId source = 0; source <= sources; ++source) {
    keys.push_back(OrderKey(log_key, source, order));
  }
  std::vector<uint32_t> ids(keys.size());
  {
    base::MutexLock lock(dictionary_mutex_);
    dictionaries_->orders.Find(keys.data(), keys.size(), ids.data());
  }
  return std::any_of(ids.begin(), ids.end(),
                     [&](uint32_t id) { return IsMet(kOrderSlot, id, log_size); });
}

}  // namespace tidemark::analytics
