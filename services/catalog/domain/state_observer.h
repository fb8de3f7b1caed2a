#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_STATE_OBSERVER_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_STATE_OBSERVER_H_

#include <cstdint>
#include <span>

#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// Follows the newest state.
class StateObserver {
 public:
  virtual ~StateObserver() = default;

  // Each version's changes, one version after the other, before anybody can read them; at the start
  // every resource that there is as a creation, in several calls of one version.
  virtual void Changed(std::span<const Change> changes, uint64_t version) = 0;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_STATE_OBSERVER_H_
