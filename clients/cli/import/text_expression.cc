#include "absl/strings/str_cat.h"
#include "clients/cli/import/expression.h"
#include "clients/cli/import/text_steps.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

class FirstOfText final : public TextExpression {
 public:
  explicit FirstOfText(std::vector<TextPtr> choices) : choices_(std::move(choices)) {}
  bool Eval(RowContext& context, std::string_view* text) const override {
    *text = {};
    for (const TextPtr& choice : choices_) {
      if (!choice->Eval(context, text)) return false;
      if (text->data() != nullptr) return true;
    }
    return true;
  }

 private:
  const std::vector<TextPtr> choices_;
};

struct Branch {
  ConditionPtr when;
  // Null: absent.
  TextPtr then;
};

class CaseText final : public TextExpression {
 public:
  CaseText(std::vector<Branch> branches, TextPtr otherwise)
      : branches_(std::move(branches)), otherwise_(std::move(otherwise)) {}
  bool Eval(RowContext& context, std::string_view* text) const override {
    *text = {};
    for (const Branch& branch : branches_) {
      bool holds = false;
      if (!branch.when->Eval(context, &holds)) return false;
      if (holds) return branch.then == nullptr || branch.then->Eval(context, text);
    }
    return otherwise_ == nullptr || otherwise_->Eval(context, text);
  }

 private:
  const std::vector<Branch> branches_;
  const TextPtr otherwise_;
};

class SignText final : public TextExpression {
 public:
  // By sign: negative, zero, positive; a null one is absent.
  SignText(NumberPtr number, TextPtr negative, TextPtr zero, TextPtr positive)
      : number_(std::move(number)),
        texts_{std::move(negative), std::move(zero), std::move(positive)} {}
  bool Eval(RowContext& context, std::string_view* text) const override {
    *text = {};
    std::optional<Decimal> number;
    if (!number_->Eval(context, &number)) return false;
    if (!number.has_value()) return true;
    const TextPtr& chosen = texts_[number->sign() + 1];
    return chosen == nullptr || chosen->Eval(context, text);
  }

 private:
  const NumberPtr number_;
  const TextPtr texts_[3];
};

class NumberText final : public TextExpression {
 public:
  explicit NumberText(NumberPtr number) : number_(std::move(number)) {}
  bool Eval(RowContext& context, std::string_view* text) const override {
    *text = {};
    std::optional<Decimal> number;
    if (!number_->Eval(context, &number)) return false;
    if (number.has_value()) *text = context.scratch.Copy(DecimalText(*number));
    return true;
  }

 private:
  const NumberPtr number_;
};

class SteppedText final : public TextExpression {
 public:
  SteppedText(TextPtr source, std::vector<std::unique_ptr<const TextStep>> steps, TextPtr fallback)
      : source_(std::move(source)), steps_(std::move(steps)), fallback_(std::move(fallback)) {}
  bool Eval(RowContext& context, std::string_view* text) const override {
    if (!source_->Eval(context, text)) return false;
    for (const auto& step : steps_) {
      if (text->data() == nullptr) break;
      if (!step->Apply(context, text)) return false;
      if (text->empty()) *text = {};
    }
    if (text->data() == nullptr && fallback_ != nullptr) return fallback_->Eval(context, text);
    return true;
  }

 private:
  const TextPtr source_;
  const std::vector<std::unique_ptr<const TextStep>> steps_;
  const TextPtr fallback_;
};

// Null for an absent key and for `~`.
absl::StatusOr<TextPtr> CompileOptional(const ConfigNode& node, CompileScope& scope) {
  if (node.IsNull()) return TextPtr();
  return CompileText(node, scope);
}

