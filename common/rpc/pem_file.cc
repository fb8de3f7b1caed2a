#include "common/rpc/pem_file.h"

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace tidemark::rpc {

absl::StatusOr<std::string> ReadPemFile(std::string_view option, const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path, std::ios::binary);
  std::string pem{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad() || pem.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(option, ": ", path, " cannot be read, want a PEM file"));
  }
  return pem;
}

}  // namespace tidemark::rpc
