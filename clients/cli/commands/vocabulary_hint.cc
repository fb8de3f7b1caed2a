#include "clients/cli/commands/vocabulary_hint.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr size_t kMostMeant = 3;

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

std::vector<std::string_view> WordsBeyondAscii(std::string_view query) {
  std::vector<std::string_view> words;
  for (size_t at = 0; at < query.size();) {
    size_t end = at;
    while (end < query.size() && !IsAscii(query[end])) ++end;
    const std::string_view word = query.substr(at, end - at);
    if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end()) {
      words.push_back(word);
    }
    at = end + 1;
  }
  return words;
}

// Bytes of the character that `text`, which is not empty, begins with.
size_t CharacterBytes(std::string_view text) {
  size_t bytes = 1;
  while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) ++bytes;
  return bytes;
}

// Whether all characters of `word` come in `title` in their order.
bool IsShortFor(std::string_view word, std::string_view title) {
  while (!word.empty()) {
    const size_t bytes = CharacterBytes(word);
    const size_t found = title.find(word.substr(0, bytes));
    if (found == std::string_view::npos) return false;
    title.remove_prefix(found + bytes);
    word.remove_prefix(bytes);
  }
  return true;
}

// The nearest first.
std::vector<const v1::Term*> MeantBy(std::string_view word,
                                     const v1::GetVocabularyResponse& vocabulary) {
  std::vector<const v1::Term*> meant;
  for (const auto* terms : {&vocabulary.measures(), &vocabulary.dimensions(), &vocabulary.grains(),
                            &vocabulary.comparisons(), &vocabulary.figures()}) {
    for (const v1::Term& term : *terms) {
      if (term.title().empty() || IsAscii(term.title()[0])) continue;
      if (IsShortFor(word, term.title()) || absl::StrContains(word, term.title())) {
        meant.push_back(&term);
      }
    }
  }
  const auto distance = [&](const v1::Term* term) {
    const size_t a = term->title().size(), b = word.size();
    return a > b ? a - b : b - a;
  };
  std::stable_sort(meant.begin(), meant.end(),
                   [&](const v1::Term* a, const v1::Term* b) { return distance(a) < distance(b); });
  if (meant.size() > kMostMeant) meant.resize(kMostMeant);
  return meant;
}

}  // namespace

std::string HintOfWords(std::string_view query, const v1::GetVocabularyResponse& vocabulary) {
  std::string hint;
  for (const std::string_view word : WordsBeyondAscii(query)) {
    std::string_view separator = " is ";
    for (const v1::Term* term : MeantBy(word, vocabulary)) {
      if (separator == " is ") absl::StrAppend(&hint, hint.empty() ? "" : "; ", word);
      absl::StrAppend(&hint, separator, "`", term->name(), "` (", term->title(), ")");
      separator = " or ";
    }
  }
  return hint;
}

}  // namespace tidemark::cli
