// The search index with up to a million resources: what a search, a change and a start cost.
#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <string>

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

const SearchIndex& Filled(uint32_t count) {
  static uint32_t filled = 0;
  static std::unique_ptr<SearchIndex> index;
  if (filled != count) {
    index = std::make_unique<SearchIndex>();
    Fill(index.get(), count);
    filled = count;
  }
  return *index;
}

void BM_Fill(benchmark::State& state) {
  for (auto _ : state) {
    SearchIndex index;
    Fill(&index, static_cast<uint32_t>(state.range(0)));
    state.counters["bytes_each"] =
        static_cast<double>(index.bytes()) / static_cast<double>(index.size());
  }
}
BENCHMARK(BM_Fill)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond)->Iterations(1);

void Search(benchmark::State& state, std::string_view text) {
  const SearchIndex& index = Filled(static_cast<uint32_t>(state.range(0)));
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
#define TIDEMARK_SEARCH(name, text) \
  BENCHMARK_CAPTURE(Search, name, text)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond)
TIDEMARK_SEARCH(code, "cn-110500000");
TIDEMARK_SEARCH(two_characters, "\u5001\u5055");
TIDEMARK_SEARCH(three_characters, "\u5001\u5055镇");
TIDEMARK_SEARCH(one_edit, "bacedifogi");
TIDEMARK_SEARCH(beginning, "bace");
TIDEMARK_SEARCH(beginning_of_all, "cn");
TIDEMARK_SEARCH(word_of_all, "town");
TIDEMARK_SEARCH(two_words, "town \u5001\u5055");

void BM_Change(benchmark::State& state) {
  SearchIndex index;
  Fill(&index, static_cast<uint32_t>(state.range(0)));
  Change before = Region_(5), after = Region_(5);
  auto renamed = std::make_shared<Resource>(*after.after);
  renamed->display_names[0].second = "Quite Another Town";
  uint64_t version = 1;
  for (auto _ : state) {
    Change there = {.name = before.name, .before = before.after, .after = renamed};
    Change back = {.name = before.name, .before = renamed, .after = before.after};
    index.Changed(std::span(&there, 1), ++version);
    index.Changed(std::span(&back, 1), ++version);
  }
}
BENCHMARK(BM_Change)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

void BM_ResolveThousand(benchmark::State& state) {
  const SearchIndex& index = Filled(static_cast<uint32_t>(state.range(0)));
  std::vector<std::string> texts;
  for (uint32_t i = 0; i < 1000; ++i) {
    texts.push_back(Region_(i * 7).after->display_names[1].second);
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(ResolveRegions(index, texts, {.max_candidates = 5}));
  }
}
BENCHMARK(BM_ResolveThousand)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tidemark::catalog