absl::StatusOr<TextPtr> CompileCase(const ConfigNode& node, CompileScope& scope) {
  std::vector<Branch> branches;
  TM_ASSIGN_OR_RETURN(const auto elements, node.Get("case").Elements());
  for (const ConfigNode& element : elements) {
    TM_RETURN_IF_ERROR(element.CheckKeys({"when", "then"}));
    Branch& branch = branches.emplace_back();
    TM_ASSIGN_OR_RETURN(branch.when, CompileCondition(element.Get("when"), scope));
    TM_ASSIGN_OR_RETURN(branch.then, CompileOptional(element.Get("then"), scope));
  }
  TM_ASSIGN_OR_RETURN(TextPtr otherwise, CompileOptional(node.Get("else"), scope));
  return std::make_unique<CaseText>(std::move(branches), std::move(otherwise));
}

absl::StatusOr<TextPtr> CompileSign(const ConfigNode& node, CompileScope& scope) {
  TM_ASSIGN_OR_RETURN(NumberPtr number, CompileNumber(node.Get("sign_of"), scope));
  TM_ASSIGN_OR_RETURN(TextPtr negative, CompileOptional(node.Get("negative"), scope));
  TM_ASSIGN_OR_RETURN(TextPtr positive, CompileOptional(node.Get("positive"), scope));
  // Zero counts as positive unless something is said about it.
  TM_ASSIGN_OR_RETURN(TextPtr zero,
                      CompileOptional(node.Get(node.Has("zero") ? "zero" : "positive"), scope));
  return std::make_unique<SignText>(std::move(number), std::move(negative), std::move(zero),
                                    std::move(positive));
}

absl::StatusOr<TextPtr> CompileSource(const ConfigNode& node, CompileScope& scope) {
  const int sources = node.Has("value") + node.Has("first_of") + node.Has("case") +
                      node.Has("sign_of") + node.Has("number");
  if (sources != 1) {
    return node.Error("want exactly one of `value`, `first_of`, `case`, `sign_of`, `number`");
  }
  if (node.Has("case")) return CompileCase(node, scope);
  if (node.Has("sign_of")) return CompileSign(node, scope);
  if (node.Has("number")) {
    TM_ASSIGN_OR_RETURN(NumberPtr number, CompileNumber(node.Get("number"), scope));
    return std::make_unique<NumberText>(std::move(number));
  }
  if (node.Has("value")) {
    TM_ASSIGN_OR_RETURN(const bool trim, node.BoolOf("trim", true));
    const ConfigNode value = node.Get("value");
    return value.IsScalar() ? CompileTemplate(value, scope, trim) : CompileText(value, scope);
  }
  std::vector<TextPtr> choices;
  TM_ASSIGN_OR_RETURN(const auto elements, node.Get("first_of").Elements());
  for (const ConfigNode& element : elements) {
    TM_ASSIGN_OR_RETURN(choices.emplace_back(), CompileText(element, scope));
  }
  return std::make_unique<FirstOfText>(std::move(choices));
}

}  // namespace

absl::StatusOr<TextPtr> CompileText(const ConfigNode& node, CompileScope& scope) {
  if (node.IsNull()) return node.Error("missing; want a text");
  if (node.IsScalar()) return CompileTemplate(node, scope);
  std::vector<std::string> known = {"value",   "first_of", "case",     "else",
                                    "sign_of", "zero",     "negative", "positive",
                                    "number",  "trim",     "default",  "unmapped"};
  known.insert(known.end(), TextStepKeys().begin(), TextStepKeys().end());
  TM_RETURN_IF_ERROR(node.CheckKeys(known));
  if (node.Has("unmapped") && !node.Has("map") && !node.Has("lookup")) {
    return node.Get("unmapped").Error("goes with `map` or `lookup` only");
  }
  TM_ASSIGN_OR_RETURN(TextPtr source, CompileSource(node, scope));
  TM_ASSIGN_OR_RETURN(auto steps, CompileTextSteps(node, scope));
  TM_ASSIGN_OR_RETURN(TextPtr fallback, CompileOptional(node.Get("default"), scope));
  if (steps.empty() && fallback == nullptr) return source;
  return std::make_unique<SteppedText>(std::move(source), std::move(steps), std::move(fallback));
}

}  // namespace tidemark::importer
