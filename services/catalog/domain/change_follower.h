#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_CHANGE_FOLLOWER_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_CHANGE_FOLLOWER_H_

#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// Told of every change of the catalog, from the first version on, in the order of versions.
class ChangeFollower {
 public:
  virtual ~ChangeFollower() = default;

  // On one thread at a time, before readers can see the version that the change is of.
  virtual void Follow(const Change& change) = 0;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_CHANGE_FOLLOWER_H_
