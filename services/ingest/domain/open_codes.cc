#include "services/ingest/domain/open_codes.h"

namespace tidemark::ingest {
namespace {

constexpr size_t kFirstSlots = size_t{1} << 14;

}  // namespace

OpenCodes::OpenCodes(const base::TextHash& hash) : hash_(hash) {
  tables_.push_back(std::make_unique<Table>(kFirstSlots));
  table_.store(tables_.back().get(), std::memory_order_release);
}

OpenCodes::~OpenCodes() = default;

bool OpenCodes::Holds(const Table& table, uint64_t hash) {
  for (size_t at = hash & table.mask;; at = (at + 1) & table.mask) {
    const uint64_t found = table.slots[at].load(std::memory_order_relaxed);
    if (found == hash) return true;
    if (found == 0) return false;
  }
}

void OpenCodes::Put(Table& table, uint64_t hash) {
  size_t at = hash & table.mask;
  while (table.slots[at].load(std::memory_order_relaxed) != 0) at = (at + 1) & table.mask;
  table.slots[at].store(hash, std::memory_order_relaxed);
}

void OpenCodes::Insert(uint64_t hash) {
  Table* table = tables_.back().get();
  if ((size_ + 1) * 2 > table->size()) {
    auto larger = std::make_unique<Table>(2 * table->size());
    for (const std::atomic<uint64_t>& slot : table->all()) {
      const uint64_t old = slot.load(std::memory_order_relaxed);
      if (old != 0) Put(*larger, old);
    }
    table = larger.get();
    tables_.push_back(std::move(larger));
    table_.store(table, std::memory_order_release);
  }
  Put(*table, hash);
  ++size_;
}

bool OpenCodes::Admit(uint64_t source, OpenList list, uint64_t hash, int64_t day, uint32_t cap,
                      bool dry_run) {
  if (Holds(*table_.load(std::memory_order_acquire), hash)) [[likely]]
    return true;
  base::MutexLock lock(mutex_);
  if (Holds(*tables_.back(), hash)) return true;
  Day& today = days_[{source, list}];
  const uint32_t used = today.day == day ? today.new_codes : 0;
  if (used >= cap) return false;
  if (dry_run) return true;
  today = {day, used + 1};
  Insert(hash);
  return true;
}

void OpenCodes::Learn(uint64_t source, OpenList list, std::string_view code) {
  const uint64_t hash = CodeKey(source, list, code);
  if (Holds(*table_.load(std::memory_order_acquire), hash)) return;
  base::MutexLock lock(mutex_);
  if (!Holds(*tables_.back(), hash)) Insert(hash);
}

std::vector<uint64_t> OpenCodes::Keys() const {
  base::MutexLock lock(mutex_);
  std::vector<uint64_t> keys;
  keys.reserve(size_);
  for (const std::atomic<uint64_t>& slot : tables_.back()->all()) {
    const uint64_t key = slot.load(std::memory_order_relaxed);
    if (key != 0) keys.push_back(key);
  }
  return keys;
}

void OpenCodes::LearnKeys(std::span<const uint64_t> keys) {
  base::MutexLock lock(mutex_);
  for (const uint64_t key : keys) {
    if (key != 0 && !Holds(*tables_.back(), key)) Insert(key);
  }
}

size_t OpenCodes::size() const {
  base::MutexLock lock(mutex_);
  return size_;
}

}  // namespace tidemark::ingest
