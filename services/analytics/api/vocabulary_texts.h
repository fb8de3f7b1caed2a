#ifndef TIDEMARK_SERVICES_ANALYTICS_API_VOCABULARY_TEXTS_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_VOCABULARY_TEXTS_H_

#include <string_view>

#include "absl/status/status.h"
#include "services/analytics/query/vocabulary.h"

namespace tidemark::analytics::v1 {
class GetVocabularyResponse;
}  // namespace tidemark::analytics::v1

namespace tidemark::analytics {

// `zh`, or a tag that begins with it.
bool IsChinese(std::string_view language);

// Title of a measure or dimension; empty: it is neither.
std::string_view ChineseTitleOf(std::string_view word);

// Every word of queries with its title, definition, unit and levels. INVALID_ARGUMENT: a language
// other than `en`, `zh` (also `zh-Hans` and the like) and empty, which is `en`.
absl::Status WriteVocabulary(std::string_view language, v1::GetVocabularyResponse* out);

// Exact definition and unit of a measure; by language as above, English for any other.
std::string_view DefinitionOf(Measure measure, std::string_view language);
std::string_view UnitNameOf(Unit unit);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_VOCABULARY_TEXTS_H_
