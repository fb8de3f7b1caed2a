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
  // Replaces the file.
  static absl::StatusOr<std::unique_ptr<RejectsFile>> Create(const std::string& path);

  void Add(uint64_t row, std::string_view verdict, std::string_view reason, std::string_view field,
           std::string_view message, std::string_view raw);
  // DATA_LOSS when a write failed.
  absl::Status Close();

 private:
  explicit RejectsFile(const std::string& path) : path_(path), out_(path, std::ios::binary) {}

  const std::string path_;
  std::ofstream out_;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_REJECTS_FILE_H_
