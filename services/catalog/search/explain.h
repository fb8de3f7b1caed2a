#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_EXPLAIN_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_EXPLAIN_H_

#include <string>
#include <vector>

#include "services/catalog/domain/resource.h"
#include "services/catalog/search/matching.h"

namespace tidemark::catalog {

// What a word was found in.
struct Evidence {
  Match match = Match::kNone;
  std::string field;
  // Cut to 200 bytes around the place.
  std::string text;
};

// The best place of the word in the resource, looked for text by text without any index; of a word
// of several parts that is found by these, the place of the worst.
Evidence Explain(const Resource& resource, const QueryWord& word);

// One per word of the query, in their order. kNone where a word is not found, which is only so when
// the resource is no hit.
std::vector<Evidence> ExplainAll(const Resource& resource, const ParsedQuery& query);

// How the resource is found: by its worst word, or by all words as one; kNone: it is not.
Match MatchOf(const std::vector<Evidence>& evidence);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_EXPLAIN_H_
