#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_RESOURCE_TEXTS_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_RESOURCE_TEXTS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

enum class TextRole { kId, kName, kAlias, kCode, kText };

// A text of a resource that it is found by.
struct ResourceText {
  TextRole role = TextRole::kText;
  // Where it stands, such as `display_names[zh]` or `region.aliases[0]`.
  std::string field;
  std::string text;
  // Of a name, alias or search term: the pinyin that the resource gives for it; may be empty.
  std::string pinyin;
};

// Of other texts than names, aliases and codes a resource is found by the first so many bytes.
inline constexpr size_t kMaxSearchedText = size_t{16} << 10;

// The texts in order of the fields. Of types that are documents every text of the type's part but
// names of resources, addresses and codes of languages and currencies; where a field is called a
// code, it is one.
std::vector<ResourceText> TextsOf(const Resource& resource);

// The days on which the resource is valid; of types without a validity all.
Validity ValidityOf(const Resource& resource);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_RESOURCE_TEXTS_H_
