#include "services/analytics/domain/precedence.h"

#include <algorithm>
#include <vector>

#include "clients/cpp/catalog/catalog_view.h"

namespace tidemark::analytics {
namespace {

using ledger::ReportingRole;
using Roles = std::array<ReportingRole, 5>;

std::array<Roles, 24> MakeOrders() {
  std::array<Roles, 24> orders;
  Roles roles = {ReportingRole::kSellerPlatform, ReportingRole::kPayment, ReportingRole::kLogistics,
                 ReportingRole::kDepartment, ReportingRole::kUnspecified};
  for (Roles& order : orders) {
    order = roles;
    std::next_permutation(roles.begin(), roles.begin() + 4);
  }
  return orders;
}

const std::array<Roles, 24>& Orders() {
  static const std::array<Roles, 24> orders = MakeOrders();
  return orders;
}

}  // namespace

RoleOrder OrderOf(std::span<const ReportingRole> roles) {
  Roles order;
  size_t placed = 0;
  const auto place = [&](ReportingRole role) {
    const auto end = order.begin() + placed;
    if (placed < 4 && role >= ReportingRole::kSellerPlatform &&
        role <= ReportingRole::kDepartment && std::find(order.begin(), end, role) == end) {
      order[placed++] = role;
    }
  };
  for (const ReportingRole role : roles) place(role);
  for (int number = 1; number <= 4; ++number) place(static_cast<ReportingRole>(number));
  order[4] = ReportingRole::kUnspecified;
  return static_cast<RoleOrder>(std::find(Orders().begin(), Orders().end(), order) -
                                Orders().begin());
}

const Roles& RolesIn(RoleOrder order) { return Orders()[order]; }

Precedence::Precedence(const catalog_client::CatalogView& view) {
  if (view.observatory() != nullptr) of_observatory_ = OrderOf(view.observatory()->precedence);
  // Most catalogs have few or none.
  for (const catalog_client::Category& category : view.categories().items()) {
    if (category.precedence.empty()) continue;
    const RoleOrder order = OrderOf(category.precedence);
    std::vector<catalog_client::Ordinal> open = {category.ordinal};
    while (!open.empty()) {
      const catalog_client::Category& at = view.categories()[open.back()];
      open.pop_back();
      // Those below with one of their own speak for themselves.
      if (at.ordinal != category.ordinal && !at.precedence.empty()) continue;
      if (order != of_observatory_) by_category_[at.id] = order;
      for (const catalog_client::Ordinal child : view.CategoryChildren(at.ordinal))
        open.push_back(child);
    }
  }
}

}  // namespace tidemark::analytics
