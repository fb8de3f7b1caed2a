#include "clients/cli/import/value_map.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/nearest.h"
#include "clients/cli/import/keyed_table.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

constexpr char kTwice[] = "stands here twice when case is ignored, with two values";

}  // namespace

bool ValueMap::Add(std::string_view key, std::optional<std::string> value) {
  const auto [it, added] =
      values_.try_emplace(ignore_case_ ? absl::AsciiStrToLower(key) : std::string(key), value);
  return added || it->second == value;
}

const std::optional<std::string>* ValueMap::Find(std::string_view text) const {
  const auto it = ignore_case_ ? values_.find(absl::AsciiStrToLower(text)) : values_.find(text);
  return it == values_.end() ? nullptr : &it->second;
}

absl::StatusOr<std::shared_ptr<const ValueMap>> ValueMap::FromEntries(const ConfigNode& node,
                                                                      bool ignore_case) {
  std::shared_ptr<ValueMap> map(new ValueMap(ignore_case));
  TM_ASSIGN_OR_RETURN(const auto entries, node.Entries());
  for (const auto& [key, value] : entries) {
    std::optional<std::string> to;
    if (!value.IsNull()) {
      TM_ASSIGN_OR_RETURN(to, value.Text());
    }
    if (!map->Add(key, std::move(to))) return value.Error(kTwice);
  }
  return map;
}

absl::StatusOr<std::shared_ptr<const ValueMap>> ValueMap::Load(const ConfigNode& node,
                                                               const std::string& folder) {
  std::vector<std::string> known = KeyedTable::LoadKeys();
  known.insert(known.end(), {"values", "value", "ignore_case"});
  TM_RETURN_IF_ERROR(node.CheckKeys(known));
  TM_ASSIGN_OR_RETURN(const bool ignore_case, node.BoolOf("ignore_case", false));
  if (node.Has("values") == node.Has("file")) return node.Error("want one of `values` and `file`");
  if (node.Has("values")) return FromEntries(node.Get("values"), ignore_case);

  TM_ASSIGN_OR_RETURN(const auto table, KeyedTable::Load(node, folder));
  const std::vector<std::string>& columns = table->columns();
  TM_ASSIGN_OR_RETURN(const std::string key, node.TextOf("key", columns[0]));
  TM_ASSIGN_OR_RETURN(const std::string value,
                      node.TextOf("value", columns.size() > 1 ? columns[1] : columns[0]));
  const auto found = std::find(columns.begin(), columns.end(), value);
  if (found == columns.end()) {
    return node.Get("value").Error(
        absl::StrCat("no column `", value, "`", cli::NearestHint(value, columns)));
  }
  std::shared_ptr<ValueMap> map(new ValueMap(ignore_case));
  std::string twice;
  table->ForEach([&](std::string_view row_key, absl::Span<const std::string> row) {
    const std::string& text = row[found - columns.begin()];
    if (!map->Add(row_key, text.empty() ? std::nullopt : std::optional<std::string>(text))) {
      twice = std::string(row_key);
    }
  });
  if (!twice.empty()) return node.Get("file").Error(absl::StrCat("`", twice, "`: ", kTwice));
  return map;
}

}  // namespace tidemark::importer
