#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/catalog/domain/checks.h"

namespace tidemark::catalog {

void CheckPrecedence(const std::vector<ReportingRole>& precedence, Report& report) {
  constexpr std::string_view kNames[] = {"SELLER_PLATFORM", "PAYMENT", "LOGISTICS", "DEPARTMENT"};
  for (size_t i = 0; i < precedence.size(); ++i) {
    const int number = static_cast<int>(precedence[i]);
    const std::string field = absl::StrCat("precedence[", i, "]");
    const auto before = precedence.begin() + static_cast<ptrdiff_t>(i);
    if (number < 1 || number > 4) {
      report.AddTyped(field, absl::StrCat(number,
                                          ", want REPORTING_ROLE_SELLER_PLATFORM, _PAYMENT, "
                                          "_LOGISTICS or _DEPARTMENT"));
    } else if (std::find(precedence.begin(), before, precedence[i]) != before) {
      report.AddTyped(field, absl::StrCat(kNames[number - 1], " occurs twice; keep one"),
                      "DUPLICATE");
    }
  }
}

}  // namespace tidemark::catalog
