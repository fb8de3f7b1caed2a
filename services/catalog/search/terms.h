#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_TERMS_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_TERMS_H_

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "services/catalog/search/resource_texts.h"

namespace tidemark::catalog {

// What a term is to the resource that has it.
enum class TermClass : uint8_t {
  kCode = 0,
  // As a whole.
  kName,
  kAlias,
  // A name without the word for its kind.
  kShort,
  kPinyin,
  kInitials,
  // A run of a text that has several.
  kNameWord,
  kAliasWord,
  // Pinyin of two characters in a name.
  kPinyinPart,
  // A run of another text.
  kText,
};
inline constexpr int kTermClassBits = 4;

// A folded text that leads to a resource.
struct Term {
  std::string text;
  TermClass role = TermClass::kText;
  friend auto operator<=>(const Term&, const Term&) = default;
};

// Appends the terms of one text. `of_region`: names lose the word for their kind.
void AppendTerms(const ResourceText& text, bool of_region, std::vector<Term>* terms);

// Of the whole resource, ascending, each once.
std::vector<Term> TermsOf(const Resource& resource);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_TERMS_H_
