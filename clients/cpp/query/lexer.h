#ifndef TIDEMARK_CLIENTS_CPP_QUERY_LEXER_H_
#define TIDEMARK_CLIENTS_CPP_QUERY_LEXER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// Tokens of the query language (docs/query-language.md).
namespace tidemark::query {

struct Token {
  enum Kind {
    kWord,    // bare text: names, codes, numbers, period names
    kQuoted,  // text that stood in double quotes, unescaped
    kSymbol,  // one of , ( ) = != @
    kEnd,     // after the last one
  };
  Kind kind = kEnd;
  std::string text;
  // Byte where it starts.
  size_t position = 0;
};

// The tokens, kEnd last. INVALID_ARGUMENT for a quote that is not closed, an unknown escape or a
// character that has no place in a query.
absl::StatusOr<std::vector<Token>> Tokenize(std::string_view text);

}  // namespace tidemark::query

#endif  // TIDEMARK_CLIENTS_CPP_QUERY_LEXER_H_
