#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_VOCABULARY_HINT_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_VOCABULARY_HINT_H_

#include <string>
#include <string_view>

#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::cli {

// How the words of a query that are not ASCII are written in the language of queries: by titles of
// `vocabulary`, those that a word is written in short for (净额 for 净消费额) or that it contains,
// and by what people call comparisons, shares, levels and periods (同比, 占比, 城市, 2011年). Words
// in quotes are codes. Empty: there is nothing to say.
std::string HintOfWords(std::string_view query,
                        const analytics::v1::GetVocabularyResponse& vocabulary);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_VOCABULARY_HINT_H_
