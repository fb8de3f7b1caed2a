#include "tests/fault/preload/counted_call.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>

#include "tests/fault/preload/journal.h"
#include "tests/fault/preload/plan.h"

namespace tidemark::fault {
namespace {

std::atomic<uint64_t> calls{0};
std::atomic<bool> full{false};

// Never destroyed: calls are made while the process ends.
struct Sizes {
  std::mutex mutex;
  std::map<std::string, off_t> synced;  // by path
};
Sizes& TheSizes() {
  static auto* const sizes = new Sizes;
  return *sizes;
}

[[noreturn]] void Die() {
  ::kill(::getpid(), SIGKILL);
  while (true) ::pause();
}

// What a power failure may do at its least kind: nothing that was not synced is there. Overwritten
// bytes are kept, and so are names.
void LoseUnsynced() {
  Sizes& sizes = TheSizes();
  // Not unlocked: whoever else is about to sync comes too late.
  sizes.mutex.lock();
  for (const auto& [path, size] : sizes.synced) {
    if (SizeOf(path) <= size) continue;
    if (::syscall(SYS_truncate, path.c_str(), size) != 0) continue;  // removed meanwhile
  }
}

bool StillFull(const CountedCall& call) {
  if (call.wants != Wants::kSpace || !full.load()) return false;
  if (ThePlan().lift.empty() || ::access(ThePlan().lift.c_str(), F_OK) != 0) return true;
  full = false;
  return false;
}

class OneCall {
 public:
  explicit OneCall(const CountedCall& call)
      : call_(call), line_{.entered = NextPlace(), .number = ++calls} {}

  int64_t Real(const std::function<int64_t(size_t)>& real, size_t bytes, const char* fault) {
    const int64_t result = real(bytes);
    return Done(result, result < 0 ? errno : 0, fault);
  }
  int64_t Fail(int error, const char* fault) { return Done(-1, error, fault); }
  void Record(int64_t result, const char* fault) {
    line_.left = NextPlace();
    line_.name = call_.name;
    line_.result = result;
    line_.fault = fault;
    line_.offset = call_.offset;
    line_.bytes = call_.bytes;
    line_.object = call_.path;
    Write(line_);
  }
  uint64_t number() const { return line_.number; }

 private:
  int64_t Done(int64_t result, int error, const char* fault) {
    Record(result < 0 ? -error : result, fault);
    errno = error;
    return result;
  }

  const CountedCall& call_;
  Line line_;
};

int64_t Hit(Action action, const CountedCall& call, const std::function<int64_t(size_t)>& real,
            OneCall& one) {
  const bool parts = call.writes && call.bytes > 1;
  switch (action) {
    case Action::kEio:
      return one.Fail(EIO, "eio");
    case Action::kFull:
      full = true;
      if (StillFull(call)) return one.Fail(ENOSPC, "full");
      return one.Real(real, call.bytes, "full-from-here");
    case Action::kShort:
      return one.Real(real, parts ? call.bytes / 2 : call.bytes, parts ? "short" : "none");
    case Action::kTorn:
      if (parts) real(call.bytes / 2);
      one.Record(0, parts ? "torn" : "kill");
      Die();
    case Action::kPower:
      LoseUnsynced();
      [[fallthrough]];
    case Action::kKill:
      one.Record(0, action == Action::kPower ? "power" : "kill");
      Die();
    case Action::kNone:
      break;
  }
  return one.Real(real, call.bytes, "none");
}

}  // namespace

int64_t Make(const CountedCall& call, const std::function<int64_t(size_t)>& real) {
  const Plan& plan = ThePlan();
  OneCall one(call);
  if (StillFull(call)) return one.Fail(ENOSPC, "full");
  const bool hit = plan.action != Action::kNone && one.number() == plan.at;
  return Hit(hit ? plan.action : Action::kNone, call, real, one);
}

int64_t SizeOf(const std::string& path) {
  const int error = errno;
  struct stat info = {};
  const int64_t size = ::stat(path.c_str(), &info) == 0 ? info.st_size : -1;
  errno = error;
  return size;
}

void RememberOpened(const std::string& path) {
  if (ThePlan().action != Action::kPower) return;
  Sizes& sizes = TheSizes();
  const std::lock_guard lock(sizes.mutex);
  sizes.synced.try_emplace(path, SizeOf(path));
}

void RememberSynced(const std::string& path, int64_t size) {
  if (ThePlan().action != Action::kPower) return;
  Sizes& sizes = TheSizes();
  const std::lock_guard lock(sizes.mutex);
  sizes.synced[path] = size;
}

}  // namespace tidemark::fault
