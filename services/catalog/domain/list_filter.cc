#include "services/catalog/domain/list_filter.h"

#include <array>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/region_levels.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

// By the numbers of the enum.
constexpr std::array<std::string_view, 3> kKinds = {"UNSPECIFIED", "LIVE", "TEST"};
constexpr std::string_view kLevelPrefix = "REGION_LEVEL_";
constexpr std::string_view kKindPrefix = "SOURCE_KIND_";
constexpr size_t kMaxFilterBytes = 2048;
// Each may read the whole resource.
constexpr size_t kMaxTerms = 10;

absl::Status Wrong(std::string_view message) {
  return status::InvalidArgument("filter", message, "INVALID_FILTER");
}

bool IsWordCharacter(char c) {
  return !absl::ascii_isspace(c) && c != '"' && c != '=' && c != ':' && c != '(' && c != ')';
}

std::vector<std::string_view> LevelNames() {
  std::vector<std::string_view> names;
  for (const RegionLevelName& level : RegionLevels()) names.push_back(level.name);
  return names;
}
std::vector<std::string_view> KindNames() { return {kKinds.begin() + 1, kKinds.end()}; }

absl::StatusOr<std::string> EnumName(const std::vector<std::string_view>& names,
                                     std::string_view prefix, std::string_view value) {
  std::string upper = absl::AsciiStrToUpper(value);
  std::string_view name = upper;
  if (absl::StartsWith(name, prefix)) name.remove_prefix(prefix.size());
  for (const std::string_view known : names) {
    if (known == name) return std::string(name);
  }
  return Wrong(absl::StrCat(Quoted(value), " is none of ", absl::StrJoin(names, ", ")));
}

}  // namespace

class ListFilter::Parser {
 public:
  Parser(std::string_view text, Type type, const DocumentRules* rules)
      : text_(text), type_(type), rules_(rules) {}

  absl::StatusOr<ListFilter> Run() {
    ListFilter filter;
    filter.rules_ = rules_;
    if (text_.size() > kMaxFilterBytes) {
      return Wrong(absl::StrCat(Bytes(text_.size()), ", want at most ", kMaxFilterBytes));
    }
    if (!IsUtf8(text_)) return Wrong("must be UTF-8");
    SkipBlanks();
    while (at_ < text_.size()) {
      if (!filter.terms_.empty() && Word() != "AND") {
        return Wrong(absl::StrCat("want AND between comparisons", Here()));
      }
      TM_ASSIGN_OR_RETURN(Term term, ParseTerm());
      if (filter.terms_.size() == kMaxTerms) {
        return Wrong(absl::StrCat("more than ", kMaxTerms, " comparisons; give fewer"));
      }
      filter.terms_.push_back(std::move(term));
      SkipBlanks();
    }
    return filter;
  }

 private:
  absl::StatusOr<Term> ParseTerm() {
    Term term;
    const std::string_view name = Word();
    term.name = name;
    TM_ASSIGN_OR_RETURN(term.field, ParseField(name));
    SkipBlanks();
    const char op = at_ < text_.size() ? text_[at_++] : '\0';
    if (op != '=' && op != ':') {
      return Wrong(absl::StrCat("want = or : after ", name, Here()));
    }
    term.contains = op == ':';
    TM_ASSIGN_OR_RETURN(term.value, Value(name));
    if (!term.contains && term.field == Field::kLevel) {
      TM_ASSIGN_OR_RETURN(term.value, EnumName(LevelNames(), kLevelPrefix, term.value));
    } else if (!term.contains && term.field == Field::kKind) {
      TM_ASSIGN_OR_RETURN(term.value, EnumName(KindNames(), kKindPrefix, term.value));
    }
    return term;
  }

  absl::StatusOr<Field> ParseField(std::string_view name) const {
    const bool region = type_ == Type::kRegion;
    if (name == "id") return Field::kId;
    if (name == "display_name") return Field::kDisplayName;
    if (name == "parent" && (region || type_ == Type::kCategory)) return Field::kParent;
    if (name == "level" && region) return Field::kLevel;
    if (name == "kind" && type_ == Type::kSource) return Field::kKind;
    std::string fields = "id, display_name";
    if (region) absl::StrAppend(&fields, ", parent, level");
    if (type_ == Type::kCategory) absl::StrAppend(&fields, ", parent");
    if (type_ == Type::kSource) absl::StrAppend(&fields, ", kind");
    if (type_ >= kFirstDocument) {
      const std::vector<std::string> own = rules_->Fields(type_);
      if (absl::c_linear_search(own, name)) return Field::kOfDocument;
      for (const std::string& field : own) absl::StrAppend(&fields, ", ", field);
    }
    return Wrong(absl::StrCat("no field ", Quoted(name), "; ", CollectionOf(type_).name,
                              " are filtered by ", fields, Here()));
  }

  absl::StatusOr<std::string> Value(std::string_view field) {
    SkipBlanks();
    if (at_ == text_.size() || text_[at_] != '"') {
      const std::string_view word = Word();
      if (word.empty()) return Wrong(absl::StrCat("want a value after ", field, Here()));
      return std::string(word);
    }
    std::string value;
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        return value;
      }
      if (c == '\\' && at_ + 1 < text_.size()) c = text_[++at_];
      value.push_back(c);
    }
    return Wrong(absl::StrCat("the value of ", field, " lacks its closing \""));
  }

  std::string_view Word() {
    SkipBlanks();
    const size_t start = at_;
    while (at_ < text_.size() && IsWordCharacter(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }
  void SkipBlanks() {
    while (at_ < text_.size() && absl::ascii_isspace(text_[at_])) ++at_;
  }
  std::string Here() const { return absl::StrCat(" (byte ", at_, " of ", Quoted(text_), ")"); }

  const std::string_view text_;
  const Type type_;
  const DocumentRules* const rules_;
  size_t at_ = 0;
};

absl::StatusOr<ListFilter> ListFilter::Parse(std::string_view text, Type type,
                                             const DocumentRules* rules) {
  return Parser(text, type, rules).Run();
}

bool ListFilter::Fits(const Term& term, std::string_view text) {
  if (!term.contains) return text == term.value;
  return absl::StrContains(absl::AsciiStrToLower(text), absl::AsciiStrToLower(term.value));
}

bool ListFilter::Matches(const Term& term, const Resource& resource) const {
  switch (term.field) {
    case Field::kId:
      return Fits(term, ParseName(resource.name)->id);
    case Field::kDisplayName:
      for (const auto& [language, text] : resource.display_names) {
        if (Fits(term, text)) return true;
      }
      return false;
    case Field::kParent: {
      const auto* region = std::get_if<Region>(&resource.content);
      return Fits(term, region ? region->parent : std::get<Category>(resource.content).parent);
    }
    case Field::kLevel:
      return Fits(term, NameOf(std::get<Region>(resource.content).level));
    case Field::kKind: {
      const auto kind = static_cast<size_t>(std::get<Source>(resource.content).kind);
      return kind < kKinds.size() && Fits(term, kKinds[kind]);
    }
    case Field::kOfDocument: {
      const auto values = rules_->Values(std::get<Document>(resource.content), term.name);
      return values &&
             absl::c_any_of(*values, [&](const std::string& value) { return Fits(term, value); });
    }
  }
  return false;
}

bool ListFilter::Matches(const Resource& resource) const {
  for (const Term& term : terms_) {
    if (!Matches(term, resource)) return false;
  }
  return true;
}

}  // namespace tidemark::catalog
