#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_CSV_READER_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_CSV_READER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/import/byte_source.h"
#include "clients/cli/import/row_reader.h"
#include "clients/cli/import/text_window.h"

namespace tidemark::importer {

struct CsvOptions {
  char delimiter = ',';
  // 0: quotes mean nothing (most TSV files).
  char quote = '"';
  // The first row names the columns; otherwise `columns` does.
  bool header = true;
  // Names of the columns; with a header they replace its names.
  std::vector<std::string> columns;
  // Lines before the header that are no table.
  int skip_lines = 0;
  // A row with fewer fields than columns gets empty ones; otherwise it is damaged.
  bool pad_short_rows = false;
};

// CSV as in RFC 4180: quoted fields may hold delimiters, line ends and doubled quotes; lines end
// with LF, CRLF or CR; the last may lack it. Blank lines are no rows. A quote inside of an unquoted
// field is itself; text after a closing quote is appended. A record whose quote is still open at
// the end of the file is damaged: it may have swallowed any number of rows.
class CsvReader final : public RowReader {
 public:
  // Reads the header. INVALID_ARGUMENT: no header, one that is not UTF-8, or a column name twice.
  static absl::StatusOr<std::unique_ptr<CsvReader>> Create(std::unique_ptr<ByteSource> source,
                                                           CsvOptions options);

  const std::vector<std::string>& columns() const override { return columns_; }
  absl::StatusOr<const Row*> Next() override;
  uint64_t consumed() const override { return window_.consumed(); }

 private:
  CsvReader(std::unique_ptr<ByteSource> source, CsvOptions options)
      : options_(std::move(options)), window_(std::move(source)) {}

  enum class Scan { kRecord, kNeedMore, kEnd };
  // Splits the record at the window's begin into fields_.
  Scan ScanRecord();
  // Scans a quoted field; `at` stands after the opening quote. Null: more text is needed.
  const char* ScanQuoted(const char* at, std::string_view* field);
  absl::StatusOr<bool> NextRecord();
  absl::Status SkipLines();
  absl::Status ReadHeader();

  const CsvOptions options_;
  TextWindow window_;
  std::vector<std::string> columns_;
  Row row_;
  std::vector<std::string_view> fields_;
  // Fields that had doubled quotes, without them. Inner buffers keep their memory.
  std::vector<std::unique_ptr<std::string>> unquoted_;
  size_t unquoted_used_ = 0;
  std::string damage_;
  // Of the record that fields_ holds.
  size_t record_bytes_ = 0;
  uint64_t line_ = 1;
  uint64_t record_line_ = 1;
  uint64_t lines_in_record_ = 0;
  bool quote_open_ = false;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_CSV_READER_H_
