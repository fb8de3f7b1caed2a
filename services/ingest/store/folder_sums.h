#ifndef TIDEMARK_SERVICES_INGEST_STORE_FOLDER_SUMS_H_
#define TIDEMARK_SERVICES_INGEST_STORE_FOLDER_SUMS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/fs/file_system.h"

namespace tidemark::ingest {

// SHA-256 sums of what never changes in the folder of a log, its description and its keys: a key
// with a flipped bit looks like another key, and its pseudonyms like other consumers. As
// `sha256sum` writes and reads them (docs/formats/log-folder.md).

inline constexpr std::string_view kSumsFile = "checksums";

// Sums the files of a log that is there, or is about to be: `meta` is what its log.meta will hold.
absl::Status WriteFolderSums(fs::FileSystem& fs, const std::string& dir, std::string_view meta);

// Compares. NOT_FOUND: a log of an earlier release, without sums. DATA_LOSS: names the file.
absl::Status CheckFolderSums(fs::FileSystem& fs, const std::string& dir);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_FOLDER_SUMS_H_
