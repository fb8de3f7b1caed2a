#include "clients/cli/commands/vocabulary_hint.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr size_t kMostMeant = 3;

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

bool IsDigit(char c) { return '0' <= c && c <= '9'; }

struct Word {
  std::string_view text;
  // What stands right before it.
  char before = ' ';
};

// Each once, without those in quotes, which are codes.
std::vector<Word> WordsBeyondAscii(std::string_view query) {
  std::vector<Word> words;
  bool quoted = false;
  for (size_t at = 0; at < query.size();) {
    size_t end = at;
    while (end < query.size() && !IsAscii(query[end])) ++end;
    const Word word = {query.substr(at, end - at), at > 0 ? query[at - 1] : ' '};
    const bool known = std::any_of(words.begin(), words.end(),
                                   [&](const Word& one) { return one.text == word.text; });
    if (!word.text.empty() && !quoted && !known) words.push_back(word);
    if (end < query.size() && query[end] == '"') quoted = !quoted;
    at = end + 1;
  }
  return words;
}

// What people say otherwise than the vocabulary; those that contain another one first.
struct Spoken {
  std::string_view word;
  std::string_view query;
};
constexpr Spoken kSpoken[] = {
    {"环比贡献", "contribution net prev"},
    {"贡献率", "contribution net"},
    {"贡献", "contribution net"},
    {"累计同比", "compare ytd_yoy"},
    {"同比", "compare yoy"},
    {"环比", "compare prev"},
    {"累计", "compare ytd"},
    {"年均增长", "cagr 5"},
    {"增长率", "compare yoy"},
    {"增速", "compare yoy"},
    {"增长", "compare yoy"},
    {"区位商", "location_quotient net of consumer_region"},
    {"指数", "index 2020"},
    {"中位数", "median"},
    {"人均", "per_capita net"},
    {"消费人数", "consumers"},
    {"人数", "consumers"},
    {"占比", "share net"},
    {"比重", "share net"},
    {"份额", "share net"},
    {"排名", "rank net"},
    {"位次", "rank net"},
    {"排序", "order by net desc"},
    {"线上", "where channel = online"},
    {"线下", "where channel = offline"},
    {"城镇", "where area_type = urban"},
    {"农村", "where area_type = rural"},
    {"全国", "consumer_region@nation"},
    {"国家", "consumer_region@nation"},
    {"省", "consumer_region@province"},
    {"城市", "consumer_region@city"},
    {"地市", "consumer_region@city"},
    {"区县", "consumer_region@county"},
};
// Around periods.
constexpr std::string_view kPeriods[] = {"年", "季", "月", "半年", "日", "号", "周"};
constexpr std::string_view kRanges[] = {"从", "自", "至", "到"};

bool BeginsWithAny(std::string_view text, absl::Span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [text](std::string_view word) { return text.starts_with(word); });
}

// How a word is written that the vocabulary does not say so; empty: not known.
std::string SpokenHint(const Word& word) {
  if (IsDigit(word.before) && BeginsWithAny(word.text, kPeriods)) {
    return "periods are written 2024, 2024-H1, 2024-Q2, 2024-03 or 2024-03-05, and a range from "
           "2024-01 to 2024-06";
  }
  if (std::find(std::begin(kRanges), std::end(kRanges), word.text) != std::end(kRanges)) {
    return "a range is written from 2024-01 to 2024-06";
  }
  for (const Spoken& spoken : kSpoken) {
    if (absl::StrContains(word.text, spoken.word)) {
      return absl::StrCat(word.text, " is written `", spoken.query, "`");
    }
  }
  return "";
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

bool IsTitle(std::string_view word, const v1::GetVocabularyResponse& vocabulary) {
  for (const auto* terms :
       {&vocabulary.measures(), &vocabulary.dimensions(), &vocabulary.grains()}) {
    for (const v1::Term& term : *terms) {
      if (term.title() == word) return true;
    }
  }
  return false;
}

// The nearest first.
std::vector<const v1::Term*> MeantBy(std::string_view word,
                                     const v1::GetVocabularyResponse& vocabulary) {
  std::vector<const v1::Term*> meant;
  for (const auto* terms :
       {&vocabulary.measures(), &vocabulary.dimensions(), &vocabulary.grains()}) {
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
  std::vector<std::string> hints;
  for (const Word& word : WordsBeyondAscii(query)) {
    std::string hint;
    for (const v1::Term* term : MeantBy(word.text, vocabulary)) {
      absl::StrAppend(&hint, hint.empty() ? absl::StrCat(word.text, " is ") : " or ", "`",
                      term->name(), "` (", term->title(), ")");
    }
    // A word of the vocabulary that is written in full is that, unless it is part of a period.
    if (const std::string spoken = SpokenHint(word);
        !spoken.empty() && (IsDigit(word.before) || !IsTitle(word.text, vocabulary))) {
      hint = spoken;
    }
    if (!hint.empty() && std::find(hints.begin(), hints.end(), hint) == hints.end()) {
      hints.push_back(std::move(hint));
    }
  }
  return absl::StrJoin(hints, "; ");
}

}  // namespace tidemark::cli
