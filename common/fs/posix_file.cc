#include "common/fs/posix_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace tidemark::fs {
namespace {

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::StatusCode::kNotFound;
    case EEXIST:
    case ENOTEMPTY:
      return absl::StatusCode::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
      return absl::StatusCode::kResourceExhausted;
    case EIO:
      return absl::StatusCode::kDataLoss;
    case EISDIR:
    case EINVAL:
    case ENAMETOOLONG:
      return absl::StatusCode::kInvalidArgument;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

class PosixFile final : public File {
 public:
  PosixFile(base::ScopedFd fd, std::string path, uint64_t append_offset)
      : fd_(std::move(fd)), path_(std::move(path)), append_offset_(append_offset) {}

  absl::Status Append(std::string_view data) override {
    TM_RETURN_IF_ERROR(PWrite(append_offset_, data));
    append_offset_ += data.size();
    return absl::OkStatus();
  }

  absl::Status PWrite(uint64_t offset, std::string_view data) override {
    return WriteAll(fd_.get(), offset, data, path_);
  }

  absl::StatusOr<size_t> PRead(uint64_t offset, size_t length, char* buffer) const override {
    size_t total = 0;
    while (total < length) {
      const ssize_t got =
          ::pread(fd_.get(), buffer + total, length - total, static_cast<off_t>(offset + total));
      if (got < 0) {
        if (errno == EINTR) continue;
        return ErrnoStatus(errno, "read", path_);
      }
      if (got == 0) break;
      total += static_cast<size_t>(got);
    }
    return total;
  }

  void WillNeed(uint64_t offset, uint64_t length) const override {
    ::posix_fadvise(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(length),
                    POSIX_FADV_WILLNEED);
  }

  absl::Status Sync() override {
    while (::fdatasync(fd_.get()) != 0) {
      if (errno != EINTR) return ErrnoStatus(errno, "sync", path_);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<uint64_t> Size() const override {
    struct stat info = {};
    if (::fstat(fd_.get(), &info) != 0) return ErrnoStatus(errno, "stat", path_);
    return static_cast<uint64_t>(info.st_size);
  }

  absl::Status Truncate(uint64_t size) override {
    while (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) {
      if (errno != EINTR) return ErrnoStatus(errno, "truncate", path_);
    }
    append_offset_ = size;
    return absl::OkStatus();
  }

  absl::Status Close() override {
    const int fd = fd_.Release();
    // After EINTR Linux has closed the descriptor all the same.
    if (fd >= 0 && ::close(fd) != 0 && errno != EINTR) return ErrnoStatus(errno, "close", path_);
    return absl::OkStatus();
  }

 private:
  base::ScopedFd fd_;
  const std::string path_;
  uint64_t append_offset_;
};

}  // namespace

absl::Status ErrnoStatus(int error, std::string_view what, std::string_view path) {
  return absl::Status(CodeOf(error),
                      absl::StrCat(what, " ", path, ": ", std::system_category().message(error)));
}

absl::Status WriteAll(int fd, uint64_t offset, std::string_view data, std::string_view path) {
  while (!data.empty()) {
    const ssize_t written = ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, "write to", path);
    }
    offset += static_cast<uint64_t>(written);
    data.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

std::unique_ptr<File> NewPosixFile(base::ScopedFd fd, std::string path, uint64_t append_offset) {
  return std::make_unique<PosixFile>(std::move(fd), std::move(path), append_offset);
}

}  // namespace tidemark::fs
