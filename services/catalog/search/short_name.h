#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_SHORT_NAME_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_SHORT_NAME_H_

#include <string>
#include <string_view>
#include <vector>

#include "services/catalog/search/fold.h"

namespace tidemark::catalog {

// A folded Chinese name of a region without the word for its kind and, where that is an autonomous
// one, without its peoples: 宁波 of 宁波市, 广西 of 广西壮族自治区, 湘西 of 湘西土家族苗族自治州.
// Empty when there is no such word, or not two characters before it.
std::string ShortChineseName(std::string_view name);

// The same of a name in another language: `ningbo` of Ningbo City, `rio` of State of Rio; its runs
// joined.
std::string ShortForeignName(const std::vector<Run>& runs);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_SHORT_NAME_H_
