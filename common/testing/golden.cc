#include "common/testing/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/testing/temp_dir.h"

namespace tidemark::testing {

std::string RepositoryPath(const std::string& path) {
  return absl::StrCat(TIDEMARK_REPOSITORY, "/", path);
}

std::string FirstDifference(std::string_view want, std::string_view got) {
  if (want == got) return "";
  const std::vector<std::string_view> want_lines = absl::StrSplit(want, '\n');
  const std::vector<std::string_view> got_lines = absl::StrSplit(got, '\n');
  size_t line = 0;
  while (line < want_lines.size() && line < got_lines.size() &&
         want_lines[line] == got_lines[line]) {
    ++line;
  }
  const auto shown = [line](const std::vector<std::string_view>& lines) {
    return line < lines.size() ? absl::StrCat("`", lines[line], "`") : "the end";
  };
  return absl::StrCat("line ", line + 1, ": want ", shown(want_lines), ", got ", shown(got_lines));
}

void ExpectGolden(const std::string& path, std::string_view actual) {
  const std::string full = RepositoryPath(path);
  const char* update = std::getenv("TIDEMARK_UPDATE_GOLDEN");
  if (update != nullptr && std::string_view(update) == "1") {
    std::filesystem::create_directories(std::filesystem::path(full).parent_path());
    std::ofstream file(full, std::ios::binary);
    file << actual;
    return;
  }
  const std::string difference = FirstDifference(ReadFileOrDie(full), actual);
  EXPECT_EQ(difference, "") << path << "; TIDEMARK_UPDATE_GOLDEN=1 rewrites it";
}

}  // namespace tidemark::testing
