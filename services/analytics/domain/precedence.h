#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_PRECEDENCE_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_PRECEDENCE_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::catalog_client {
class CatalogView;
}  // namespace tidemark::catalog_client

namespace tidemark::analytics {

// An order of the reporting roles, whose first counts, as a number below 24 that means the same in
// every version of the catalog. 0 is the order of the enum.
using RoleOrder = uint8_t;

// The order that names `roles` first; those left out follow in the order of the enum.
RoleOrder OrderOf(std::span<const ledger::ReportingRole> roles);
// All five, the one that counts first; no role comes last.
const std::array<ledger::ReportingRole, 5>& RolesIn(RoleOrder order);

// Precedence: in which order the reporting roles count in every category, as one version of the
// catalog has it. Of a category that is its own, else that of the nearest one above with one, else
// the observatory's, else the order of the enum. Immutable.
class Precedence {
 public:
  // The order of the enum for everything.
  Precedence() = default;
  explicit Precedence(const catalog_client::CatalogView& view);

  RoleOrder of_observatory() const { return of_observatory_; }
  // By id of the category.
  RoleOrder Of(std::string_view category) const {
    if (by_category_.empty()) return of_observatory_;
    const auto found = by_category_.find(category);
    return found == by_category_.end() ? of_observatory_ : found->second;
  }
  // The same order in every category.
  friend bool operator==(const Precedence&, const Precedence&) = default;

 private:
  RoleOrder of_observatory_ = 0;
  // Those that differ from the observatory's.
  absl::flat_hash_map<std::string, RoleOrder> by_category_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_PRECEDENCE_H_
