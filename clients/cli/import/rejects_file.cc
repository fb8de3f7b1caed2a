#include "clients/cli/import/rejects_file.h"

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace tidemark::importer {
namespace {

std::string CsvField(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

}  // namespace

absl::StatusOr<std::unique_ptr<RejectsFile>> RejectsFile::Create(const std::string& path) {
  auto file = absl::WrapUnique(new RejectsFile(path));
  file->out_ << "row,verdict,reason,field,message,raw\n";
  if (!file->out_) return absl::PermissionDeniedError(absl::StrCat("cannot write ", path));
  return file;
}

void RejectsFile::Add(uint64_t row, std::string_view verdict, std::string_view reason,
                      std::string_view field, std::string_view message, std::string_view raw) {
  out_ << row << ',' << verdict << ',' << CsvField(reason) << ',' << CsvField(field) << ','
       << CsvField(message) << ',' << CsvField(raw) << '\n';
}

absl::Status RejectsFile::Close() {
  out_.close();
  if (!out_) return absl::DataLossError(absl::StrCat("cannot write ", path_));
  return absl::OkStatus();
}

}  // namespace tidemark::importer
