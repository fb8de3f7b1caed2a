#include "services/catalog/search/explain.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "services/catalog/search/resource_texts.h"
#include "services/catalog/search/terms.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kMaxShown = 200;

// `text` around `begin`, whole characters only.
std::string Cut(std::string_view text, size_t begin) {
  if (text.size() <= kMaxShown) return std::string(text);
  const auto inside = [&](size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  size_t first = begin > kMaxShown / 4 ? begin - kMaxShown / 4 : 0;
  first = std::min(first, text.size() - kMaxShown);
  while (inside(first)) ++first;
  size_t end = std::min(text.size(), first + kMaxShown);
  while (inside(end)) --end;
  return std::string(text.substr(first, end - first));
}

// Where the word stands in a text; 0 where it is found otherwise than as it is.
size_t PlaceOf(const QueryWord& word, std::string_view text) {
  for (const Run& run : RunsOf(text)) {
    if (absl::StrContains(run.text, word.key)) return run.begin;
  }
  return 0;
}

struct TextTerms {
  ResourceText text;
  std::vector<Term> terms;
};

std::vector<TextTerms> TextTermsOf(const Resource& resource) {
  const bool of_region = resource.type() == Type::kRegion;
  std::vector<TextTerms> all;
  for (ResourceText& text : TextsOf(resource)) {
    TextTerms& one = all.emplace_back();
    AppendTerms(text, of_region, &one.terms);
    one.text = std::move(text);
  }
  return all;
}

// As a whole.
Evidence ExplainWhole(const std::vector<TextTerms>& texts, const QueryWord& word) {
  Evidence best;
  const ResourceText* found = nullptr;
  for (const TextTerms& text : texts) {
    for (const Term& term : text.terms) {
      const Match match = MatchTerm(word, term.text, term.role);
      if (match >= best.match) continue;
      best.match = match;
      found = &text.text;
    }
  }
  if (found == nullptr) return best;
  best.field = found->field;
  best.text = Cut(found->text, found->text.size() > kMaxShown ? PlaceOf(word, found->text) : 0);
  return best;
}

Evidence ExplainWord(const std::vector<TextTerms>& texts, const QueryWord& word) {
  Evidence whole = ExplainWhole(texts, word);
  if (word.parts_of_it.empty()) return whole;
  Evidence worst;
  worst.match = Match{0};
  for (const QueryWord& part : word.parts_of_it) {
    Evidence evidence = ExplainWhole(texts, part);
    if (evidence.match > worst.match) worst = std::move(evidence);
  }
  return worst.match < whole.match ? worst : whole;
}

}  // namespace

Evidence Explain(const Resource& resource, const QueryWord& word) {
  return ExplainWord(TextTermsOf(resource), word);
}

std::vector<Evidence> ExplainAll(const Resource& resource, const ParsedQuery& query) {
  const std::vector<TextTerms> texts = TextTermsOf(resource);
  std::vector<Evidence> all;
  for (const QueryWord& word : query.words) all.push_back(ExplainWord(texts, word));
  if (query.phrase.key.empty()) return all;
  const Evidence phrase = ExplainWhole(texts, query.phrase);
  if (phrase.match < MatchOf(all)) all.assign(query.words.size(), phrase);
  return all;
}

Match MatchOf(const std::vector<Evidence>& evidence) {
  Match worst = evidence.empty() ? Match::kNone : Match{0};
  for (const Evidence& one : evidence) worst = std::max(worst, one.match);
  return worst;
}

}  // namespace tidemark::catalog
