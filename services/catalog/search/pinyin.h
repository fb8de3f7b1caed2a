#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_PINYIN_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_PINYIN_H_

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::catalog {

// Pinyin without tones; ü is `v`. One syllable per Chinese character by its usual reading (ICU's
// Han-Latin), which is wrong for some characters in names (长沙 gets zhang sha); what is no Chinese
// character is left out. Of a folded text.
std::vector<std::string> UsualSyllables(std::string_view text);

// The syllables of a pinyin text as people give it: `níng bō shì`, `lü liang`.
std::vector<std::string> GivenSyllables(std::string_view pinyin);

// The ways in which people type it: with `u` for ü, and with `v` if that differs.
std::vector<std::string> Spellings(const std::vector<std::string>& syllables);

// The first letters.
std::string Initials(const std::vector<std::string>& syllables);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_PINYIN_H_
