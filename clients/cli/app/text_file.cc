#include "clients/cli/app/text_file.h"

#include <cstdio>
#include <fstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/app/exit_code.h"

namespace tidemark::cli {

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::vector<char> part(size_t{64} << 10);
  while (file.read(part.data(), static_cast<std::streamsize>(part.size())) || file.gcount() > 0)
    text.append(part.data(), static_cast<size_t>(file.gcount()));
  // A folder opens, and cannot be read.
  if (file.eof()) return text;
  return DataError(absl::NotFoundError(absl::StrCat("cannot read ", path)));
}

absl::Status WriteTextFile(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".new";
  std::ofstream file(temporary, std::ios::binary);
  file << text;
  file.close();
  if (file && std::rename(temporary.c_str(), path.c_str()) == 0) return absl::OkStatus();
  std::remove(temporary.c_str());
  return DataError(absl::DataLossError(absl::StrCat("cannot write ", path)));
}

}  // namespace tidemark::cli
