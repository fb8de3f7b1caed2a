#ifndef TIDEMARK_SERVICES_INGEST_STORE_FILE_WINDOW_H_
#define TIDEMARK_SERVICES_INGEST_STORE_FILE_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/fs/file_system.h"

namespace tidemark::ingest {

// A file read from front to back through one buffer. It is read and not mapped, so that a bad
// sector is an error and not the end of the process.
class FileWindow {
 public:
  static constexpr size_t kChunkBytes = size_t{4} << 20;

  // `file` is not owned; `size` is where it ends.
  FileWindow(const fs::File* file, uint64_t size) : file_(file), size_(size) {}

  uint64_t size() const { return size_; }
  // The bytes from `offset` on, at least `want` of them unless the file ends before; valid until
  // the next call. Errors as fs::File::PRead.
  absl::StatusOr<std::string_view> At(uint64_t offset, size_t want);

 private:
  const fs::File* const file_;
  const uint64_t size_;
  std::string buffer_;
  uint64_t begin_ = 0;  // offset of the buffer's first byte
  size_t used_ = 0;     // bytes of the buffer that are the file's
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_FILE_WINDOW_H_
