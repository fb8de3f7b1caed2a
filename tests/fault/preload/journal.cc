#include "tests/fault/preload/journal.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>

#include "tests/fault/preload/plan.h"

namespace tidemark::fault {
namespace {

std::atomic<uint64_t> places{0};

// System calls by number: our own functions of these names would count them.
int Descriptor() {
  static const int fd = [] {
    const std::string& path = ThePlan().journal;
    if (path.empty()) return -1;
    return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path.c_str(),
                                      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  }();
  return fd;
}

}  // namespace

uint64_t NextPlace() { return ++places; }

void Write(const Line& line) {
  const int error = errno;
  if (Descriptor() >= 0) {
    std::string text;
    for (const uint64_t number : {line.entered, line.left, line.number}) {
      text += std::to_string(number) + '\t';
    }
    text += line.name;
    text += '\t' + std::to_string(line.result) + '\t' + line.fault + '\t' +
            std::to_string(line.offset) + '\t' + std::to_string(line.bytes) + '\t';
    text += line.object;
    text += '\n';
    // One write to a file opened for appending: lines of several threads do not mix.
    if (::syscall(SYS_write, Descriptor(), text.data(), text.size()) < 0) errno = 0;
  }
  errno = error;
}

}  // namespace tidemark::fault
