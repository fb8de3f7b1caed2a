#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_REJECTS_FILE_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_REJECTS_FILE_H_

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark::importer {

// A CSV file of rows that did not become accepted events: row, verdict, reason, field, message,
// raw. In order of verdict, not of rows. Not thread-safe.
class RejectsFile {
 public:
  // Replaces an earlier rejects file but for its first `keep_bytes`: what Flush() told a run
  // before, on which this one goes on. FAILED_PRECONDITION: the file holds something else, such
  // as the input, which must not be lost. PERMISSION_DENIED: it cannot be written.
  static absl::StatusOr<std::unique_ptr<RejectsFile>> Create(const std::string& path,
                                                             uint64_t keep_bytes = 0);

  void Add(uint64_t row, std::string_view verdict, std::string_view reason, std::string_view field,
           std::string_view message, std::string_view raw);
  // Hands what was added to the operating system; the bytes of the file now, 0 for a pipe or
  // device. DATA_LOSS when a write failed.
  absl::StatusOr<uint64_t> Flush();
  absl::Status Close();

 private:
  explicit RejectsFile(const std::string& path)
      : path_(path), out_(path, std::ios::binary | std::ios::app) {}

  const std::string path_;
  std::ofstream out_;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_REJECTS_FILE_H_
