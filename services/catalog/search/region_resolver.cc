#include "services/catalog/search/region_resolver.h"

#include <algorithm>
#include <utility>

#include "services/catalog/search/region_finder.h"

namespace tidemark::catalog {
namespace {

// Whether it leaves no doubt, where no other region has it.
bool IsStrong(Match match) { return match <= Match::kPinyin; }

// The likeliest first: by match, wider regions, name.
void Order(std::vector<NamedRegion>* regions) {
  std::sort(regions->begin(), regions->end(), [](const NamedRegion& a, const NamedRegion& b) {
    if (a.match != b.match) return a.match < b.match;
    const RegionLevel level_a = std::get<Region>(a.region->content).level;
    const RegionLevel level_b = std::get<Region>(b.region->content).level;
    if (level_a != level_b) return level_a < level_b;
    return a.region->name < b.region->name;
  });
}

// What the text was found in. Of a text that names regions above as well, the word that names this
// one is not known any more: its name then.
Evidence EvidenceOf(const NamedRegion& named, const ResourcePtr& origin, const QueryWord& text) {
  Evidence evidence = Explain(*origin, text);
  if (evidence.match == named.match) return evidence;
  evidence = {.match = named.match, .field = "name", .text = origin->name};
  for (const auto& [language, name] : origin->display_names) {
    evidence.field = "display_names[" + language + "]";
    evidence.text = name;
    if (language == "zh") break;
  }
  return evidence;
}

class Resolver {
 public:
  Resolver(const SearchIndex& index, const RegionQuestion& question)
      : index_(index), question_(question) {}

  // Of texts that come at once.
  void Resolve(std::span<const std::string> texts, RegionAnswers* result) {
    std::vector<RegionAnswer> answers(texts.size());
    index_.Look([&](const SearchIndex::View& view) {
      result->version = view.version();
      if (!within_) within_ = WithinOf(view, question_);
      RegionFinder finder(view, question_, *within_);
      for (size_t i = 0; i < texts.size(); ++i) answers[i] = ByName(view, &finder, texts[i]);
    });
    for (size_t i = 0; i < texts.size(); ++i) {
      if (answers[i].candidates.empty() && guesses_left_ > 0) {
        --guesses_left_;
        answers[i] = Guess(texts[i]);
      }
      result->answers.push_back(std::move(answers[i]));
    }
  }

 private:
  RegionAnswer ByName(const SearchIndex::View& view, RegionFinder* finder,
                      const std::string& text) const {
    const QueryWord word = MakeQueryWord(text);
    if (word.key.empty()) return {};
    std::vector<NamedRegion> found = finder->Named(word, false);
    if (!found.empty()) return Judge(view, word, std::move(found), true);
    return Judge(view, word, finder->Named(word, true), false);
  }

  // `sure`: the text itself names them, not only its sound.
  RegionAnswer Judge(const SearchIndex::View& view, const QueryWord& word,
                     std::vector<NamedRegion> found, bool sure) const {
    RegionAnswer answer;
    if (found.empty()) return answer;
    Order(&found);
    // A code is a code, whatever it may be the name of.
    const bool code = found[0].match == Match::kCode;
    const auto rivals = std::count_if(found.begin(), found.end(), [&](const NamedRegion& named) {
      return code ? named.match == Match::kCode : IsStrong(named.match);
    });
    const bool resolved = sure && rivals == 1;
    answer.outcome = resolved ? Outcome::kResolved : Outcome::kAmbiguous;
    const size_t most = resolved ? 1 : question_.max_candidates;
    for (size_t i = 0; i < found.size() && i < most; ++i) {
      const NamedRegion& named = found[i];
      const ResourcePtr& origin =
          named.successor_of.empty() ? named.region : view.Find(named.successor_of);
      answer.candidates.push_back(
          {named.region, EvidenceOf(named, origin, word), named.successor_of});
    }
    return answer;
  }

  // What a search finds by less than a whole name.
  RegionAnswer Guess(const std::string& text) const {
    constexpr size_t kLookedAt = 200;
    constexpr size_t kMaxWords = 6;
    SearchQuery query;
    query.query = ParseQuery(text);
    // No name of a region has so many.
    if (query.query.words.size() > kMaxWords) return {};
    query.types = TypeBit(Type::kRegion);
    query.count = kLookedAt;
    query.explain = false;
    const SearchResult result = index_.Search(query);
    RegionAnswer answer;
    index_.Look([&](const SearchIndex::View& view) {
      const RegionFinder finder(view, question_, *within_);
      for (const SearchHit& hit : result.hits) {
        if (hit.match >= Match::kDescription) break;
        if (answer.candidates.size() == question_.max_candidates) break;
        std::vector<NamedRegion> led;
        finder.Lead(hit.resource, hit.match, &led);
        for (NamedRegion& named : led) Add(hit, query.query, std::move(named), &answer);
      }
    });
    if (!answer.candidates.empty()) answer.outcome = Outcome::kAmbiguous;
    return answer;
  }

  void Add(const SearchHit& hit, const ParsedQuery& query, NamedRegion named,
           RegionAnswer* answer) const {
    auto& candidates = answer->candidates;
    const bool known = std::any_of(
        candidates.begin(), candidates.end(),
        [&](const RegionCandidate& other) { return other.region->name == named.region->name; });
    if (known || candidates.size() >= question_.max_candidates) return;
    const std::vector<Evidence> matches = ExplainAll(*hit.resource, query);
    const auto worst =
        std::max_element(matches.begin(), matches.end(),
                         [](const Evidence& a, const Evidence& b) { return a.match < b.match; });
    candidates.push_back({std::move(named.region), *worst, std::move(named.successor_of)});
  }

  const SearchIndex& index_;
  const RegionQuestion& question_;
  size_t guesses_left_ = kMaxGuesses;
  std::optional<absl::flat_hash_set<std::string>> within_;
};

}  // namespace

RegionAnswers ResolveRegions(const SearchIndex& index, std::span<const std::string> texts,
                             const RegionQuestion& question) {
  constexpr size_t kAtOnce = 5;
  RegionAnswers result;
  Resolver resolver(index, question);
  for (size_t i = 0; i < texts.size() && !question.cancelled(); i += kAtOnce) {
    resolver.Resolve(texts.subspan(i, std::min(kAtOnce, texts.size() - i)), &result);
  }
  return result;
}

}  // namespace tidemark::catalog
