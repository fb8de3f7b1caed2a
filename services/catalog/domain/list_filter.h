#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_LIST_FILTER_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_LIST_FILTER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/catalog/domain/document_rules.h"
#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// A subset of AIP-160: `field = "value"` and `field : "part"`, joined by AND. Fields: `id` and
// `display_name` (any language) everywhere, `parent` of regions and categories, `level` of
// regions, `kind` of sources, of other types every field that holds a text, a reference or an enum
// value, or a list of them (one has to fit). `:` means contains, ASCII letters in any case. Quotes
// may be left out around a word. Enum values with or without their prefix.
//
//   parent = "regions/cn-33" AND level = CITY AND display_name : "宁"
class ListFilter {
 public:
  // INVALID_ARGUMENT (INVALID_FILTER) on field `filter`, saying where and what is possible.
  // `rules` must outlive the filter.
  static absl::StatusOr<ListFilter> Parse(std::string_view text, Type type,
                                          const DocumentRules* rules);

  bool empty() const { return terms_.empty(); }
  bool Matches(const Resource& resource) const;

 private:
  enum class Field { kId, kDisplayName, kParent, kLevel, kKind, kOfDocument };
  struct Term {
    Field field;
    // As it was written.
    std::string name;
    bool contains;
    std::string value;
  };

  class Parser;
  static bool Fits(const Term& term, std::string_view text);
  bool Matches(const Term& term, const Resource& resource) const;

  const DocumentRules* rules_ = nullptr;
  std::vector<Term> terms_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_LIST_FILTER_H_
