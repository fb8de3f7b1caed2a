#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_NAMES_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_NAMES_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

struct Collection {
  Type type;
  // "regionGroups"
  std::string_view name;
  // "region_group": the field of the type's part in a Resource.
  std::string_view field;
  // Other types are retired, by their validity where they have one.
  bool deletable;
};

// Of the type's part in tidemark.catalog.v1.Resource.
constexpr int FieldNumber(Type type) { return 19 + static_cast<int>(type); }

// All collections, by type.
std::span<const Collection> Collections();
// `type` must not be kNone.
const Collection& CollectionOf(Type type);
// Null when there is none of that name.
const Collection* FindCollection(std::string_view name);
// "categories, identifierSchemes, ..." for messages.
std::string CollectionNames();

struct ParsedName {
  Type type;
  std::string_view id;
};
// Views into `name`. Nothing when it is no well-formed name; NameProblem says why.
std::optional<ParsedName> ParseName(std::string_view name);
// What is wrong with `name` and what is wanted; empty when nothing is.
std::string NameProblem(std::string_view name);

// [a-z0-9.-]{1,63}
bool IsValidId(std::string_view id);

// Sets of types, as bits.
using Types = uint64_t;
constexpr Types TypeBit(Type type) { return Types{1} << static_cast<int>(type); }
static_assert(kTypeCount <= 64);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_NAMES_H_
