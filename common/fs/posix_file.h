#ifndef TIDEMARK_COMMON_FS_POSIX_FILE_H_
#define TIDEMARK_COMMON_FS_POSIX_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/scoped_fd.h"
#include "common/fs/file_system.h"

namespace tidemark::fs {

// "`what` `path`: No space left on device", with the code file_system.h promises for `error`.
absl::Status ErrnoStatus(int error, std::string_view what, std::string_view path);

// All of `data` from `offset` on, in as many writes as the system wants.
absl::Status WriteAll(int fd, uint64_t offset, std::string_view data, std::string_view path);

// `append_offset`: where Append continues.
std::unique_ptr<File> NewPosixFile(base::ScopedFd fd, std::string path, uint64_t append_offset);

}  // namespace tidemark::fs

#endif  // TIDEMARK_COMMON_FS_POSIX_FILE_H_
