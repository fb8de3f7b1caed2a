#include "services/catalog/search/matching.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "services/catalog/search/pinyin.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kMinPrefixLetters = 2;
constexpr size_t kMinPartCharacters = 2;
constexpr size_t kMinEditedLetters = 4;
constexpr size_t kMinEditedCharacters = 3;

bool IsDigit(char32_t c) { return u_isdigit(static_cast<UChar32>(c)) != 0; }

// Byte ranges of a query that no blank parts. U+3000 is the blank of Chinese keyboards.
std::vector<std::string_view> Split(std::string_view query) {
  constexpr std::string_view kWideBlank = "\xE3\x80\x80";
  std::vector<std::string_view> parts;
  size_t begin = 0;
  for (size_t i = 0; i <= query.size();) {
    const bool wide = absl::StartsWith(query.substr(i), kWideBlank);
    const bool blank =
        i == query.size() || wide || query[i] == ' ' || (query[i] >= '\t' && query[i] <= '\r');
    const size_t length = wide ? kWideBlank.size() : 1;
    if (blank) {
      if (i > begin) parts.push_back(query.substr(begin, i - begin));
      begin = i + length;
    }
    i += length;
  }
  return parts;
}

}  // namespace

QueryWord MakeQueryWord(std::string_view typed) {
  QueryWord word;
  word.typed = std::string(typed);
  word.runs = RunsOf(typed);
  word.key = Joined(word.runs);
  word.letters = ToCodePoints(word.key);
  word.han = !word.runs.empty() && std::all_of(word.runs.begin(), word.runs.end(),
                                               [](const Run& run) { return run.han; });
  const size_t length = word.letters.size();
  const bool digits = std::any_of(word.letters.begin(), word.letters.end(), IsDigit);
  word.prefixes = length >= (word.han ? 1 : kMinPrefixLetters);
  word.parts = word.han && length >= kMinPartCharacters;
  word.edits = !digits && length >= (word.han ? kMinEditedCharacters : kMinEditedLetters);
  if (word.han) word.sound = Spellings(UsualSyllables(word.key)).front();
  return word;
}

ParsedQuery ParseQuery(std::string_view text) {
  ParsedQuery query;
  for (const std::string_view part : Split(text)) {
    QueryWord word = MakeQueryWord(part);
    if (word.runs.size() > 1) {
      for (const Run& run : word.runs) word.parts_of_it.push_back(MakeQueryWord(run.text));
      // What a sign ends is no beginning: `cn-3302` does not ask for all that begins with cn.
      for (size_t i = 0; i + 1 < word.parts_of_it.size(); ++i) {
        word.parts_of_it[i].prefixes = word.parts_of_it[i].han;
      }
    }
    if (!word.key.empty()) query.words.push_back(std::move(word));
  }
  if (query.words.size() > 1) query.phrase = MakeQueryWord(text);
  return query;
}

Match WholeMatch(TermClass role) {
  switch (role) {
    case TermClass::kCode:
      return Match::kCode;
    case TermClass::kName:
      return Match::kName;
    case TermClass::kAlias:
      return Match::kAlias;
    case TermClass::kShort:
      return Match::kShort;
    case TermClass::kPinyin:
      return Match::kPinyin;
    case TermClass::kInitials:
      return Match::kInitials;
    case TermClass::kNameWord:
    case TermClass::kAliasWord:
    case TermClass::kPinyinPart:
      return Match::kPart;
    case TermClass::kText:
      return Match::kDescription;
  }
  return Match::kNone;
}

Match PrefixMatch(TermClass role) {
  switch (role) {
    case TermClass::kCode:
    case TermClass::kName:
    case TermClass::kAlias:
    case TermClass::kShort:
    case TermClass::kPinyin:
      return Match::kPrefix;
    case TermClass::kNameWord:
    case TermClass::kAliasWord:
      return Match::kPart;
    default:
      return Match::kNone;
  }
}

Match PartMatch(TermClass role) {
  switch (role) {
    case TermClass::kName:
    case TermClass::kAlias:
    case TermClass::kShort:
    case TermClass::kNameWord:
    case TermClass::kAliasWord:
      return Match::kPart;
    case TermClass::kText:
      return Match::kDescription;
    default:
      return Match::kNone;
  }
}

bool Editable(TermClass role) {
  switch (role) {
    case TermClass::kName:
    case TermClass::kAlias:
    case TermClass::kShort:
    case TermClass::kPinyin:
    case TermClass::kNameWord:
    case TermClass::kAliasWord:
      return true;
    default:
      return false;
  }
}

bool WithinOneEdit(std::u32string_view a, std::u32string_view b) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) {
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
  if (a.size() <= 1 && b.size() <= 1) return true;
  return a.size() == 2 && b.size() == 2 && a[0] == b[1] && a[1] == b[0];
}

Match MatchTerm(const QueryWord& word, std::string_view term, TermClass role) {
  Match best = Match::kNone;
  const auto offer = [&](Match match) { best = std::min(best, match); };
  if (term == word.key) offer(WholeMatch(role));
  if (role == TermClass::kPinyin && !word.sound.empty() && term == word.sound) {
    offer(Match::kPinyin);
  }
  if (word.prefixes && absl::StartsWith(term, word.key)) offer(PrefixMatch(role));
  if (word.parts && absl::StrContains(term, word.key)) offer(PartMatch(role));
  if (word.edits && Editable(role) && WithinOneEdit(word.letters, ToCodePoints(term))) {
    offer(Match::kOneEdit);
  }
  return best;
}

}  // namespace tidemark::catalog
