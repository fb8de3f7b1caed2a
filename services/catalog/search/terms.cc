#include "services/catalog/search/terms.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "services/catalog/search/fold.h"
#include "services/catalog/search/pinyin.h"
#include "services/catalog/search/short_name.h"

namespace tidemark::catalog {
namespace {

// Longer names are not typed in pinyin as a whole.
constexpr size_t kMaxSyllables = 24;
// Of the scheme before a code in an id: `cn-3302`.
constexpr size_t kMaxSchemeLetters = 4;

void Add(TermClass role, std::string text, std::vector<Term>* terms) {
  if (!text.empty()) terms->push_back({std::move(text), role});
}

// Such as 330200 or J4MC: no blank, no letter beyond ASCII, a digit.
bool LooksLikeCode(std::string_view text) {
  bool digit = false;
  for (const char c : text) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) return false;
    digit = digit || absl::ascii_isdigit(static_cast<unsigned char>(c));
  }
  return digit;
}

void AppendId(std::string_view id, std::vector<Term>* terms) {
  const std::vector<Run> runs = RunsOf(id);
  Add(TermClass::kCode, Joined(runs), terms);
  const size_t dash = id.find('-');
  // Of a code the scheme is no word: all that have it would be found by it.
  if (dash != std::string_view::npos && dash <= kMaxSchemeLetters && dash + 1 < id.size() &&
      absl::ascii_isdigit(static_cast<unsigned char>(id[dash + 1]))) {
    return Add(TermClass::kCode, Joined(RunsOf(id.substr(dash + 1))), terms);
  }
  if (runs.size() < 2) return;
  for (const Run& run : runs) Add(TermClass::kAliasWord, run.text, terms);
}

// The syllables of a name in which Chinese stands: of characters by the pinyin given where it has
// one each, of other runs themselves.
std::vector<std::string> SyllablesOf(const std::vector<Run>& runs, std::string_view given) {
  std::vector<std::string> usual;
  for (const Run& run : runs) {
    if (!run.han) {
      usual.push_back(run.text);
      continue;
    }
    for (std::string& syllable : UsualSyllables(run.text)) usual.push_back(std::move(syllable));
  }
  if (given.empty()) return usual;
  std::vector<std::string> wanted = GivenSyllables(given);
  return wanted.size() == usual.size() ? wanted : usual;
}

void AppendPinyin(const std::vector<std::string>& syllables, std::vector<Term>* terms) {
  if (syllables.empty() || syllables.size() > kMaxSyllables) return;
  for (std::string& spelling : Spellings(syllables)) {
    Add(TermClass::kPinyin, std::move(spelling), terms);
  }
  if (syllables.size() > 1) Add(TermClass::kInitials, Initials(syllables), terms);
}

void AppendChineseName(const std::vector<Run>& runs, std::string_view pinyin, bool of_region,
                       std::vector<Term>* terms) {
  const std::vector<std::string> syllables = SyllablesOf(runs, pinyin);
  AppendPinyin(syllables, terms);
  for (size_t i = 0; i + 1 < syllables.size() && syllables.size() > 2; ++i) {
    for (std::string& pair : Spellings({syllables[i], syllables[i + 1]})) {
      Add(TermClass::kPinyinPart, std::move(pair), terms);
    }
  }
  if (!of_region || runs.size() != 1) return;
  const std::string short_name = ShortChineseName(runs[0].text);
  if (short_name.empty()) return;
  const size_t characters = ToCodePoints(short_name).size();
  Add(TermClass::kShort, short_name, terms);
  if (characters < syllables.size()) {
    AppendPinyin({syllables.begin(), syllables.begin() + static_cast<ptrdiff_t>(characters)},
                 terms);
  }
}

void AppendForeignName(const std::vector<Run>& runs, bool of_region, std::vector<Term>* terms) {
  if (runs.size() > 1) {
    std::vector<std::string> words;
    for (const Run& run : runs) words.push_back(run.text);
    Add(TermClass::kInitials, Initials(words), terms);
  }
  if (of_region) Add(TermClass::kShort, ShortForeignName(runs), terms);
}

void AppendName(const ResourceText& text, bool of_region, std::vector<Term>* terms) {
  const bool name = text.role == TextRole::kName;
  const std::vector<Run> runs = RunsOf(text.text);
  Add(name ? TermClass::kName : TermClass::kAlias, Joined(runs), terms);
  if (runs.size() > 1) {
    for (const Run& run : runs) {
      Add(name ? TermClass::kNameWord : TermClass::kAliasWord, run.text, terms);
    }
  }
  const bool chinese = std::any_of(runs.begin(), runs.end(), [](const Run& r) { return r.han; });
  if (chinese) {
    AppendChineseName(runs, text.pinyin, of_region, terms);
  } else {
    AppendForeignName(runs, of_region, terms);
  }
}

}  // namespace

void AppendTerms(const ResourceText& text, bool of_region, std::vector<Term>* terms) {
  switch (text.role) {
    case TextRole::kId:
      return AppendId(text.text, terms);
    case TextRole::kCode:
      return Add(TermClass::kCode, Joined(RunsOf(text.text)), terms);
    case TextRole::kText:
      for (Run& run : RunsOf(text.text)) Add(TermClass::kText, std::move(run.text), terms);
      return;
    case TextRole::kAlias:
      if (LooksLikeCode(text.text)) Add(TermClass::kCode, Joined(RunsOf(text.text)), terms);
      return AppendName(text, of_region, terms);
    case TextRole::kName:
      // The pinyin of another name: that says what it is found by.
      if (text.field.starts_with("display_names[zh-Latn")) {
        for (std::string& spelling : Spellings(GivenSyllables(text.text))) {
          Add(TermClass::kPinyin, std::move(spelling), terms);
        }
        return;
      }
      return AppendName(text, of_region, terms);
  }
}

std::vector<Term> TermsOf(const Resource& resource) {
  const bool of_region = resource.type() == Type::kRegion;
  std::vector<Term> terms;
  for (const ResourceText& text : TextsOf(resource)) AppendTerms(text, of_region, &terms);
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  return terms;
}

}  // namespace tidemark::catalog
