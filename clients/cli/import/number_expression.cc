#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/import/expression.h"
#include "clients/cli/import/number_format.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

class NamedNumberExpression final : public NumberExpression {
 public:
  explicit NamedNumberExpression(int slot) : slot_(slot) {}
  bool Eval(RowContext& context, std::optional<Decimal>* number) const override {
    const NamedNumber& named = context.numbers[slot_];
    number->reset();
    if (named.state == NamedNumber::State::kBad) {
      context.rejection = context.bad_numbers[slot_];
      return false;
    }
    if (named.state == NamedNumber::State::kPresent) *number = named.value;
    return true;
  }

 private:
  const int slot_;
};

class ConstantNumber final : public NumberExpression {
 public:
  explicit ConstantNumber(Decimal value) : value_(value) {}
  bool Eval(RowContext&, std::optional<Decimal>* number) const override {
    *number = value_;
    return true;
  }

 private:
  const Decimal value_;
};

class ParsedNumber final : public NumberExpression {
 public:
  ParsedNumber(TextPtr text, NumberFormat format)
      : text_(std::move(text)), format_(std::move(format)) {}
  bool Eval(RowContext& context, std::optional<Decimal>* number) const override {
    std::string_view text;
    number->reset();
    if (!text_->Eval(context, &text)) return false;
    if (text.data() == nullptr) return true;
    *number = ParseDecimal(text, format_);
    if (number->has_value()) return true;
    return context.Reject("INVALID_NUMBER", absl::StrCat(Quoted(text), " is not a number"));
  }

 private:
  const TextPtr text_;
  const NumberFormat format_;
};

// Absent when a part is.
class CombinedNumber final : public NumberExpression {
 public:
  CombinedNumber(std::vector<NumberPtr> parts, bool product)
      : parts_(std::move(parts)), product_(product) {}
  bool Eval(RowContext& context, std::optional<Decimal>* number) const override {
    if (!parts_[0]->Eval(context, number)) return false;
    for (size_t i = 1; i < parts_.size(); ++i) {
      std::optional<Decimal> part;
      if (!parts_[i]->Eval(context, &part)) return false;
      if (!number->has_value() || !part.has_value()) {
        number->reset();
        return true;
      }
      *number = product_ ? Multiply(**number, *part) : Add(**number, *part);
      if (!number->has_value()) {
        return context.Reject("NUMBER_OUT_OF_RANGE", "the number has too many digits");
      }
    }
    return true;
  }

 private:
  const std::vector<NumberPtr> parts_;
  const bool product_;
};

class SignedNumber final : public NumberExpression {
 public:
  SignedNumber(NumberPtr number, bool absolute, bool negate, std::optional<Decimal> fallback)
      : number_(std::move(number)), absolute_(absolute), negate_(negate), fallback_(fallback) {}
  bool Eval(RowContext& context, std::optional<Decimal>* number) const override {
    if (!number_->Eval(context, number)) return false;
    if (!number->has_value()) {
      *number = fallback_;
      return true;
    }
    Decimal& value = **number;
    if (absolute_ && value.digits < 0) value.digits = -value.digits;
    if (negate_) value.digits = -value.digits;
    return true;
  }

 private:
  const NumberPtr number_;
  const bool absolute_;
  const bool negate_;
  const std::optional<Decimal> fallback_;
};

absl::StatusOr<NumberPtr> CompileScalar(const ConfigNode& node, CompileScope& scope,
                                        const NumberFormat& format) {
  TM_ASSIGN_OR_RETURN(const std::string text, node.Text());
  // `${name}` of a named number, without a way round by its text.
  if (absl::StartsWith(text, "${") && text.find('}') == text.size() - 1) {
    if (const auto slot = scope.Number(text.substr(2, text.size() - 3))) {
      return std::make_unique<NamedNumberExpression>(*slot);
    }
  }
  TM_ASSIGN_OR_RETURN(TextPtr expression, CompileTemplate(node, scope));
  if (const auto constant = expression->constant()) {
    // Numbers of the mapping itself are written the plain way.
    const std::optional<Decimal> value = ParseDecimal(*constant, NumberFormat{});
    if (!value.has_value()) {
      return node.Error(
          absl::StrCat("`", text, "` is not a number; a column is written ${", text, "}"));
    }
    return std::make_unique<ConstantNumber>(*value);
  }
  return std::make_unique<ParsedNumber>(std::move(expression), format);
}

