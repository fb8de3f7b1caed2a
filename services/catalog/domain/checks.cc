#include "services/catalog/domain/checks.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/references.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kDisplayNameBytes = 200;
constexpr size_t kDescriptionBytes = 4096;
constexpr size_t kAliasBytes = 200;
constexpr size_t kMaxSearchTerms = 50;

// An alias or search term.
bool IsOtherName(std::string_view text) {
  return !text.empty() && text.size() <= kAliasBytes && IsUtf8(text) && !HasControlCharacter(text);
}
std::string OtherNameProblem(std::string_view text) {
  return absl::StrCat(Quoted(text), ": want 1 to ", kAliasBytes,
                      " bytes of UTF-8 without control characters");
}

void CheckTexts(const Resource& resource, Report& report) {
  for (const auto& [language, text] : resource.display_names) {
    const std::string field = absl::StrCat("display_names[", Quoted(language), "]");
    if (!IsLanguageTag(language)) {
      report.Add(field, "the key must be a BCP 47 language tag, such as zh or en");
    } else if (text.empty() || text.size() > kDisplayNameBytes) {
      report.Add(field, absl::StrCat(Bytes(text.size()), ", want 1 to ", kDisplayNameBytes));
    } else if (!IsUtf8(text) || HasControlCharacter(text)) {
      report.Add(field, absl::StrCat(Quoted(text), " must be UTF-8 without control characters"));
    }
  }
  if (resource.description.size() > kDescriptionBytes) {
    report.Add("description", absl::StrCat(Bytes(resource.description.size()), ", want at most ",
                                           kDescriptionBytes));
  }
  if (!IsUtf8(resource.description)) report.Add("description", "must be UTF-8");
  if (resource.search_terms.size() > kMaxSearchTerms) {
    report.Add("search_terms", absl::StrCat(resource.search_terms.size(),
                                            " elements, want at most ", kMaxSearchTerms));
  }
  for (size_t i = 0; i < resource.search_terms.size(); ++i) {
    if (IsOtherName(resource.search_terms[i])) continue;
    report.Add(absl::StrCat("search_terms[", i, "]"), OtherNameProblem(resource.search_terms[i]));
  }
}

void CheckReferenceShapes(const Resource& resource, const DocumentRules& rules, Report& report) {
  ForEachReference(resource, rules, [&](const Reference& reference) {
    const auto parsed = ParseName(reference.target);
    if (!parsed) {
      AddTo(reference, NameProblem(reference.target), "INVALID_NAME", report);
    } else if ((reference.allowed & TypeBit(parsed->type)) == 0) {
      AddTo(reference,
            absl::StrCat(Quoted(reference.target), " cannot stand here; want ",
                         AllowedNames(reference.allowed)),
            "INVALID_NAME", report);
    }
  });
}

struct TypeChecker {
  const DocumentRules& rules;
  Report& report;
  void operator()(const std::monostate&) const {}
  void operator()(const Observatory& value) const { CheckObservatory(value, report); }
  void operator()(const Source& value) const { CheckSource(value, report); }
  void operator()(const IdentifierScheme& value) const { CheckIdentifierScheme(value, report); }
  void operator()(const Region& value) const { CheckRegion(value, report); }
  void operator()(const RegionGroup& value) const { CheckRegionGroup(value, report); }
  void operator()(const Category& value) const { CheckCategory(value, report); }
  void operator()(const Token& value) const { CheckToken(value, report); }
  void operator()(const Document& value) const { rules.Check(value, report); }
};

}  // namespace

void CheckResource(const Resource& resource, const DocumentRules& rules, Report& report) {
  CheckTexts(resource, report);
  rules.CheckCitations(resource.citations, report);
  CheckReferenceShapes(resource, rules, report);
  std::visit(TypeChecker{rules, report}, resource.content);
}

void CheckChange(const Resource& before, const Resource& after, const DocumentRules& rules,
                 Report& report) {
  if (const auto* observatory = std::get_if<Observatory>(&after.content)) {
    CheckObservatoryChange(std::get<Observatory>(before.content), *observatory, report);
  } else if (const auto* source = std::get_if<Source>(&after.content)) {
    CheckSourceChange(std::get<Source>(before.content), *source, report);
  } else if (const auto* scheme = std::get_if<IdentifierScheme>(&after.content)) {
    CheckIdentifierSchemeChange(std::get<IdentifierScheme>(before.content), *scheme, report);
  } else if (const auto* document = std::get_if<Document>(&after.content)) {
    rules.CheckChange(std::get<Document>(before.content), *document, report);
  }
}

void CheckValidity(const Validity& validity, std::string_view field, Report& report) {
  const auto real = [&](const std::optional<Date>& date, std::string_view side) {
    if (!date || IsRealDay(*date)) return true;
    report.AddTyped(absl::StrCat(field, side),
                    absl::StrCat(ToString(*date), " is no day of the years 1 to 9999"),
                    "INVALID_DATE");
    return false;
  };
  if (!real(validity.start, ".start") || !real(validity.end, ".end")) return;
  if (validity.start && validity.end && *validity.end <= *validity.start) {
    report.AddTyped(absl::StrCat(field, ".end"),
                    absl::StrCat(ToString(*validity.end), " must be after the start, ",
                                 ToString(*validity.start), "; it is the first day after the end"),
                    "INVALID_DATE");
  }
}

void CheckAliases(const std::vector<std::string>& aliases, Report& report) {
  for (size_t i = 0; i < aliases.size(); ++i) {
    if (IsOtherName(aliases[i])) continue;
    report.AddTyped(absl::StrCat("aliases[", i, "]"), OtherNameProblem(aliases[i]));
  }
  CheckNoDuplicates(aliases, "aliases", report);
}

void CheckNoDuplicates(const std::vector<std::string>& names, std::string_view field,
                       Report& report) {
  absl::flat_hash_set<std::string_view> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    if (seen.insert(names[i]).second) continue;
    report.AddTyped(absl::StrCat(field, "[", i, "]"),
                    absl::StrCat(Quoted(names[i]), " occurs twice; keep one"), "DUPLICATE");
  }
}

void CheckNumbers(std::span<const int> numbers, std::span<const std::string_view> names,
                  std::string_view want, std::string_view field, Report& report) {
  uint32_t seen = 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const int number = numbers[i];
    const std::string at = absl::StrCat(field, "[", i, "]");
    if (number < 1 || static_cast<size_t>(number) > names.size()) {
      report.AddTyped(at, absl::StrCat(number, ", want ", want));
      continue;
    }
    const uint32_t bit = uint32_t{1} << number;
    if ((seen & bit) != 0) {
      report.AddTyped(
          at, absl::StrCat(names[static_cast<size_t>(number) - 1], " occurs twice; keep one"),
          "DUPLICATE");
    }
    seen |= bit;
  }
}

}  // namespace tidemark::catalog
