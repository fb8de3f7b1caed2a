// A file for decoders that want a path.
#ifndef TIDEMARK_TESTS_FUZZ_MEMORY_FILE_H_
#define TIDEMARK_TESTS_FUZZ_MEMORY_FILE_H_

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace tidemark::fuzz {

// A file in memory that has a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text) : fd_(memfd_create("config", MFD_CLOEXEC)) {
    while (!text.empty()) {
      const ssize_t put = ::write(fd_, text.data(), text.size());
      if (put <= 0) std::abort();
      text.remove_prefix(static_cast<size_t>(put));
    }
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return absl::StrCat("/proc/self/fd/", fd_); }

 private:
  const int fd_;
};

}  // namespace tidemark::fuzz

#endif  // TIDEMARK_TESTS_FUZZ_MEMORY_FILE_H_
