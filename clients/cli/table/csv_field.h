#ifndef TIDEMARK_CLIENTS_CLI_TABLE_CSV_FIELD_H_
#define TIDEMARK_CLIENTS_CLI_TABLE_CSV_FIELD_H_

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace tidemark::cli {

// A field of RFC 4180 CSV, in quotes where it needs them.
inline std::string CsvField(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_TABLE_CSV_FIELD_H_
