// The wall clock, as far off as the 8 bytes in the file $TIDEMARK_CLOCK_FILE say: a signed number
// of microseconds that may change at any time. The monotonic clock is the machine's, as after a
// real step.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

constexpr int64_t kMillion = 1'000'000;

const std::atomic<int64_t>* MapOffset() {
  const char* path = std::getenv("TIDEMARK_CLOCK_FILE");
  if (path == nullptr) return nullptr;
  const int fd = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
  if (fd < 0) std::abort();
  void* address = ::mmap(nullptr, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) std::abort();
  return static_cast<const std::atomic<int64_t>*>(address);
}

int64_t OffsetMicros() {
  static const std::atomic<int64_t>* const offset = MapOffset();
  return offset == nullptr ? 0 : offset->load();
}

timespec WallTime(clockid_t clock) {
  timespec time = {};
  ::syscall(SYS_clock_gettime, clock, &time);
  const int64_t micros = time.tv_sec * kMillion + time.tv_nsec / 1000 + OffsetMicros();
  return {.tv_sec = micros / kMillion, .tv_nsec = micros % kMillion * 1000 + time.tv_nsec % 1000};
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) {
    return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  }
  *time = WallTime(clock);
  return 0;
}

int gettimeofday(timeval* time, void*) noexcept {
  const timespec now = WallTime(CLOCK_REALTIME);
  *time = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* out) noexcept {
  const time_t now = WallTime(CLOCK_REALTIME).tv_sec;
  if (out != nullptr) *out = now;
  return now;
}

}  // extern "C"
