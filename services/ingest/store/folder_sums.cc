#include "services/ingest/store/folder_sums.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cpp/ledger/sha256.h"
#include "common/base/hex.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

constexpr std::string_view kMetaFile = "log.meta";
constexpr std::string_view kKeys[] = {"keys/identity.key", "keys/pseudonym.key", "keys/salt.key",
                                      "keys/signing.key"};

std::string Line(std::string_view name, std::string_view content) {
  const ledger::Hash sum = ledger::Sha256(content);
  return absl::StrCat(base::HexEncode({reinterpret_cast<const char*>(sum.data()), sum.size()}),
                      "  ", name);
}

// One line for each file, by name.
absl::StatusOr<std::vector<std::string>> Lines(fs::FileSystem& fs, const std::string& dir,
                                               std::string_view meta) {
  std::vector<std::string> lines;
  for (const std::string_view key : kKeys) {
    TM_ASSIGN_OR_RETURN(const std::string content, fs::ReadFile(fs, fs::JoinPath(dir, key)));
    lines.push_back(Line(key, content));
  }
  lines.push_back(Line(kMetaFile, meta));
  return lines;
}

}  // namespace

absl::Status WriteFolderSums(fs::FileSystem& fs, const std::string& dir, std::string_view meta) {
  TM_ASSIGN_OR_RETURN(const std::vector<std::string> lines, Lines(fs, dir, meta));
  std::string text;
  for (const std::string& line : lines) absl::StrAppend(&text, line, "\n");
  return fs::WriteFileAtomically(fs, fs::JoinPath(dir, kSumsFile), text);
}

absl::Status CheckFolderSums(fs::FileSystem& fs, const std::string& dir) {
  const std::string path = fs::JoinPath(dir, kSumsFile);
  TM_ASSIGN_OR_RETURN(const std::string text, fs::ReadFile(fs, path));
  TM_ASSIGN_OR_RETURN(const std::string meta, fs::ReadFile(fs, fs::JoinPath(dir, kMetaFile)));
  TM_ASSIGN_OR_RETURN(std::vector<std::string> want, Lines(fs, dir, meta));
  want.emplace_back();
  const std::vector<std::string> have = absl::StrSplit(text, '\n');
  for (size_t i = 0; i < want.size(); ++i) {
    if (i < have.size() && have[i] == want[i]) continue;
    const std::string_view name = i < std::size(kKeys) ? kKeys[i] : kMetaFile;
    return absl::DataLossError(absl::StrCat(
        fs::JoinPath(dir, name), " was changed or damaged since the log was made, or its sum in ",
        path, " was; restore the whole folder from one backup, keys included"));
  }
  if (have.size() == want.size()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path,
                                          " has more lines than the folder has files; "
                                          "restore the whole folder from one backup"));
}

}  // namespace tidemark::ingest
