#include "clients/cli/import/rejects_file.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/table/csv_field.h"

namespace tidemark::importer {
namespace {

using cli::CsvField;

constexpr std::string_view kHeader = "row,verdict,reason,field,message,raw\n";

bool StartsWithHeader(const std::string& path) {
  std::string begin(kHeader.size(), '\0');
  std::ifstream(path, std::ios::binary)
      .read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return begin == kHeader;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RejectsFile>> RejectsFile::Create(const std::string& path,
                                                                 uint64_t keep_bytes) {
  std::error_code absent, error;
  bool empty = true;
  // Pipes and devices hold nothing that could be lost.
  if (std::filesystem::is_regular_file(path, absent)) {
    const uint64_t size = std::filesystem::file_size(path, error);
    if (size > 0 && !StartsWithHeader(path)) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, " exists and holds no rejected rows of an import; give another name"));
    }
    if (size > keep_bytes) std::filesystem::resize_file(path, keep_bytes, error);
    empty = std::min(size, keep_bytes) == 0;
  }
  auto file = absl::WrapUnique(new RejectsFile(path));
  if (empty) file->out_ << kHeader << std::flush;
  if (error || !file->out_) return absl::PermissionDeniedError(absl::StrCat("cannot write ", path));
  return file;
}

void RejectsFile::Add(uint64_t row, std::string_view verdict, std::string_view reason,
                      std::string_view field, std::string_view message, std::string_view raw) {
  out_ << row << ',' << verdict << ',' << CsvField(reason) << ',' << CsvField(field) << ','
       << CsvField(message) << ',' << CsvField(raw) << '\n';
}

absl::StatusOr<uint64_t> RejectsFile::Flush() {
  out_.flush();
  if (!out_) return absl::DataLossError(absl::StrCat("cannot write ", path_));
  std::error_code not_a_file;
  const uint64_t size = std::filesystem::file_size(path_, not_a_file);
  return not_a_file ? 0 : size;
}

absl::Status RejectsFile::Close() {
  out_.close();
  if (!out_) return absl::DataLossError(absl::StrCat("cannot write ", path_));
  return absl::OkStatus();
}

}  // namespace tidemark::importer
