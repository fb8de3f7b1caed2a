#include <re2/re2.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/nearest.h"
#include "clients/cli/import/expression.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

// All of them, or any of them.
class JunctionCondition final : public Condition {
 public:
  JunctionCondition(std::vector<ConditionPtr> parts, bool all)
      : parts_(std::move(parts)), all_(all) {}
  bool Eval(RowContext& context, bool* holds) const override {
    for (const ConditionPtr& part : parts_) {
      if (!part->Eval(context, holds)) return false;
      if (*holds != all_) return true;
    }
    *holds = all_;
    return true;
  }

 private:
  const std::vector<ConditionPtr> parts_;
  const bool all_;
};

class NotCondition final : public Condition {
 public:
  explicit NotCondition(ConditionPtr part) : part_(std::move(part)) {}
  bool Eval(RowContext& context, bool* holds) const override {
    if (!part_->Eval(context, holds)) return false;
    *holds = !*holds;
    return true;
  }

 private:
  const ConditionPtr part_;
};

// What a text must be; every key given must hold. An absent text fits only `empty: true`.
struct TextTest {
  std::optional<bool> empty;
  std::vector<std::string> in, prefix, suffix, contains;
  bool has_in = false;
  std::unique_ptr<RE2> matches;
  std::shared_ptr<const ValueMap> in_map;
  bool ignore_case = false;

  bool Holds(std::string_view text) const {
    if (empty.has_value() && *empty != text.empty()) return false;
    std::string lower;
    if (ignore_case) text = lower = absl::AsciiStrToLower(text);
    const auto any = [&](const std::vector<std::string>& parts, const auto& fits) {
      return parts.empty() || std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
               return fits(text, part);
             });
    };
    if (has_in && std::find(in.begin(), in.end(), text) == in.end()) return false;
    return any(prefix,
               [](std::string_view t, std::string_view p) { return absl::StartsWith(t, p); }) &&
           any(suffix,
               [](std::string_view t, std::string_view p) { return absl::EndsWith(t, p); }) &&
           any(contains,
               [](std::string_view t, std::string_view p) { return absl::StrContains(t, p); }) &&
           (matches == nullptr ||
            RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *matches)) &&
           (in_map == nullptr || in_map->Find(text) != nullptr);
  }
};

class TextCondition final : public Condition {
 public:
  TextCondition(TextPtr text, TextTest test) : text_(std::move(text)), test_(std::move(test)) {}
  bool Eval(RowContext& context, bool* holds) const override {
    std::string_view text;
    if (!text_->Eval(context, &text)) return false;
    *holds = test_.Holds(text) && (text.data() != nullptr || test_.empty.value_or(false));
    return true;
  }

 private:
  const TextPtr text_;
  const TextTest test_;
};

struct NumberTest {
  enum class Relation { kEquals, kLess, kAtMost, kGreater, kAtLeast };
  Relation relation;
  Decimal bound;

  bool Holds(const Decimal& number) const {
    const int order = Compare(number, bound);
    switch (relation) {
      case Relation::kEquals:
        return order == 0;
      case Relation::kLess:
        return order < 0;
      case Relation::kAtMost:
        return order <= 0;
      case Relation::kGreater:
        return order > 0;
      default:
        return order >= 0;
    }
  }
};

// An absent number fits nothing.
class NumberCondition final : public Condition {
 public:
  NumberCondition(NumberPtr number, std::vector<NumberTest> tests)
      : number_(std::move(number)), tests_(std::move(tests)) {}
  bool Eval(RowContext& context, bool* holds) const override {
    std::optional<Decimal> number;
    if (!number_->Eval(context, &number)) return false;
    *holds = number.has_value() &&
             std::all_of(tests_.begin(), tests_.end(),
                         [&](const NumberTest& test) { return test.Holds(*number); });
    return true;
  }

 private:
  const NumberPtr number_;
  const std::vector<NumberTest> tests_;
};

absl::StatusOr<ConditionPtr> CompileNumberTest(const ConfigNode& node, CompileScope& scope) {
  const std::vector<std::string> relations = {"equals", "less", "at_most", "greater", "at_least"};
  std::vector<std::string> known = relations;
  known.push_back("number");
  TM_RETURN_IF_ERROR(node.CheckKeys(known));
  TM_ASSIGN_OR_RETURN(NumberPtr number, CompileNumber(node.Get("number"), scope));
  std::vector<NumberTest> tests;
  for (size_t i = 0; i < relations.size(); ++i) {
    if (!node.Has(relations[i])) continue;
    const ConfigNode bound = node.Get(relations[i]);
    TM_ASSIGN_OR_RETURN(const std::string text, bound.Text());
    const std::optional<Decimal> value = ParseDecimal(text, NumberFormat{});
    if (!value.has_value()) return bound.Error(absl::StrCat("`", text, "` is not a number"));
    tests.push_back({static_cast<NumberTest::Relation>(i), *value});
  }
  if (tests.empty())
    return node.Error("want one of `equals`, `less`, `at_most`, `greater`, `at_least`");
  return std::make_unique<NumberCondition>(std::move(number), std::move(tests));
}

