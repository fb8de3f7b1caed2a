#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_JSONL_READER_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_JSONL_READER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "clients/cli/import/byte_source.h"
#include "clients/cli/import/row_reader.h"
#include "clients/cli/import/text_window.h"

namespace tidemark::importer {

// JSON lines: one object a line. A column is a path of keys and list places joined by dots, such
// as `customer.address.city` or `items.0.sku`; only columns asked for by AddColumn are kept.
// Numbers keep their digits as written, true and false are texts, null and absent are null.
class JsonlReader final : public RowReader {
 public:
  explicit JsonlReader(std::unique_ptr<ByteSource> source) : window_(std::move(source)) {}

  // Index of the column; before the first Next() only.
  int AddColumn(std::string_view path);

  // Empty: any path may be asked for.
  const std::vector<std::string>& columns() const override { return no_columns_; }
  absl::StatusOr<const Row*> Next() override;
  uint64_t consumed() const override { return window_.consumed(); }

 private:
  absl::StatusOr<bool> NextLine(std::string_view* line);
  void ParseLine(std::string_view line);

  TextWindow window_;
  const std::vector<std::string> no_columns_;
  absl::flat_hash_map<std::string, int> places_;
  std::vector<std::string> values_;
  std::vector<std::string_view> fields_;
  std::string damage_;
  Row row_;
  uint64_t line_ = 0;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_JSONL_READER_H_
