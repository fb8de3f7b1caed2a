#ifndef TIDEMARK_CLIENTS_CPP_QUERY_PARSE_H_
#define TIDEMARK_CLIENTS_CPP_QUERY_PARSE_H_

#include <string_view>

#include "absl/status/statusor.h"

namespace tidemark::analytics::v1 {
class Query;
}  // namespace tidemark::analytics::v1

namespace tidemark::query {

// Reads the text form of a query (docs/query-language.md); clauses may come in any order after the
// measures. The result is as written: normalising, and judging words and codes, is for
// CanonicalText() and the service.
//
//   TM_ASSIGN_OR_RETURN(auto query, ParseQuery("net by month where category = products compare
//   yoy"));
//
// INVALID_ARGUMENT with the byte and what was expected there. Never recurses, so any text is safe.
absl::StatusOr<analytics::v1::Query> ParseQuery(std::string_view text);

}  // namespace tidemark::query

#endif  // TIDEMARK_CLIENTS_CPP_QUERY_PARSE_H_