absl::Status ReadInMap(const ConfigNode& node, CompileScope& scope, TextTest& test) {
  TM_ASSIGN_OR_RETURN(const std::string name, node.Text());
  const auto it = scope.maps.find(name);
  if (it == scope.maps.end()) return node.Error(absl::StrCat("`maps` has no `", name, "`"));
  test.in_map = it->second;
  return absl::OkStatus();
}

absl::StatusOr<ConditionPtr> CompileTextTest(const ConfigNode& node, CompileScope& scope) {
  for (const char* key : {"less", "at_most", "greater", "at_least"}) {
    if (node.Has(key)) return node.Get(key).Error("compares a `number`, not a text");
  }
  TM_RETURN_IF_ERROR(node.CheckKeys({"column", "value", "empty", "equals", "in", "in_map", "prefix",
                                     "suffix", "contains", "matches", "ignore_case"}));
  if (node.Has("column") == node.Has("value")) {
    return node.Error("want one of `column`, `value`, `number`, `all`, `any`, `not`");
  }
  if (node.Has("equals") && node.Has("in")) return node.Error("want one of `equals` and `in`");
  TextTest test;
  TM_ASSIGN_OR_RETURN(test.ignore_case, node.BoolOf("ignore_case", false));
  if (node.Has("empty")) {
    TM_ASSIGN_OR_RETURN(test.empty, node.BoolOf("empty", true));
  }
  test.has_in = node.Has("equals") || node.Has("in");
  TM_ASSIGN_OR_RETURN(test.in, node.Get(node.Has("in") ? "in" : "equals").Texts());
  TM_ASSIGN_OR_RETURN(test.prefix, node.Get("prefix").Texts());
  TM_ASSIGN_OR_RETURN(test.suffix, node.Get("suffix").Texts());
  TM_ASSIGN_OR_RETURN(test.contains, node.Get("contains").Texts());
  if (node.Has("in_map")) {
    TM_RETURN_IF_ERROR(ReadInMap(node.Get("in_map"), scope, test));
  }
  if (test.ignore_case) {
    if (test.in_map != nullptr && !test.in_map->ignores_case()) {
      return node.Get("in_map").Error("set `ignore_case` in the map, too");
    }
    for (auto* texts : {&test.in, &test.prefix, &test.suffix, &test.contains}) {
      for (std::string& text : *texts) absl::AsciiStrToLower(&text);
    }
  }
  if (node.Has("matches")) {
    TM_ASSIGN_OR_RETURN(const std::string pattern, node.Get("matches").Text());
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!test.ignore_case);
    test.matches = std::make_unique<RE2>(pattern, options);
    if (!test.matches->ok()) {
      return node.Get("matches").Error(absl::StrCat("`", pattern, "`: ", test.matches->error()));
    }
  }
  if (!test.empty.has_value() && !test.has_in && test.prefix.empty() && test.suffix.empty() &&
      test.contains.empty() && test.matches == nullptr && test.in_map == nullptr) {
    return node.Error(
        "want one of `equals`, `in`, `in_map`, `prefix`, `suffix`, `contains`, "
        "`matches`, `empty`");
  }
  TextPtr text;
  if (node.Has("value")) {
    TM_ASSIGN_OR_RETURN(text, CompileText(node.Get("value"), scope));
  } else {
    TM_ASSIGN_OR_RETURN(text, CompileColumn(node.Get("column"), scope));
  }
  return std::make_unique<TextCondition>(std::move(text), std::move(test));
}

absl::StatusOr<ConditionPtr> CompileJunction(const ConfigNode& node, CompileScope& scope,
                                             bool all) {
  TM_ASSIGN_OR_RETURN(const auto elements, node.Elements());
  std::vector<ConditionPtr> parts;
  for (const ConfigNode& element : elements) {
    TM_ASSIGN_OR_RETURN(parts.emplace_back(), CompileCondition(element, scope));
  }
  if (parts.empty()) return node.Error("want at least one condition");
  if (parts.size() == 1) return std::move(parts[0]);
  return std::make_unique<JunctionCondition>(std::move(parts), all);
}

}  // namespace

absl::StatusOr<ConditionPtr> CompileCondition(const ConfigNode& node, CompileScope& scope) {
  if (node.IsNull()) return node.Error("missing; want a condition");
  if (node.IsScalar()) return node.Error("want a condition such as `{column: A, equals: x}`");
  if (node.IsSequence()) return CompileJunction(node, scope, /*all=*/true);
  if (node.Has("number")) return CompileNumberTest(node, scope);
  for (const char* key : {"all", "any", "not"}) {
    if (!node.Has(key)) continue;
    TM_RETURN_IF_ERROR(node.CheckKeys({key}));
    if (std::string_view(key) != "not") {
      return CompileJunction(node.Get(key), scope, std::string_view(key) == "all");
    }
    TM_ASSIGN_OR_RETURN(ConditionPtr part, CompileCondition(node.Get(key), scope));
    return std::make_unique<NotCondition>(std::move(part));
  }
  return CompileTextTest(node, scope);
}

}  // namespace tidemark::importer
