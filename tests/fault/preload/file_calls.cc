// The C library's functions on files, in front of the real ones (LD_PRELOAD). Calls on files below
// the plan's folder are counted, recorded and, at the planned one, failed; all others pass. The
// system is called by number: the library's own functions of these names are the ones below.

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <string>

#include "tests/fault/preload/counted_call.h"
#include "tests/fault/preload/journal.h"
#include "tests/fault/preload/plan.h"

namespace tidemark::fault {
namespace {

// Descriptors of counted files. A process with more descriptors than this is not tested.
std::array<std::atomic<bool>, 65536> counted_fds;

bool Counted(int fd) {
  return fd >= 0 && static_cast<size_t>(fd) < counted_fds.size() && counted_fds[fd].load();
}

std::string PathOf(int fd) {
  std::array<char, 4096> path;
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return size < 0 ? "" : std::string(path.data(), static_cast<size_t>(size));
}

int Open(int dir, const char* path, int flags, mode_t mode) {
  const auto real = [&](size_t) { return ::syscall(SYS_openat, dir, path, flags, mode); };
  if (!ThePlan().Covers(path)) return static_cast<int>(real(0));
  const bool makes = (flags & O_CREAT) != 0 && ::access(path, F_OK) != 0;
  const int fd = static_cast<int>(Make({.name = makes ? "create" : "open",
                                        .path = path,
                                        .wants = makes ? Wants::kSpace : Wants::kNothing},
                                       real));
  if (fd < 0) return fd;
  if (static_cast<size_t>(fd) < counted_fds.size()) counted_fds[fd] = true;
  if ((flags & O_ACCMODE) != O_RDONLY) RememberOpened(path);
  return fd;
}

int64_t Transfer(const char* name, int fd, int64_t offset, size_t bytes, bool writes,
                 const std::function<int64_t(size_t)>& real) {
  if (!Counted(fd)) return real(bytes);
  return Make({.name = name,
               .path = PathOf(fd),
               .wants = writes ? Wants::kSpace : Wants::kNothing,
               .offset = offset,
               .bytes = bytes,
               .writes = writes},
              real);
}

int Sync(const char* name, int fd, long number) {
  const auto real = [&](size_t) { return ::syscall(number, fd); };
  if (!Counted(fd)) return static_cast<int>(real(0));
  const std::string path = PathOf(fd);
  const int64_t size = SizeOf(path);
  // Where space is given out late, a sync is what finds it missing.
  const int64_t done = Make({.name = name, .path = path, .wants = Wants::kSpace}, [&](size_t) {
    if (ThePlan().sync_delay_us > 0) ::usleep(static_cast<useconds_t>(ThePlan().sync_delay_us));
    return real(0);
  });
  if (done == 0) RememberSynced(path, size);
  return static_cast<int>(done);
}

int Truncate(int fd, off_t size) {
  const auto real = [&](size_t) { return ::syscall(SYS_ftruncate, fd, size); };
  if (!Counted(fd)) return static_cast<int>(real(0));
  return static_cast<int>(Make({.name = "ftruncate", .path = PathOf(fd), .offset = size}, real));
}

// For calls that the library makes itself, under names that cannot be had by number.
template <typename Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

std::string Hex(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace
}  // namespace tidemark::fault

using tidemark::fault::Counted;
using tidemark::fault::Make;
using tidemark::fault::Next;
using tidemark::fault::ThePlan;
using tidemark::fault::Wants;

extern "C" {

#define TIDEMARK_MODE_OF(flags)                 \
  mode_t mode = 0;                              \
  if (((flags) & (O_CREAT | O_TMPFILE)) != 0) { \
    va_list more;                               \
    va_start(more, flags);                      \
    mode = va_arg(more, mode_t);                \
    va_end(more);                               \
  }

int open(const char* path, int flags, ...) {
  TIDEMARK_MODE_OF(flags)
  return tidemark::fault::Open(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  TIDEMARK_MODE_OF(flags)
  return tidemark::fault::Open(AT_FDCWD, path, flags, mode);
}
int openat(int dir, const char* path, int flags, ...) {
  TIDEMARK_MODE_OF(flags)
  return tidemark::fault::Open(dir, path, flags, mode);
}
// What -D_FORTIFY_SOURCE makes of open without a mode.
int __open_2(const char* path, int flags) {
  return tidemark::fault::Open(AT_FDCWD, path, flags, 0);
}
int __open64_2(const char* path, int flags) {
  return tidemark::fault::Open(AT_FDCWD, path, flags, 0);
}

int close(int fd) {
  if (fd >= 0 && static_cast<size_t>(fd) < tidemark::fault::counted_fds.size()) {
    tidemark::fault::counted_fds[fd] = false;
  }
  return static_cast<int>(::syscall(SYS_close, fd));
}

ssize_t write(int fd, const void* data, size_t size) {
  return tidemark::fault::Transfer("write", fd, -1, size, true, [&](size_t bytes) {
    return ::syscall(SYS_write, fd, data, bytes);
  });
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  return tidemark::fault::Transfer("pwrite", fd, offset, size, true, [&](size_t bytes) {
    return ::syscall(SYS_pwrite64, fd, data, bytes, offset);
  });
}
ssize_t pwrite64(int fd, const void* data, size_t size, off_t offset) {
  return pwrite(fd, data, size, offset);
}
ssize_t read(int fd, void* data, size_t size) {
  return tidemark::fault::Transfer("read", fd, -1, size, false, [&](size_t bytes) {
    return ::syscall(SYS_read, fd, data, bytes);
  });
}
ssize_t pread(int fd, void* data, size_t size, off_t offset) {
  return tidemark::fault::Transfer("pread", fd, offset, size, false, [&](size_t bytes) {
    return ::syscall(SYS_pread64, fd, data, bytes, offset);
  });
}
ssize_t pread64(int fd, void* data, size_t size, off_t offset) {
  return pread(fd, data, size, offset);
}

int fsync(int fd) { return tidemark::fault::Sync("fsync", fd, SYS_fsync); }
int fdatasync(int fd) { return tidemark::fault::Sync("fdatasync", fd, SYS_fdatasync); }
int ftruncate(int fd, off_t size) noexcept { return tidemark::fault::Truncate(fd, size); }
int ftruncate64(int fd, off_t size) noexcept { return tidemark::fault::Truncate(fd, size); }

int rename(const char* from, const char* to) noexcept {
  const auto real = [&](size_t) { return ::syscall(SYS_rename, from, to); };
  if (!ThePlan().Covers(to)) return static_cast<int>(real(0));
  return static_cast<int>(Make({.name = "rename", .path = to, .wants = Wants::kSpace}, real));
}
int unlink(const char* path) noexcept {
  const auto real = [&](size_t) { return ::syscall(SYS_unlink, path); };
  if (!ThePlan().Covers(path)) return static_cast<int>(real(0));
  return static_cast<int>(Make({.name = "unlink", .path = path}, real));
}
int remove(const char* path) noexcept {
  static const auto next = Next<int (*)(const char*)>("remove");
  if (!ThePlan().Covers(path)) return next(path);
  return static_cast<int>(
      Make({.name = "remove", .path = path}, [&](size_t) { return next(path); }));
}
int mkdir(const char* path, mode_t mode) noexcept {
  const auto real = [&](size_t) { return ::syscall(SYS_mkdir, path, mode); };
  if (!ThePlan().Covers(path)) return static_cast<int>(real(0));
  return static_cast<int>(Make({.name = "mkdir", .path = path, .wants = Wants::kSpace}, real));
}
DIR* opendir(const char* path) {
  static const auto next = Next<DIR* (*)(const char*)>("opendir");
  if (!ThePlan().Covers(path)) return next(path);
  DIR* dir = nullptr;
  Make({.name = "opendir", .path = path}, [&](size_t) {
    dir = next(path);
    return dir == nullptr ? -1 : 0;
  });
  return dir;
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  if (!ThePlan().sends) return ::syscall(SYS_sendmsg, fd, message, flags);
  tidemark::fault::Line line{.entered = tidemark::fault::NextPlace(), .name = "send", .offset = fd};
  const ssize_t sent = ::syscall(SYS_sendmsg, fd, message, flags);
  if (sent > 0) {
    std::string bytes;
    for (size_t i = 0; i < message->msg_iovlen; ++i) {
      bytes.append(static_cast<const char*>(message->msg_iov[i].iov_base),
                   message->msg_iov[i].iov_len);
    }
    bytes.resize(static_cast<size_t>(sent));
    line.left = tidemark::fault::NextPlace();
    line.result = sent;
    line.bytes = bytes.size();
    const std::string text = tidemark::fault::Hex(bytes);
    line.object = text;
    tidemark::fault::Write(line);
  }
  return sent;
}

}  // extern "C"
