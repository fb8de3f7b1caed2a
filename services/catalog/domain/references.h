#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_REFERENCES_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_REFERENCES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "services/catalog/domain/document_rules.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// One name that a resource holds of another.
struct Reference {
  std::string_view target;
  // Collections it may be of, as TypeBits.
  Types allowed;
  // Where it stands in the type's part: `field`, or `field[index]` followed by `suffix`.
  std::string_view field;
  int index = -1;
  std::string_view suffix = {};

  // Whether it stands in what all types share; `field` is that of the resource then.
  bool shared = false;

  std::string Path() const;
};

// In order of fields. Absent references (empty, and `*` of a token) are left out.
void ForEachReference(const Resource& resource, const DocumentRules& rules,
                      absl::FunctionRef<void(const Reference&)> visit);

// Adds a problem where the reference stands.
void AddTo(const Reference& reference, std::string_view message, std::string_view reason,
           Report& report);

// "regions/... or regionGroups/..."
std::string AllowedNames(Types allowed);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_REFERENCES_H_
