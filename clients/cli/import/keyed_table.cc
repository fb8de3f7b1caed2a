#include "clients/cli/import/keyed_table.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/nearest.h"
#include "clients/cli/import/input_format.h"
#include "clients/cli/import/row_reader.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {

const std::vector<std::string>& KeyedTable::LoadKeys() {
  static const auto* const kKeys = [] {
    auto* keys = new std::vector<std::string>(InputFormat::Keys());
    keys->insert(keys->end(), {"file", "key", "duplicates"});
    return keys;
  }();
  return *kKeys;
}

absl::StatusOr<std::unique_ptr<KeyedTable>> KeyedTable::Load(const ConfigNode& node,
                                                             const std::string& folder) {
  TM_ASSIGN_OR_RETURN(const std::string file, node.Get("file").Text());
  TM_ASSIGN_OR_RETURN(const InputFormat format, InputFormat::Parse(node, file));
  enum { kReject, kFirst, kLast };
  TM_ASSIGN_OR_RETURN(const int duplicates,
                      node.ChoiceOf("duplicates", {"reject", "first", "last"}, kReject));
  const std::string path = (std::filesystem::path(folder) / file).string();
  const auto fail = [&](const absl::Status& status) {
    return node.Get("file").Error(absl::StrCat(path, ": ", status.message()));
  };
  if (format.kind == InputFormat::Kind::kJson) {
    return node.Get("format").Error("a table to look up must be csv or tsv");
  }
  auto source = OpenFile(path);
  if (!source.ok()) return node.Get("file").Error(source.status().message());
  auto reader = format.OpenCsv(*std::move(source));
  if (!reader.ok()) return fail(reader.status());

  auto table = std::make_unique<KeyedTable>();
  table->columns_ = (*reader)->columns();
  TM_ASSIGN_OR_RETURN(const std::string key, node.TextOf("key", table->columns_[0]));
  const auto found = std::find(table->columns_.begin(), table->columns_.end(), key);
  if (found == table->columns_.end()) {
    return node.Get("key").Error(
        absl::StrCat("no column `", key, "`", cli::NearestHint(key, table->columns_)));
  }
  const size_t key_at = found - table->columns_.begin();
  table->key_column_ = key_at;
  while (true) {
    const auto row = (*reader)->Next();
    if (!row.ok()) return fail(row.status());
    if (*row == nullptr) break;
    if (!(*row)->damage.empty()) {
      return fail(absl::DataLossError(absl::StrCat("line ", (*row)->line, ": ", (*row)->damage)));
    }
    const std::string_view key_text = absl::StripAsciiWhitespace((*row)->fields[key_at]);
    const auto [it, added] = table->rows_.try_emplace(std::string(key_text), table->rows_.size());
    if (!added && duplicates == kReject) {
      return fail(absl::InvalidArgumentError(
          absl::StrCat("line ", (*row)->line, ": `", key_text,
                       "` stands twice; set `duplicates: first` or `last`")));
    }
    if (!added && duplicates == kFirst) continue;
    if (added) table->cells_.resize(table->cells_.size() + table->columns_.size());
    for (size_t i = 0; i < table->columns_.size(); ++i) {
      table->cells_[it->second * table->columns_.size() + i] =
          std::string(absl::StripAsciiWhitespace((*row)->fields[i]));
    }
  }
  return table;
}

void KeyedTable::ForEach(
    const std::function<void(std::string_view key, absl::Span<const std::string> row)>& visit)
    const {
  for (size_t at = 0; at < cells_.size(); at += columns_.size()) {
    const auto row = absl::MakeConstSpan(cells_).subspan(at, columns_.size());
    visit(row[key_column_], row);
  }
}

}  // namespace tidemark::importer
