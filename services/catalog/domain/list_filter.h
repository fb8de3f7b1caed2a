#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_LIST_FILTER_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_LIST_FILTER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// A subset of AIP-160: `field = "value"` and `field : "part"`, joined by AND. Fields: `id` and
// `display_name` (any language) everywhere, `parent` of regions and categories, `level` of
// regions, `kind` of sources. `:` means contains, ASCII letters in any case. Quotes may be left
// out around a word. Enum values with or without their prefix.
//
//   parent = "regions/cn-33" AND level = CITY AND display_name : "宁"
class ListFilter {
 public:
  // INVALID_ARGUMENT (INVALID_FILTER) on field `filter`, saying where and what is possible.
  static absl::StatusOr<ListFilter> Parse(std::string_view text, Type type);

  bool empty() const { return terms_.empty(); }
  bool Matches(const Resource& resource) const;

 private:
  enum class Field { kId, kDisplayName, kParent, kLevel, kKind };
  struct Term {
    Field field;
    bool contains;
    std::string value;
  };

  class Parser;
  static bool Fits(const Term& term, std::string_view text);
  static bool Matches(const Term& term, const Resource& resource);

  std::vector<Term> terms_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_LIST_FILTER_H_
