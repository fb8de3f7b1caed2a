#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_INPUT_FORMAT_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_INPUT_FORMAT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/import/byte_source.h"
#include "clients/cli/import/config_node.h"
#include "clients/cli/import/csv_reader.h"
#include "clients/cli/import/json_reader.h"

namespace tidemark::importer {

// How the bytes of a file become rows: the keys `format`, `encoding`, `delimiter`, `quote`,
// `header`, `columns`, `skip_lines`, `short_rows` of a mapping.
struct InputFormat {
  enum class Kind { kCsv, kJson };

  static const std::vector<std::string>& Keys();
  // Without `format` the name of the file decides: .tsv and .tab, .jsonl and .ndjson, .json
  // (each also with .gz), else CSV.
  static absl::StatusOr<InputFormat> Parse(const ConfigNode& node, const std::string& file);

  // Unpacks and decodes as well.
  absl::StatusOr<std::unique_ptr<CsvReader>> OpenCsv(std::unique_ptr<ByteSource> source) const;
  absl::StatusOr<std::unique_ptr<JsonReader>> OpenJson(std::unique_ptr<ByteSource> source) const;

  Kind kind = Kind::kCsv;
  std::string encoding = "utf-8";
  CsvOptions csv;
  JsonReader::Layout json = JsonReader::Layout::kLines;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_INPUT_FORMAT_H_
