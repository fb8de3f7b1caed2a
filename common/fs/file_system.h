#ifndef TIDEMARK_COMMON_FS_FILE_SYSTEM_H_
#define TIDEMARK_COMMON_FS_FILE_SYSTEM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The seam every store writes through, so that tests can lose unsynced bytes, fill the disk and
// fail any write (common/testing/fault_file_system.h).
//
// Errors carry the path and the system's text. Codes: NOT_FOUND (ENOENT), ALREADY_EXISTS,
// PERMISSION_DENIED, RESOURCE_EXHAUSTED (ENOSPC, EDQUOT: nothing is broken, space is wanted),
// DATA_LOSS (EIO: what is on disk is not known any more), UNAVAILABLE for the rest, such as too
// many open files (EMFILE), no memory (ENOMEM) or a limit on the size of files (EFBIG). All calls
// block: use them on an executor.
namespace tidemark::fs {

// One open file. Used by one thread at a time, but PRead is safe beside anything. Closing
// happens in the destructor; call Close() where its error matters.
class File {
 public:
  virtual ~File() = default;
  // At the end of the file as this object knows it. On error the file may hold a part of `data`.
  virtual absl::Status Append(std::string_view data) = 0;
  virtual absl::Status PWrite(uint64_t offset, std::string_view data) = 0;
  // Reads up to `length` bytes into `buffer`; fewer only at the end of the file.
  virtual absl::StatusOr<size_t> PRead(uint64_t offset, size_t length, char* buffer) const = 0;
  // A hint that these bytes will be read soon, so that many reads can wait for the disk together.
  // Does not block, and fails in silence.
  virtual void WillNeed(uint64_t /*offset*/, uint64_t /*length*/) const {}
  // fdatasync. After an error the bytes written since the last success must be taken as lost:
  // the kernel may have dropped them, and a second Sync would report success.
  virtual absl::Status Sync() = 0;
  virtual absl::StatusOr<uint64_t> Size() const = 0;
  virtual absl::Status Truncate(uint64_t size) = 0;
  virtual absl::Status Close() = 0;
};

// A file's bytes in memory; stays valid after the file is removed or renamed.
class Mapping {
 public:
  virtual ~Mapping() = default;
  std::string_view data() const { return data_; }

 protected:
  std::string_view data_;
};

// Held while it lives; the system drops it when the process dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // For writing and reading. Creates the file when it is missing; Append continues at its end.
  virtual absl::StatusOr<std::unique_ptr<File>> OpenAppend(const std::string& path) = 0;
  // NOT_FOUND when missing.
  virtual absl::StatusOr<std::unique_ptr<File>> OpenRead(const std::string& path) = 0;
  // A bad sector below a mapping kills the process (SIGBUS) where PRead returns an error.
  virtual absl::StatusOr<std::unique_ptr<Mapping>> MapReadOnly(const std::string& path) = 0;

  // Replaces `to`. Durable only after SyncDir of the folder.
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  virtual absl::Status Remove(const std::string& path) = 0;
  // Names, sorted, without "." and "..".
  virtual absl::StatusOr<std::vector<std::string>> List(const std::string& dir) = 0;
  // With parents; fine when it is there. New folders are synced into their parents.
  virtual absl::Status MakeDirs(const std::string& dir) = 0;
  virtual absl::Status SyncDir(const std::string& dir) = 0;
  virtual absl::StatusOr<bool> Exists(const std::string& path) = 0;

  // Locks `path` against other processes and other callers of this one, and writes `owner`
  // into it. FAILED_PRECONDITION, naming the owner, when it is taken.
  virtual absl::StatusOr<std::unique_ptr<FileLock>> LockFile(const std::string& path,
                                                             std::string_view owner) = 0;
  // Keeps LockFile's owners out while it lives, and changes nothing on disk; any number may hold
  // it. NOT_FOUND when `path` is missing: nobody ever owned it. FAILED_PRECONDITION as LockFile.
  virtual absl::StatusOr<std::unique_ptr<FileLock>> LockShared(const std::string& path) = 0;
};

std::unique_ptr<FileSystem> NewPosixFileSystem();

// "a" + "b" = "a/b".
std::string JoinPath(std::string_view dir, std::string_view name);
// "a/b" -> "a"; "b" -> ".".
std::string DirName(std::string_view path);

absl::StatusOr<std::string> ReadFile(FileSystem& fs, const std::string& path);

// After it returns OK `path` holds `data` for good; after a crash or an error it holds the old
// bytes or the new, never a mix. Writes path + ".tmp", syncs, renames, syncs the folder.
absl::Status WriteFileAtomically(FileSystem& fs, const std::string& path, std::string_view data);

}  // namespace tidemark::fs

#endif  // TIDEMARK_COMMON_FS_FILE_SYSTEM_H_
