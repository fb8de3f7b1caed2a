#include "services/analytics/api/table_cache.h"

#include <algorithm>
#include <utility>

namespace tidemark::analytics {

size_t BytesOf(const Table& table) {
  size_t bytes = sizeof(Table);
  for (const Column& column : table.columns) {
    bytes += sizeof(Column) + column.integers.size() * 8 + column.doubles.size() * 8 +
             column.texts.size() * 4 + column.nulls.size();
    for (const Member& member : column.members) bytes += sizeof(Member) + member.code.size();
  }
  return bytes;
}

std::shared_ptr<const Table> TableCache::Get(std::string_view key) {
  base::MutexLock lock(mutex_);
  const auto it = std::find_if(entries_.begin(), entries_.end(),
                               [key](const Entry& entry) { return entry.key == key; });
  if (it == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, it);
  return entries_.front().table;
}

void TableCache::Put(std::string_view key, std::shared_ptr<const Table> table) {
  const size_t bytes = BytesOf(*table) + key.size();
  if (bytes > max_bytes_) return;
  base::MutexLock lock(mutex_);
  entries_.remove_if([&](const Entry& entry) {
    if (entry.key != key) return false;
    bytes_ -= entry.bytes;
    return true;
  });
  entries_.push_front({std::string(key), std::move(table), bytes});
  bytes_ += bytes;
  while (bytes_ > max_bytes_) {
    bytes_ -= entries_.back().bytes;
    entries_.pop_back();
  }
}

}  // namespace tidemark::analytics
