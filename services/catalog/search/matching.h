#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_MATCHING_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_MATCHING_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/catalog/search/fold.h"
#include "services/catalog/search/terms.h"

namespace tidemark::catalog {

// How a word was found in a term, the best first: the numbers of tidemark.catalog.v1.MatchKind.
enum class Match : uint8_t {
  kCode = 1,
  kName = 2,
  kAlias = 3,
  kShort = 4,
  kPinyin = 5,
  kPrefix = 6,
  kInitials = 7,
  kPart = 8,
  kOneEdit = 9,
  kDescription = 10,
  kNone = 255,
};

// A word of a query, ready to be held against terms.
struct QueryWord {
  // As it was typed.
  std::string typed;
  // Folded, its runs joined.
  std::string key;
  std::u32string letters;
  std::vector<Run> runs;
  bool han = false;
  // May stand for a beginning: two letters, or a Chinese character.
  bool prefixes = false;
  // Chinese of two characters and more may stand for a part.
  bool parts = false;
  // May differ by one edit: of four letters or three Chinese characters and more, without digits.
  bool edits = false;
  // Pinyin of a word that is all Chinese; else empty.
  std::string sound;
  // Its runs as words, where it has several: such a word is found as a whole, or by all of them.
  std::vector<QueryWord> parts_of_it;
};

QueryWord MakeQueryWord(std::string_view typed);

// A query: found are resources in which every word is found, or that are found by all of it as one
// word, as names of several words and pinyin typed with blanks are.
struct ParsedQuery {
  // What blanks part, without what holds no letter, digit or character.
  std::vector<QueryWord> words;
  // Empty (no `key`) where there is only one word.
  QueryWord phrase;
};
ParsedQuery ParseQuery(std::string_view text);

// How the word as a whole is found in a term.
Match MatchTerm(const QueryWord& word, std::string_view term, TermClass role);
// Where the term is the word's `key`, begins with it, and so on.
Match WholeMatch(TermClass role);
Match PrefixMatch(TermClass role);
Match PartMatch(TermClass role);
// Whether a term of that role is found but for one edit.
bool Editable(TermClass role);

// Equal but for one character added, left out or replaced, or two neighbours swapped.
bool WithinOneEdit(std::u32string_view a, std::u32string_view b);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_MATCHING_H_
