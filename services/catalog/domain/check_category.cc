#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/checks.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

// Two digits of the division, then up to three levels of one digit: 08.3.9.2.
bool IsCoicop(std::string_view code) {
  if (code.size() < 2 || code.size() > 8 || code.size() % 2 != 0) return false;
  for (size_t i = 0; i < code.size(); ++i) {
    const bool dot = i >= 2 && i % 2 == 0;
    if (dot ? code[i] != '.' : !absl::ascii_isdigit(code[i])) return false;
  }
  return true;
}

// Digits, of which the classification's codes have `least` to `most`.
bool IsDigits(std::string_view code, size_t least, size_t most) {
  return code.size() >= least && code.size() <= most &&
         std::all_of(code.begin(), code.end(), absl::ascii_isdigit);
}

// A letter for the section, or two to four digits, or both as GB/T 4754 is often written.
bool IsIndustry(std::string_view code) {
  if (!code.empty() && absl::ascii_isupper(code[0])) {
    code.remove_prefix(1);
    if (code.empty()) return true;
  }
  return IsDigits(code, 2, 4);
}

bool HasShape(const ClassificationCode& code) {
  switch (code.classification) {
    case Classification::kCoicop2018:
    case Classification::kCoicop1999:
      return IsCoicop(code.code);
    case Classification::kCpc21:
      return IsDigits(code.code, 1, 5);
    case Classification::kGbT4754:
    case Classification::kIsic4:
      return IsIndustry(code.code);
    default:
      return true;
  }
}

constexpr size_t kMaxCodes = 100;

void CheckCodes(const std::vector<ClassificationCode>& codes, Report& report) {
  if (codes.size() > kMaxCodes) {
    return report.AddTyped("codes",
                           absl::StrCat(codes.size(), " elements, want at most ", kMaxCodes));
  }
  absl::flat_hash_set<std::pair<int, std::string_view>> seen;
  for (size_t i = 0; i < codes.size(); ++i) {
    const std::string field = absl::StrCat("codes[", i, "]");
    const int classification = static_cast<int>(codes[i].classification);
    if (classification < 1 || classification > static_cast<int>(Classification::kIsic4)) {
      report.AddTyped(field + ".classification",
                      absl::StrCat(classification,
                                   ", want COICOP_2018, COICOP_1999, CPC_2_1, GB_T_4754_2017 or "
                                   "ISIC_4"));
    } else if (!HasShape(codes[i])) {
      report.AddTyped(field + ".code",
                      absl::StrCat(Quoted(codes[i].code),
                                   " has not the shape of a code of this classification"),
                      "MALFORMED_CODE");
    }
    const int relation = static_cast<int>(codes[i].relation);
    if (relation < 1 || relation > static_cast<int>(CodeRelation::kOverlapping)) {
      report.AddTyped(field + ".relation",
                      absl::StrCat(relation, ", want EXACT, BROADER, NARROWER or OVERLAPPING"));
    }
    if (!seen.emplace(classification, codes[i].code).second) {
      report.AddTyped(field, absl::StrCat(Quoted(codes[i].code), " occurs twice; keep one"),
                      "DUPLICATE");
    }
  }
}

}  // namespace

void CheckCategory(const Category& category, Report& report) {
  if (!category.coicop_2018.empty() && !IsCoicop(category.coicop_2018)) {
    report.AddTyped("coicop_2018", absl::StrCat(Quoted(category.coicop_2018),
                                                " is no COICOP 2018 code; want the shape 08, "
                                                "08.3, 08.3.9 or 08.3.9.2"));
  }
  const int content = static_cast<int>(category.information_content);
  if (content < 0 || content > static_cast<int>(InformationContent::kNone)) {
    report.AddTyped("information_content",
                    absl::StrCat(content, ", want DIRECT, INDIRECT, NONE or nothing"));
  }
  const int nature = static_cast<int>(category.nature);
  if (nature < 0 || nature > static_cast<int>(CategoryNature::kMixed)) {
    report.AddTyped("nature", absl::StrCat(nature, ", want GOODS, SERVICES, MIXED or nothing"));
  }
  CheckCodes(category.codes, report);
  CheckValidity(category.valid, "valid", report);
  CheckAliases(category.aliases, report);
  CheckPrecedence(category.precedence, report);
}

}  // namespace tidemark::catalog
