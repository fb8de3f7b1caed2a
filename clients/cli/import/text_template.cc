#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/import/expression.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

class ConstantText final : public TextExpression {
 public:
  explicit ConstantText(std::string text) : text_(std::move(text)) {}
  bool Eval(RowContext&, std::string_view* text) const override {
    *text = text_;
    return true;
  }
  std::optional<std::string_view> constant() const override { return text_; }

 private:
  const std::string text_;
};

class ColumnText final : public TextExpression {
 public:
  ColumnText(int slot, bool trim, std::vector<std::string> null_values)
      : slot_(slot), trim_(trim), null_values_(std::move(null_values)) {}

  bool Eval(RowContext& context, std::string_view* text) const override {
    if (slot_ >= 0) {
      *text = context.columns[slot_];
    } else {
      *text = context.extras[-1 - slot_];
      const std::optional<Rejection>& bad = context.bad_extras[-1 - slot_];
      if (bad.has_value()) {
        context.rejection = *bad;
        return false;
      }
    }
    if (trim_) *text = absl::StripAsciiWhitespace(*text);
    if (text->empty() || IsNull(*text)) *text = {};
    return true;
  }

 private:
  bool IsNull(std::string_view text) const {
    for (const std::string& null : null_values_) {
      if (text == null) return true;
    }
    return false;
  }

  const int slot_;
  const bool trim_;
  const std::vector<std::string> null_values_;
};

class NamedNumberText final : public TextExpression {
 public:
  explicit NamedNumberText(int slot) : slot_(slot) {}
  bool Eval(RowContext& context, std::string_view* text) const override {
    const NamedNumber& number = context.numbers[slot_];
    *text = {};
    if (number.state == NamedNumber::State::kBad) {
      context.rejection = context.bad_numbers[slot_];
      return false;
    }
    if (number.state == NamedNumber::State::kPresent) {
      *text = context.scratch.Copy(DecimalText(number.value));
    }
    return true;
  }

 private:
  const int slot_;
};

// Parts one after another; absent when every column in it is.
class JoinedText final : public TextExpression {
 public:
  explicit JoinedText(std::vector<TextPtr> parts) : parts_(std::move(parts)) {}
  bool Eval(RowContext& context, std::string_view* text) const override {
    constexpr size_t kMostParts = 32;
    std::string_view values[kMostParts];
    size_t size = 0;
    bool present = false;
    for (size_t i = 0; i < parts_.size(); ++i) {
      if (!parts_[i]->Eval(context, &values[i])) return false;
      size += values[i].size();
      present |= values[i].data() != nullptr && !parts_[i]->constant().has_value();
    }
    *text = {};
    if (!present) return true;
    char* at = context.scratch.Allocate(size);
    *text = std::string_view(at, size);
    for (size_t i = 0; i < parts_.size(); ++i)
      at = std::copy(values[i].begin(), values[i].end(), at);
    return true;
  }

 private:
  const std::vector<TextPtr> parts_;
};

absl::StatusOr<TextPtr> CompileName(const ConfigNode& node, const std::string& name,
                                    CompileScope& scope, bool trim) {
  if (const auto number = scope.Number(name)) return std::make_unique<NamedNumberText>(*number);
  TM_ASSIGN_OR_RETURN(const int slot, scope.Text(node, name));
  return std::make_unique<ColumnText>(slot, trim, scope.null_values);
}

}  // namespace

absl::StatusOr<TextPtr> CompileColumn(const ConfigNode& node, CompileScope& scope, bool trim) {
  TM_ASSIGN_OR_RETURN(const std::string name, node.Text());
  return CompileName(node, name, scope, trim);
}

absl::StatusOr<TextPtr> CompileTemplate(const ConfigNode& node, CompileScope& scope, bool trim) {
  TM_ASSIGN_OR_RETURN(const std::string text, node.Text());
  std::vector<TextPtr> parts;
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) parts.push_back(std::make_unique<ConstantText>(std::move(literal)));
    literal.clear();
  };
  for (size_t at = 0; at < text.size();) {
    if (text.compare(at, 3, "$${") == 0) {
      literal += "${";
      at += 3;
      continue;
    }
    if (text.compare(at, 2, "${") != 0) {
      literal += text[at++];
      continue;
    }
    const size_t close = text.find('}', at);
    if (close == std::string::npos) {
      return node.Error(
          absl::StrCat("`", text, "`: `${` is not closed; write $${ for the text ${"));
    }
    const std::string name = text.substr(at + 2, close - at - 2);
    flush();
    TM_ASSIGN_OR_RETURN(parts.emplace_back(), CompileName(node, name, scope, trim));
    at = close + 1;
  }
  flush();
  if (parts.empty()) return node.Error("an empty text; leave the key out instead");
  if (parts.size() > 32) return node.Error("more than 32 parts");
  if (parts.size() == 1) return std::move(parts[0]);
  return std::make_unique<JoinedText>(std::move(parts));
}

}  // namespace tidemark::importer