absl::StatusOr<NumberPtr> CompileSource(const ConfigNode& node, CompileScope& scope,
                                        const NumberFormat& format) {
  if (node.Has("value") + node.Has("product") + node.Has("sum") + node.Has("text") != 1) {
    return node.Error("want exactly one of `value`, `product`, `sum`, `text`");
  }
  if (node.Has("text")) {
    TM_ASSIGN_OR_RETURN(TextPtr text, CompileText(node.Get("text"), scope));
    return std::make_unique<ParsedNumber>(std::move(text), format);
  }
  const bool product = node.Has("product");
  const ConfigNode list = node.Get(product ? "product" : node.Has("sum") ? "sum" : "value");
  if (node.Has("value") && list.IsSequence()) return list.Error("want one number");
  std::vector<NumberPtr> parts;
  TM_ASSIGN_OR_RETURN(const auto elements, list.Elements());
  for (const ConfigNode& element : elements) {
    if (element.IsScalar()) {
      TM_ASSIGN_OR_RETURN(parts.emplace_back(), CompileScalar(element, scope, format));
    } else {
      TM_ASSIGN_OR_RETURN(parts.emplace_back(), CompileNumber(element, scope));
    }
  }
  if (parts.empty()) return list.Error("want at least one number");
  if (parts.size() == 1) return std::move(parts[0]);
  return std::make_unique<CombinedNumber>(std::move(parts), product);
}

}  // namespace

absl::StatusOr<NumberFormat> ParseNumberFormat(const ConfigNode& node,
                                               const NumberFormat& fallback) {
  NumberFormat format = fallback;
  TM_ASSIGN_OR_RETURN(const int point, node.ChoiceOf("decimal", {"point", "comma"},
                                                     fallback.decimal_point == ',' ? 1 : 0));
  format.decimal_point = point == 1 ? ',' : '.';
  if (node.Has("thousands")) {
    TM_ASSIGN_OR_RETURN(const int thousands,
                        node.ChoiceOf("thousands", {"none", ",", ".", "'", "blank", "_"}, 0));
    format.thousands = "\0,.' _"[thousands];
  }
  if (node.Has("strip")) {
    TM_ASSIGN_OR_RETURN(format.strip, node.Get("strip").Texts());
  }
  if (format.thousands == format.decimal_point) {
    return node.Error("`thousands` is the same sign as the decimal one");
  }
  return format;
}

const std::vector<std::string>& NumberFormatKeys() {
  static const auto* const kKeys = new std::vector<std::string>{"decimal", "thousands", "strip"};
  return *kKeys;
}

absl::StatusOr<NumberPtr> CompileNumber(const ConfigNode& node, CompileScope& scope) {
  if (node.IsNull()) return node.Error("missing; want a number");
  if (node.IsScalar()) return CompileScalar(node, scope, scope.number_format);
  std::vector<std::string> known = {"value",    "product", "sum",    "text",
                                    "absolute", "negate",  "default"};
  known.insert(known.end(), NumberFormatKeys().begin(), NumberFormatKeys().end());
  TM_RETURN_IF_ERROR(node.CheckKeys(known));
  TM_ASSIGN_OR_RETURN(const NumberFormat format, ParseNumberFormat(node, scope.number_format));
  TM_ASSIGN_OR_RETURN(NumberPtr source, CompileSource(node, scope, format));
  TM_ASSIGN_OR_RETURN(const bool absolute, node.BoolOf("absolute", false));
  TM_ASSIGN_OR_RETURN(const bool negate, node.BoolOf("negate", false));
  std::optional<Decimal> fallback;
  if (node.Has("default")) {
    TM_ASSIGN_OR_RETURN(const std::string text, node.Get("default").Text());
    fallback = ParseDecimal(text, NumberFormat{});
    if (!fallback.has_value()) {
      return node.Get("default").Error(absl::StrCat("`", text, "` is not a number"));
    }
  }
  if (!absolute && !negate && !fallback.has_value()) return source;
  return std::make_unique<SignedNumber>(std::move(source), absolute, negate, fallback);
}

}  // namespace tidemark::importer
