#ifndef TIDEMARK_COMMON_TESTING_FAULT_FILE_SYSTEM_H_
#define TIDEMARK_COMMON_TESTING_FAULT_FILE_SYSTEM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/fs/file_system.h"

namespace tidemark::testing {

// A file system in memory that can lose, tear and refuse writes. It forgets what a real one may
// forget: bytes not synced, and names (created, renamed, removed) whose folder was not synced.
// Thread-safe.
//
//   FaultFileSystem fs;
//   ... write through `fs` ...
//   fs.Crash();                     // every open file and lock is dead
//   ... recover through `fs` ...
class FaultFileSystem final : public fs::FileSystem {
 public:
  enum class Fault {
    kIoError,      // EIO: DATA_LOSS, nothing written
    kDiskFull,     // ENOSPC: RESOURCE_EXHAUSTED, the first half of the bytes is written
    kTornCrash,    // the first half is written and synced, then Crash()
    kCrashBefore,  // Crash() before anything is written
    kNoFiles,      // EMFILE: UNAVAILABLE, nothing written
  };

  FaultFileSystem();
  ~FaultFileSystem() override;

  // Power failure: back to what is durable. Objects opened before fail with UNAVAILABLE; their
  // locks are free.
  void Crash();
  // The process dies and the machine goes on: as Crash(), but what was written and not synced is
  // still there to be read, until a crash.
  void Kill();
  // From now on a crash keeps a random part of what was not synced, as a real disk does that
  // writes in an order of its own: each sector of 512 bytes by itself (the others hold what was
  // there, or zeros), the file's size, and each folder's names.
  void KeepSomeAtCrash(uint64_t seed);

  // The `nth` change from now (1 = the next) fails so. Changes are Append, PWrite, Sync,
  // Truncate, Rename, Remove, SyncDir and the creation of a file. A fault happens once; faults
  // that are errors leave later changes alone.
  void FailChange(uint64_t nth, Fault fault);
  // Forgets the faults that have not happened yet.
  void ClearFaults();
  // Every change fails with ENOSPC until false.
  void SetDiskFull(bool full);
  // Changes seen so far: run once without faults, then fail each in turn.
  uint64_t changes() const;

  // Rewrites bytes below the feet of the product: bit rot. Durable at once.
  absl::Status Corrupt(const std::string& path, uint64_t offset, std::string_view bytes);
  // Reads that touch the byte at `offset` fail as on a bad sector: DATA_LOSS.
  void FailReads(const std::string& path, uint64_t offset);
  // Durable at once.
  absl::Status TruncateFile(const std::string& path, uint64_t size);

  absl::StatusOr<std::unique_ptr<fs::File>> OpenAppend(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<fs::File>> OpenRead(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<fs::Mapping>> MapReadOnly(const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& dir) override;
  absl::Status MakeDirs(const std::string& dir) override;
  absl::Status SyncDir(const std::string& dir) override;
  absl::StatusOr<bool> Exists(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<fs::FileLock>> LockFile(const std::string& path,
                                                         std::string_view owner) override;
  absl::StatusOr<std::unique_ptr<fs::FileLock>> LockShared(const std::string& path) override;

  // See fault_disk.h.
  class Disk;

 private:
  class OpenFile;
  class Lock;
  std::shared_ptr<Disk> disk_;
};

}  // namespace tidemark::testing

#endif  // TIDEMARK_COMMON_TESTING_FAULT_FILE_SYSTEM_H_
