#ifndef TIDEMARK_COMMON_BASE_SCOPED_FD_H_
#define TIDEMARK_COMMON_BASE_SCOPED_FD_H_

#include <unistd.h>

#include <utility>

namespace tidemark::base {

// Owns a file descriptor; -1 is none.
class ScopedFd {
 public:
  ScopedFd() = default;
  explicit ScopedFd(int fd) : fd_(fd) {}
  ScopedFd(ScopedFd&& other) noexcept : fd_(other.Release()) {}
  ScopedFd& operator=(ScopedFd&& other) noexcept {
    Reset(other.Release());
    return *this;
  }
  ~ScopedFd() { Reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }
  void Reset(int fd = -1) {
    const int old = std::exchange(fd_, fd);
    if (old >= 0) ::close(old);
  }

 private:
  int fd_ = -1;
};

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_SCOPED_FD_H_
