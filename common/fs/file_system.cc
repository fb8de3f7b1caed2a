#include "common/fs/file_system.h"

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace tidemark::fs {

std::string JoinPath(std::string_view dir, std::string_view name) {
  if (dir.empty()) return std::string(name);
  return absl::StrCat(dir, dir.back() == '/' ? "" : "/", name);
}

std::string DirName(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

absl::StatusOr<std::string> ReadFile(FileSystem& fs, const std::string& path) {
  TM_ASSIGN_OR_RETURN(const std::unique_ptr<File> file, fs.OpenRead(path));
  TM_ASSIGN_OR_RETURN(const uint64_t size, file->Size());
  std::string data(size, '\0');
  TM_ASSIGN_OR_RETURN(const size_t got, file->PRead(0, data.size(), data.data()));
  data.resize(got);
  return data;
}

absl::Status WriteFileAtomically(FileSystem& fs, const std::string& path, std::string_view data) {
  const std::string temporary = absl::StrCat(path, ".tmp");
  {
    TM_ASSIGN_OR_RETURN(const std::unique_ptr<File> file, fs.OpenAppend(temporary));
    TM_RETURN_IF_ERROR(file->Truncate(0));
    TM_RETURN_IF_ERROR(file->Append(data));
    TM_RETURN_IF_ERROR(file->Sync());
    TM_RETURN_IF_ERROR(file->Close());
  }
  TM_RETURN_IF_ERROR(fs.Rename(temporary, path));
  return fs.SyncDir(DirName(path));
}

}  // namespace tidemark::fs
