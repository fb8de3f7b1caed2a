#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_JSON_READER_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_JSON_READER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "clients/cli/import/byte_source.h"
#include "clients/cli/import/json_array.h"
#include "clients/cli/import/row_reader.h"
#include "clients/cli/import/text_window.h"

namespace tidemark::importer {

// JSON: one object a line, or an array of objects. A column is a path of keys and list places
// joined by dots, such as `customer.address.city` or `items.0.sku`; only columns asked for by
// AddColumn are kept. Numbers keep their digits as written, true and false are texts, null and
// absent are null.
class JsonReader final : public RowReader {
 public:
  enum class Layout { kLines, kArray };
  JsonReader(std::unique_ptr<ByteSource> source, Layout layout)
      : window_(std::move(source)), layout_(layout), array_(&window_) {}

  // Index of the column; before the first Next() only.
  int AddColumn(std::string_view path);

  // Empty: any path may be asked for.
  const std::vector<std::string>& columns() const override { return no_columns_; }
  absl::StatusOr<const Row*> Next() override;
  uint64_t consumed() const override { return window_.consumed(); }

 private:
  // The next object's text, wherever it is; false: no more.
  absl::StatusOr<bool> NextText(std::string_view* text);
  absl::StatusOr<bool> NextLine(std::string_view* line);
  void ParseText(std::string_view text);

  TextWindow window_;
  const Layout layout_;
  JsonArray array_;
  const std::vector<std::string> no_columns_;
  absl::flat_hash_map<std::string, int> places_;
  std::vector<std::string> values_;
  std::vector<std::string_view> fields_;
  std::string damage_;
  Row row_;
  uint64_t line_ = 0;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_JSON_READER_H_
