// Names of resources, a line each, and on the last line what somebody types: found is what a plain
// scan of every name finds, however names come and go, and a text is folded to one form.
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/catalog/search/region_resolver.h"
#include "services/catalog/search/search_index.h"
#include "tests/fuzz/fuzz.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kMostNames = 60;
// Fewer than names, so that later ones replace earlier ones.
constexpr size_t kPlaces = 13;
// As SearchResources takes them.
constexpr size_t kMaxQueryBytes = 256;
constexpr size_t kMaxWords = 12;

using States = std::map<std::string, ResourcePtr>;

void CheckFolded(std::string_view text) {
  size_t end = 0;
  for (const Run& run : RunsOf(text)) {
    FUZZ_CHECK(!run.text.empty(), "a run of nothing");
    FUZZ_CHECK(run.begin < run.end && run.end <= text.size(), "a run is a part of the text");
    FUZZ_CHECK(end <= run.end, "runs stand in order");
    end = run.end;
    const std::vector<Run> again = RunsOf(run.text);
    FUZZ_CHECK(Joined(again) == run.text,
               absl::StrCat(run.text, " is folded again to ", Joined(again)));
  }
}

// ` `: it goes; else a region or category of the names in the line, by `\t` in several languages.
Change ChangeOf(size_t i, std::string_view line, States* states) {
  auto resource = std::make_shared<Resource>();
  const bool region = i % 2 == 0;
  resource->name = absl::StrCat(region ? "regions/r" : "categories/c", i % kPlaces);
  const char* const languages[] = {"en", "zh", "zh-Latn"};
  size_t language = 0;
  for (const std::string_view name : absl::StrSplit(line, absl::MaxSplits('\t', 3))) {
    if (language < std::size(languages)) {
      resource->display_names.emplace_back(languages[language++], name);
    } else {
      resource->description = std::string(name);
    }
  }
  if (region) {
    resource->content = Region{.level = RegionLevel::kCity};
  } else {
    resource->content = Category{.aliases = {std::string(line.substr(0, 20))}};
  }
  Change change;
  change.name = resource->name;
  ResourcePtr& state = (*states)[change.name];
  change.before = state;
  if (line != " ") change.after = resource;
  state = change.after;
  return change;
}

void CheckSearch(const SearchIndex& index, const States& states, std::string_view text) {
  SearchQuery query;
  query.query = ParseQuery(text);
  if (query.query.words.empty() || query.query.words.size() > kMaxWords) return;
  query.types = ~Types{0};
  query.count = kPlaces * 2;
  std::map<std::string, Match> scanned, found;
  for (const auto& [name, state] : states) {
    if (state == nullptr) continue;
    const Match match = MatchOf(ExplainAll(*state, query.query));
    if (match != Match::kNone) scanned[name] = match;
  }
  Match last{0};
  for (const SearchHit& hit : index.Search(query).hits) {
    FUZZ_CHECK(last <= hit.match, "better hits come first");
    FUZZ_CHECK(hit.match == MatchOf(hit.matches), hit.resource->name);
    last = hit.match;
    found[hit.resource->name] = hit.match;
  }
  FUZZ_CHECK(found == scanned, absl::StrCat("found ", found.size(), ", a scan ", scanned.size()));
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  CheckFolded(bytes);
  std::vector<std::string_view> lines = absl::StrSplit(bytes, '\n');
  const std::string_view text = lines.back().substr(0, kMaxQueryBytes);
  lines.pop_back();
  if (lines.size() > kMostNames) lines.resize(kMostNames);
  SearchIndex index;
  States states;
  for (size_t i = 0; i < lines.size(); ++i) {
    const Change change = ChangeOf(i, lines[i], &states);
    index.Changed(std::span(&change, 1), i + 1);
  }
  CheckSearch(index, states, text);
  const std::vector<std::string> texts = {std::string(text.substr(0, 200)), "x"};
  const RegionAnswers answers = ResolveRegions(index, texts, {.max_candidates = 3});
  FUZZ_CHECK(answers.answers.size() == texts.size(), "an answer for each text");
  for (const RegionAnswer& answer : answers.answers) {
    FUZZ_CHECK(answer.candidates.size() <= 3, "as many candidates as wanted");
    FUZZ_CHECK((answer.outcome == Outcome::kUnknown) == answer.candidates.empty(), "candidates");
  }
}

}  // namespace tidemark::catalog
