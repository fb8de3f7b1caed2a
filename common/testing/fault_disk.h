#ifndef TIDEMARK_COMMON_TESTING_FAULT_DISK_H_
#define TIDEMARK_COMMON_TESTING_FAULT_DISK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/mutex.h"
#include "common/testing/fault_file_system.h"

namespace tidemark::testing {

// What FaultFileSystem stands on: names and bytes as the processes see them, and as they would
// be after a power failure. Thread-safe.
class FaultFileSystem::Disk {
 public:
  // A file's bytes, whatever its names are.
  struct Inode {
    std::string data;
    std::string durable;
    // [dirty_begin, dirty_end) differs from `durable`; the durable size may differ too.
    uint64_t dirty_begin = UINT64_MAX;
    uint64_t dirty_end = 0;
  };
  // Which life of the machine an open file belongs to.
  struct Handle {
    std::string path;
    std::shared_ptr<Inode> inode;
    uint64_t life = 0;
  };

  Disk() : folders_{".", "/"} {}

  void Crash();
  void Kill();
  void KeepSomeAtCrash(uint64_t seed);
  void FailReads(const std::string& path, uint64_t offset);
  void FailChange(uint64_t nth, Fault fault);
  void ClearFaults();
  void SetDiskFull(bool full);
  uint64_t changes() const;
  absl::Status Corrupt(const std::string& path, uint64_t offset, std::string_view bytes);
  absl::Status TruncateFile(const std::string& path, uint64_t size);

  absl::StatusOr<Handle> Open(const std::string& path, bool create);
  absl::Status Write(const Handle& handle, uint64_t offset, std::string_view data);
  absl::StatusOr<size_t> Read(const Handle& handle, uint64_t offset, size_t length,
                              char* buffer) const;
  absl::StatusOr<uint64_t> Size(const Handle& handle) const;
  absl::Status Truncate(const Handle& handle, uint64_t size);
  absl::Status Sync(const Handle& handle);
  absl::StatusOr<std::string> Copy(const std::string& path) const;

  absl::Status Rename(const std::string& from, const std::string& to);
  absl::Status Remove(const std::string& path);
  absl::StatusOr<std::vector<std::string>> List(const std::string& dir) const;
  absl::Status MakeDirs(const std::string& dir);
  absl::Status SyncDir(const std::string& dir);
  bool Exists(const std::string& path) const;

  // Return the life the lock belongs to.
  absl::StatusOr<uint64_t> Lock(const std::string& path, std::string_view owner);
  absl::StatusOr<uint64_t> LockShared(const std::string& path);
  void Unlock(const std::string& path, uint64_t life);

 private:
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  void CrashLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The folder's names are durable as they are.
  void SyncNames(const std::string& dir) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void KeepNames(std::mt19937_64& random) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Counts a change and returns its fault. `half`: write half of the bytes all the same; `torn`:
  // then make them durable and crash.
  absl::Status BeginChange(const std::string& path, bool* half = nullptr, bool* torn = nullptr)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckAlive(const Handle& handle) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::shared_ptr<Inode>> Find(const std::string& path) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable base::Mutex mutex_;
  Names names_ ABSL_GUARDED_BY(mutex_);
  Names durable_names_ ABSL_GUARDED_BY(mutex_);
  // Folders are durable once made: MakeDirs syncs their parents.
  std::set<std::string> folders_ ABSL_GUARDED_BY(mutex_);
  struct Held {
    std::string owner;
    int count = 0;
    bool shared = false;
  };
  std::map<std::string, Held> locks_ ABSL_GUARDED_BY(mutex_);
  // Where a lock was: its file stays.
  std::set<std::string> lock_files_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, uint64_t> bad_sectors_ ABSL_GUARDED_BY(mutex_);
  std::optional<std::mt19937_64> keep_some_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, Fault> faults_ ABSL_GUARDED_BY(mutex_);
  uint64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t life_ ABSL_GUARDED_BY(mutex_) = 1;
  bool full_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tidemark::testing

#endif  // TIDEMARK_COMMON_TESTING_FAULT_DISK_H_
