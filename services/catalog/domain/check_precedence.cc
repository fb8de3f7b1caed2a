#include "services/catalog/domain/checks.h"

namespace tidemark::catalog {

void CheckPrecedence(const std::vector<ReportingRole>& precedence, Report& report) {
  constexpr std::string_view kNames[] = {"SELLER_PLATFORM", "PAYMENT", "LOGISTICS", "DEPARTMENT"};
  CheckValues(precedence, kNames,
              "REPORTING_ROLE_SELLER_PLATFORM, _PAYMENT, _LOGISTICS or _DEPARTMENT", "precedence",
              report);
}

}  // namespace tidemark::catalog
