#ifndef TIDEMARK_COMMON_TESTING_SQLITE_NODE_H_
#define TIDEMARK_COMMON_TESTING_SQLITE_NODE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tidemark::testing {

// What the connections to one database file share: its locks and the index of its WAL. For one
// thread, so that whoever does not get a lock is told at once.
class SqliteNode {
 public:
  static constexpr int kIndexLocks = 8;

  // What one open file holds.
  struct Holder {
    int level = 0;                             // SQLITE_LOCK_...
    std::array<char, kIndexLocks> index = {};  // 's' shared, 'x' exclusive
  };

  // Raises the level, never to PENDING, which only a waiting writer has. SQLITE_OK or SQLITE_BUSY.
  int Lock(Holder* holder, int level);
  // Lowers it.
  void Unlock(Holder* holder, int level);
  bool IsReserved() const { return writer_ != nullptr; }

  // Memory of the index, zeros at first; null when it is not there and not to be made.
  void* Region(size_t region, size_t bytes, bool extend);
  // By flags of SQLITE_SHM_...; SQLITE_OK or SQLITE_BUSY.
  int LockIndex(Holder* holder, int first, int count, int flags);
  void UnlockIndex(Holder* holder);

  // The file is closed.
  void Forget(Holder* holder);

 private:
  void ReleaseIndex(Holder* holder, int lock);

  int readers_ = 0;
  // Has RESERVED or more.
  const Holder* writer_ = nullptr;
  bool exclusive_ = false;
  std::array<int, kIndexLocks> index_shared_ = {};
  std::array<bool, kIndexLocks> index_exclusive_ = {};
  std::vector<std::unique_ptr<uint64_t[]>> regions_;
};

}  // namespace tidemark::testing

#endif  // TIDEMARK_COMMON_TESTING_SQLITE_NODE_H_
