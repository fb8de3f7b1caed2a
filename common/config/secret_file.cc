#include <sys/stat.h>

#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/config/config.h"

namespace tidemark::config {

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) {
    return absl::NotFoundError(absl::StrCat("secret file ", path, ": cannot be read"));
  }
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("secret file ", path, ": others may read it; run: chmod 600 ", path));
  }
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  if (file.bad() || !file.is_open()) {
    return absl::NotFoundError(absl::StrCat("secret file ", path, ": cannot be read"));
  }
  std::string secret(absl::StripAsciiWhitespace(line));
  if (secret.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("secret file ", path, ": its first line is empty, want the secret"));
  }
  return secret;
}

}  // namespace tidemark::config
