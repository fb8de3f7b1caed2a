#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_FOLD_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_FOLD_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::catalog {

// A stretch of a text that is searched as one: Chinese characters, or other letters and digits.
struct Run {
  // Folded, UTF-8.
  std::string text;
  bool han = false;
  // Bytes of the text that it comes from.
  size_t begin = 0;
  size_t end = 0;
};

// The text's runs, folded: spellings that people do not tell apart get one form. Case, width and
// other compatible forms (NFKC), accents of Latin, Greek and Cyrillic letters (ß is ss, ø is o),
// and traditional characters, each by itself as ICU maps it to its simplified one; kana and Hangul
// that stand as letters and marks become the characters they are together. Apostrophes and
// soft hyphens vanish (xi'an is xian); all that is no letter, digit or character parts runs. Bytes
// that are no UTF-8 part them too.
std::vector<Run> RunsOf(std::string_view text);

// The runs without anything between.
std::string Joined(const std::vector<Run>& runs);

std::u32string ToCodePoints(std::string_view utf8);
std::string ToUtf8(std::u32string_view code_points);

// Whether the folded code point is a Chinese character.
bool IsHan(char32_t code_point);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_FOLD_H_
