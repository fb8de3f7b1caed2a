#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_OBSERVATORY_CURRENCY_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_OBSERVATORY_CURRENCY_H_

#include <span>
#include <string>

#include "services/catalog/domain/newest_state.h"

namespace tidemark::catalog {

// The observatory's currency as it would be after the changes; empty: there is none.
inline std::string CurrencyOf(std::span<const Change> changes, const NewestState& before) {
  for (const Change& change : changes) {
    if (change.after == nullptr) continue;
    if (const auto* made = std::get_if<Observatory>(&change.after->content)) return made->currency;
  }
  const Resource* observatory = before.observatory();
  return observatory == nullptr ? "" : std::get<Observatory>(observatory->content).currency;
}

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_OBSERVATORY_CURRENCY_H_
