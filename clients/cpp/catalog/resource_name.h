#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_RESOURCE_NAME_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_RESOURCE_NAME_H_

#include <optional>
#include <string_view>

#include "clients/cpp/catalog/entities.h"

namespace tidemark::catalog_client {

struct ResourceName {
  EntityType type;
  std::string_view id;
};

// "regions/cn-330200" -> {kRegion, "cn-330200"}; none for a collection that is not known or an
// empty id. Points into `name`.
std::optional<ResourceName> ParseResourceName(std::string_view name);

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_RESOURCE_NAME_H_
