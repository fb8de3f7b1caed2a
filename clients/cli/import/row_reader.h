#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_ROW_READER_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_ROW_READER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace tidemark::importer {

// One record of the input; valid until the next call of the reader.
struct Row {
  // From 1, without the header.
  uint64_t number = 0;
  // Line of the file that it begins on, from 1.
  uint64_t line = 0;
  // One per column; data() is null where a JSON object lacks the field.
  absl::Span<const std::string_view> fields;
  // The record as it stands in the input (in UTF-8), without the line end.
  std::string_view raw;
  // Why the record cannot be used; its fields are all null then. Empty: it can.
  std::string_view damage;
};

// Turns an input into rows. Not thread-safe.
class RowReader {
 public:
  virtual ~RowReader() = default;
  // Names of the columns; empty for formats that have none (JSON lines).
  virtual const std::vector<std::string>& columns() const = 0;
  // Null at the end. Errors are final: the input cannot be read, or is no table from here on.
  virtual absl::StatusOr<const Row*> Next() = 0;
  // Bytes of the file as stored that were read so far.
  virtual uint64_t consumed() const = 0;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_ROW_READER_H_
