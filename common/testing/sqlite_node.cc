#include "common/testing/sqlite_node.h"

#include <sqlite3.h>

namespace tidemark::testing {

static_assert(SqliteNode::kIndexLocks == SQLITE_SHM_NLOCK);

int SqliteNode::Lock(Holder* holder, int level) {
  if (level <= holder->level) return SQLITE_OK;
  if (holder->level == SQLITE_LOCK_NONE) {
    if (exclusive_) return SQLITE_BUSY;
    ++readers_;
    holder->level = SQLITE_LOCK_SHARED;
  }
  if (level == SQLITE_LOCK_SHARED) return SQLITE_OK;
  if (writer_ != nullptr && writer_ != holder) return SQLITE_BUSY;
  if (level == SQLITE_LOCK_EXCLUSIVE) {
    if (readers_ > 1) return SQLITE_BUSY;
    exclusive_ = true;
  }
  writer_ = holder;
  holder->level = level;
  return SQLITE_OK;
}

void SqliteNode::Unlock(Holder* holder, int level) {
  if (level >= holder->level) return;
  if (writer_ == holder) {
    writer_ = nullptr;
    exclusive_ = false;
  }
  if (level == SQLITE_LOCK_NONE) --readers_;
  holder->level = level;
}

void* SqliteNode::Region(size_t region, size_t bytes, bool extend) {
  if (region >= regions_.size() && extend) regions_.resize(region + 1);
  if (region >= regions_.size()) return nullptr;
  if (regions_[region] == nullptr) {
    if (!extend) return nullptr;
    regions_[region] = std::make_unique<uint64_t[]>(bytes / sizeof(uint64_t) + 1);
  }
  return regions_[region].get();
}

void SqliteNode::ReleaseIndex(Holder* holder, int lock) {
  char& held = holder->index[static_cast<size_t>(lock)];
  if (held == 's') --index_shared_[static_cast<size_t>(lock)];
  if (held == 'x') index_exclusive_[static_cast<size_t>(lock)] = false;
  held = 0;
}

int SqliteNode::LockIndex(Holder* holder, int first, int count, int flags) {
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    for (int lock = first; lock < first + count; ++lock) ReleaseIndex(holder, lock);
    return SQLITE_OK;
  }
  for (auto lock = static_cast<size_t>(first); lock < static_cast<size_t>(first + count); ++lock) {
    const int others = index_shared_[lock] - (holder->index[lock] == 's' ? 1 : 0);
    if (holder->index[lock] == 'x') continue;
    if (index_exclusive_[lock] || (exclusive && others > 0)) return SQLITE_BUSY;
  }
  for (int lock = first; lock < first + count; ++lock) {
    ReleaseIndex(holder, lock);
    const auto at = static_cast<size_t>(lock);
    holder->index[at] = exclusive ? 'x' : 's';
    if (exclusive) {
      index_exclusive_[at] = true;
    } else {
      ++index_shared_[at];
    }
  }
  return SQLITE_OK;
}

void SqliteNode::UnlockIndex(Holder* holder) {
  for (int lock = 0; lock < kIndexLocks; ++lock) ReleaseIndex(holder, lock);
}

void SqliteNode::Forget(Holder* holder) {
  Unlock(holder, SQLITE_LOCK_NONE);
  UnlockIndex(holder);
}

}  // namespace tidemark::testing
