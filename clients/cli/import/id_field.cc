#include <numeric>

#include "clients/cli/import/event_fields.h"
#include "clients/cli/import/expression.h"
#include "clients/cli/import/row_id.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

class TextIdField final : public EventFieldWriter {
 public:
  explicit TextIdField(TextPtr text) : text_(std::move(text)) {}
  bool Write(RowContext& context, submit::EventWriter& writer) override {
    std::string_view text;
    if (!text_->Eval(context, &text)) return false;
    if (text.data() == nullptr) {
      return context.Reject("MISSING_VALUE", "the row has no value for it");
    }
    writer.Text(submit::EventField::kId, text);
    return true;
  }

 private:
  const TextPtr text_;
};

class RowIdField final : public EventFieldWriter {
 public:
  explicit RowIdField(std::vector<int> columns)
      : columns_(std::move(columns)), values_(columns_.size()) {}
  bool Write(RowContext& context, submit::EventWriter& writer) override {
    for (size_t i = 0; i < columns_.size(); ++i) values_[i] = context.columns[columns_[i]];
    writer.Text(submit::EventField::kId, ids_.Next(values_));
    return true;
  }

 private:
  const std::vector<int> columns_;
  std::vector<std::string_view> values_;
  RowIds ids_;
};

}  // namespace

absl::StatusOr<EventFieldPtr> CompileIdField(const ConfigNode& node, CompileScope& scope) {
  if (!node.IsMap() || !node.Has("row_number_of")) {
    TM_ASSIGN_OR_RETURN(TextPtr text, CompileText(node, scope));
    return std::make_unique<TextIdField>(std::move(text));
  }
  TM_RETURN_IF_ERROR(node.CheckKeys({"row_number_of"}));
  const ConfigNode list = node.Get("row_number_of");
  TM_ASSIGN_OR_RETURN(const std::vector<std::string> names, list.Texts());
  std::vector<int> columns;
  if (names.size() == 1 && names[0] == "*") {
    if (scope.columns.empty())
      return list.Error("`*` needs a format with a header; list the fields");
    columns.resize(scope.columns.size());
    std::iota(columns.begin(), columns.end(), 0);
  } else {
    for (const std::string& name : names) {
      TM_ASSIGN_OR_RETURN(const int slot, scope.Text(list, name));
      if (slot < 0) return list.Error("want columns of the input only, as they stand in the file");
      columns.push_back(slot);
    }
  }
  if (columns.empty()) return list.Error("want at least one column");
  return std::make_unique<RowIdField>(std::move(columns));
}

}  // namespace tidemark::importer
