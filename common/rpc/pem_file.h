#ifndef TIDEMARK_COMMON_RPC_PEM_FILE_H_
#define TIDEMARK_COMMON_RPC_PEM_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tidemark::rpc {

// The file's bytes; empty for an empty path. INVALID_ARGUMENT naming `option` when it cannot be
// read.
absl::StatusOr<std::string> ReadPemFile(std::string_view option, const std::string& path);

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_PEM_FILE_H_
