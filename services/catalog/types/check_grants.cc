#include "absl/strings/str_cat.h"
#include "services/catalog/domain/decimal.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/type_rules.h"

namespace tidemark::catalog {

void CheckGrant(const v1::Grant& grant, Report& report) {
  if (grant.end_time_us() > 0 && grant.end_time_us() <= grant.start_time_us()) {
    report.AddTyped("end_time_us", absl::StrCat(grant.end_time_us(), ", want a time after ",
                                                grant.start_time_us(), ", the start"));
  }
  const auto price = ParseDecimal(grant.unit_price().value());
  if (grant.has_unit_price() && price && price->unscaled < 0) {
    report.AddTyped("unit_price", absl::StrCat(Quoted(grant.unit_price().value()),
                                               ", want 0 or above; leave it out where it is free"));
  }
  if (grant.has_unit_price() == grant.currency().empty()) {
    report.AddTyped("currency", grant.has_unit_price()
                                    ? "missing; a price is of a currency, such as CNY"
                                    : "only with unit_price");
  }
}

void CheckGrantChange(const v1::Grant& before, const v1::Grant& after, Report& report) {
  if (!before.has_revocation() || after.has_revocation()) return;
  report.AddTyped("revocation", "cannot be taken out; the grant was revoked, make another",
                  "GRANT_REVOKED");
}

}  // namespace tidemark::catalog
