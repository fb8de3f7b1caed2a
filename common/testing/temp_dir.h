#ifndef TIDEMARK_COMMON_TESTING_TEMP_DIR_H_
#define TIDEMARK_COMMON_TESTING_TEMP_DIR_H_

#include <string>
#include <string_view>

namespace tidemark::testing {

// A new empty folder below the system's temporary folder, removed with all it holds.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  // path()/name
  std::string File(std::string_view name) const;
  // Writes a file and returns its path.
  std::string Write(std::string_view name, std::string_view content) const;

 private:
  std::string path_;
};

// The whole file; a test failure when it cannot be read.
std::string ReadFileOrDie(const std::string& path);

}  // namespace tidemark::testing

#endif  // TIDEMARK_COMMON_TESTING_TEMP_DIR_H_
