// The search index with up to a million resources: what a search, a change and a start cost.
#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/catalog/search/region_resolver.h"
#include "services/catalog/search/search_index.h"

namespace tidemark::catalog {
namespace {

// Three characters of a few hundred and a kind, an English name, a code: as regions have them.
Change Region_(uint32_t i) {
  static constexpr std::array<std::string_view, 4> kKinds = {"镇", "县", "村", "街道"};
  uint32_t mixed = i * 2654435761U;
  std::string zh, en;
  for (int k = 0; k < 3; ++k) {
    const uint32_t c = 0x5000 + mixed % 600;
    zh += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
           static_cast<char>(0x80 | (c & 0x3F))};
    for (int l = 0; l < 2; ++l) {
      en += "bcdfghklmnprst"[mixed % 14];
      en += "aeiou"[mixed / 14 % 5];
      mixed = mixed * 1664525U + 1013904223U;
    }
  }
  zh += kKinds[i % kKinds.size()];
  auto state = std::make_shared<Resource>();
  state->name = absl::StrCat("regions/cn-", 110'000'000 + i);
  state->display_names = {{"en", en + " Town"}, {"zh", zh}};
  state->content = Region{.level = RegionLevel::kTownship};
  Change change;
  change.name = state->name;
  change.after = std::move(state);
  return change;
}

void Fill(SearchIndex* index, uint32_t count) {
  std::vector<Change> changes;
  for (uint32_t i = 0; i < count; ++i) {
    changes.push_back(Region_(i));
    if (changes.size() == 10'000 || i + 1 == count) {
      index->Changed(changes, 1);
      changes.clear();
    }
  }
}

// One of each size at a time, as the large one takes long to fill.
SearchIndex& Filled(uint32_t count) {
  static uint32_t filled = 0;
  static std::unique_ptr<SearchIndex> index;
  if (filled != count) {
    index = std::make_unique<SearchIndex>();
    Fill(index.get(), count);
    filled = count;
  }
  return *index;
}

void FillOnce(benchmark::State& state, uint32_t count) {
  for (auto _ : state) {
    const SearchIndex& index = Filled(count);
    state.counters["bytes_each"] =
        static_cast<double>(index.bytes()) / static_cast<double>(index.size());
  }
}

void Search(benchmark::State& state, uint32_t count, const char* text) {
  const SearchIndex& index = Filled(count);
  SearchQuery query;
  query.query = ParseQuery(text);
  query.types = ~Types{0};
  query.count = 20;
  for (auto _ : state) {
    const SearchResult result = index.Search(query);
    state.counters["hits"] = static_cast<double>(result.hits.size());
    benchmark::DoNotOptimize(&result);
  }
}

void ChangeOne(benchmark::State& state, uint32_t count) {
  SearchIndex& index = Filled(count);
  const Change one = Region_(5);
  auto renamed = std::make_shared<Resource>(*one.after);
  renamed->display_names[0].second = "Quite Another Town";
  const Change there = {.name = one.name, .before = one.after, .after = renamed};
  const Change back = {.name = one.name, .before = renamed, .after = one.after};
  for (auto _ : state) {
    index.Changed(std::span(&there, 1), 2);
    index.Changed(std::span(&back, 1), 2);
  }
}

void ResolveThousand(benchmark::State& state, uint32_t count) {
  const SearchIndex& index = Filled(count);
  std::vector<std::string> texts;
  for (uint32_t i = 0; i < 1000; ++i) {
    texts.push_back(Region_(i * 7).after->display_names[1].second);
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(ResolveRegions(index, texts, {.max_candidates = 5}));
  }
}

const int kRegistered = [] {
  struct Case {
    const char* name;
    std::string text;
  };
  // The names of the first region, as a whole and in part.
  const auto names = Region_(1).after->display_names;
  const Case kCases[] = {{"code", "cn-110000007"},
                         {"chinese_name", names[1].second},
                         {"two_characters", names[1].second.substr(3, 6)},
                         {"beginning", names[0].second.substr(0, 4)},
                         {"one_edit", "x" + names[0].second.substr(1)},
                         {"beginning_of_all", "cn"},
                         {"word_of_all", "town"},
                         {"two_words", "town " + names[1].second.substr(0, 6)}};
  for (const uint32_t count : {10'000U, 1'000'000U}) {
    const auto name = [&](const char* what) { return absl::StrCat(what, "/", count); };
    benchmark::RegisterBenchmark(name("Fill").c_str(), FillOnce, count)
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
    for (const Case& one : kCases) {
      // Registered for the whole run.
      const char* text = (new std::string(one.text))->c_str();
      benchmark::RegisterBenchmark(name(one.name).c_str(), Search, count, text)
          ->Unit(benchmark::kMicrosecond);
    }
    benchmark::RegisterBenchmark(name("change").c_str(), ChangeOne, count)
        ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark(name("resolve_thousand").c_str(), ResolveThousand, count)
        ->Unit(benchmark::kMillisecond);
  }
  return 0;
}();

}  // namespace
}  // namespace tidemark::catalog
