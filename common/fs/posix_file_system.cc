#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/fs/file_system.h"
#include "common/fs/posix_file.h"
#include "common/status/status_macros.h"

namespace tidemark::fs {
namespace {

// Data folders hold pseudonyms and keys: nobody else reads them.
constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirMode = 0700;

absl::StatusOr<base::ScopedFd> Open(const std::string& path, int flags) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, kFileMode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return ErrnoStatus(errno, "open", path);
  return base::ScopedFd(fd);
}

absl::StatusOr<uint64_t> SizeOf(int fd, const std::string& path) {
  struct stat info = {};
  if (::fstat(fd, &info) != 0) return ErrnoStatus(errno, "stat", path);
  return static_cast<uint64_t>(info.st_size);
}

class PosixMapping final : public Mapping {
 public:
  PosixMapping(void* address, size_t size) : address_(address), size_(size) {
    data_ = std::string_view(static_cast<const char*>(address), size);
  }
  ~PosixMapping() override {
    if (size_ > 0) ::munmap(address_, size_);
  }

 private:
  void* address_;
  size_t size_;
};

class PosixFileLock final : public FileLock {
 public:
  PosixFileLock(base::ScopedFd fd, bool owner) : fd_(std::move(fd)), owner_(owner) {}
  // The owner's name goes, so that a file left behind names nobody.
  ~PosixFileLock() override {
    if (owner_ && ::ftruncate(fd_.get(), 0) != 0) return;  // The lock counts, not the name.
  }

 private:
  base::ScopedFd fd_;
  const bool owner_;
};

class PosixFileSystem final : public FileSystem {
 public:
  absl::StatusOr<std::unique_ptr<File>> OpenAppend(const std::string& path) override {
    return OpenFile(path, O_RDWR | O_CREAT);
  }
  absl::StatusOr<std::unique_ptr<File>> OpenRead(const std::string& path) override {
    return OpenFile(path, O_RDONLY);
  }

  absl::StatusOr<std::unique_ptr<Mapping>> MapReadOnly(const std::string& path) override {
    TM_ASSIGN_OR_RETURN(const base::ScopedFd fd, Open(path, O_RDONLY));
    TM_ASSIGN_OR_RETURN(const uint64_t size, SizeOf(fd.get(), path));
    // mmap refuses to map nothing.
    if (size == 0) return std::make_unique<PosixMapping>(nullptr, 0);
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
    if (address == MAP_FAILED) return ErrnoStatus(errno, "map", path);
    return std::make_unique<PosixMapping>(address, size);
  }

  absl::Status Rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
    return ErrnoStatus(errno, absl::StrCat("rename ", from, " to"), to);
  }

  absl::Status Remove(const std::string& path) override {
    if (std::remove(path.c_str()) == 0) return absl::OkStatus();
    return ErrnoStatus(errno, "remove", path);
  }

  absl::StatusOr<std::vector<std::string>> List(const std::string& dir) override {
    DIR* handle = ::opendir(dir.c_str());
    if (handle == nullptr) return ErrnoStatus(errno, "list", dir);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(handle)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    const int error = errno;
    ::closedir(handle);
    if (error != 0) return ErrnoStatus(error, "list", dir);
    std::sort(names.begin(), names.end());
    return names;
  }

  absl::Status MakeDirs(const std::string& dir) override {
    TM_ASSIGN_OR_RETURN(const bool exists, Exists(dir));
    if (exists) return RequireDir(dir);
    const std::string parent = DirName(dir);
    if (parent != dir) TM_RETURN_IF_ERROR(MakeDirs(parent));
    if (::mkdir(dir.c_str(), kDirMode) != 0) {
      if (errno != EEXIST) return ErrnoStatus(errno, "make folder", dir);
      return RequireDir(dir);
    }
    return SyncDir(parent);
  }

  absl::Status SyncDir(const std::string& dir) override {
    TM_ASSIGN_OR_RETURN(const base::ScopedFd fd, Open(dir, O_RDONLY | O_DIRECTORY));
    while (::fsync(fd.get()) != 0) {
      if (errno != EINTR) return ErrnoStatus(errno, "sync folder", dir);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Exists(const std::string& path) override {
    struct stat info = {};
    if (::stat(path.c_str(), &info) == 0) return true;
    if (errno == ENOENT) return false;
    return ErrnoStatus(errno, "stat", path);
  }

  absl::StatusOr<std::unique_ptr<FileLock>> LockFile(const std::string& path,
                                                     std::string_view owner) override {
    TM_ASSIGN_OR_RETURN(base::ScopedFd fd, Open(path, O_RDWR | O_CREAT));
    TM_RETURN_IF_ERROR(Flock(fd.get(), LOCK_EX, path));
    const std::string name = absl::StrCat(owner, "\n");
    if (::ftruncate(fd.get(), 0) != 0) return ErrnoStatus(errno, "write owner to", path);
    TM_RETURN_IF_ERROR(WriteAll(fd.get(), 0, name, path));
    return std::make_unique<PosixFileLock>(std::move(fd), /*owner=*/true);
  }

  absl::StatusOr<std::unique_ptr<FileLock>> LockShared(const std::string& path) override {
    TM_ASSIGN_OR_RETURN(base::ScopedFd fd, Open(path, O_RDONLY));
    TM_RETURN_IF_ERROR(Flock(fd.get(), LOCK_SH, path));
    return std::make_unique<PosixFileLock>(std::move(fd), /*owner=*/false);
  }

 private:
  absl::Status Flock(int fd, int how, const std::string& path) {
    if (::flock(fd, how | LOCK_NB) == 0) return absl::OkStatus();
    if (errno != EWOULDBLOCK) return ErrnoStatus(errno, "lock", path);
    const absl::StatusOr<std::string> other = ReadFile(*this, path);
    return absl::FailedPreconditionError(absl::StrCat(
        path, " is in use by ",
        other.ok() && !other->empty() ? absl::StripSuffix(*other, "\n") : "another process",
        "; stop it first"));
  }

  static absl::StatusOr<std::unique_ptr<File>> OpenFile(const std::string& path, int flags) {
    TM_ASSIGN_OR_RETURN(base::ScopedFd fd, Open(path, flags));
    TM_ASSIGN_OR_RETURN(const uint64_t size, SizeOf(fd.get(), path));
    return NewPosixFile(std::move(fd), path, size);
  }

  static absl::Status RequireDir(const std::string& dir) {
    struct stat info = {};
    if (::stat(dir.c_str(), &info) != 0) return ErrnoStatus(errno, "stat", dir);
    if (S_ISDIR(info.st_mode)) return absl::OkStatus();
    return absl::AlreadyExistsError(absl::StrCat(dir, " is there and is no folder"));
  }
};

}  // namespace

std::unique_ptr<FileSystem> NewPosixFileSystem() { return std::make_unique<PosixFileSystem>(); }

}  // namespace tidemark::fs
