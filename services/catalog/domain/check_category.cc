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

}  // namespace

void CheckCategory(const Category& category, Report& report) {
  if (!category.coicop_2018.empty() && !IsCoicop(category.coicop_2018)) {
    report.AddTyped("coicop_2018", absl::StrCat(Quoted(category.coicop_2018),
                                                " is no COICOP 2018 code; want the shape 08, "
                                                "08.3, 08.3.9 or 08.3.9.2"));
  }
  const int content = static_cast<int>(category.information_content);
  if (content < 0 || content > 2) {
    report.AddTyped("information_content",
                    absl::StrCat(content, ", want 0, INFORMATION_CONTENT_DIRECT or _INDIRECT"));
  }
  CheckValidity(category.valid, "valid", report);
  CheckAliases(category.aliases, report);
  CheckPrecedence(category.precedence, report);
}

}  // namespace tidemark::catalog
