// The catalog on a real file: what an Apply, a page, a read and a start cost.
#include <benchmark/benchmark.h>

#include "common/base/clock.h"
#include "common/testing/temp_dir.h"
#include "services/catalog/domain/catalog.h"
#include "services/catalog/domain/testing_resources.h"
#include "services/catalog/store/sqlite_catalog_store.h"
#include "services/catalog/types/contract_rules.h"

namespace tidemark::catalog {
namespace {

constexpr int kBatch = 10'000;

// Counties of one nation, `count` from `first` on.
std::vector<WantedState> Counties(int first, int count) {
  std::vector<WantedState> wanted;
  wanted.push_back({testing::MakeRegion("n", RegionLevel::kNation), ""});
  for (int i = 1; i < count; ++i) {
    wanted.push_back(
        {testing::MakeRegion(absl::StrCat("r", 10'000'000 + first + i), RegionLevel::kCounty, "n"),
         ""});
  }
  return wanted;
}

struct Deployment {
  explicit Deployment(int resources) {
    Reopen();
    for (int first = 0; first < resources; first += kBatch) {
      if (!catalog->Apply({"bench"}, Counties(first, kBatch), false).ok()) std::abort();
    }
  }
  void Reopen() {
    catalog.reset();
    store.reset();
    store = SqliteCatalogStore::Open({.path = dir.File("catalog.db")}).value();
    catalog =
        Catalog::Open({.store = store.get(), .clock = &clock, .rules = RulesOfContract()}).value();
  }

  tidemark::testing::TempDir dir;
  base::SystemClock clock;
  std::unique_ptr<SqliteCatalogStore> store;
  std::unique_ptr<Catalog> catalog;
};

void BM_ApplyTenThousandNew(benchmark::State& state) {
  Deployment deployment(static_cast<int>(state.range(0)));
  int first = 5'000'000;
  for (auto _ : state) {
    state.PauseTiming();
    const auto wanted = Counties(first += kBatch, kBatch);
    state.ResumeTiming();
    benchmark::DoNotOptimize(deployment.catalog->Apply({"bench"}, wanted, false).value());
  }
}
BENCHMARK(BM_ApplyTenThousandNew)->Arg(0)->Arg(100'000)->Unit(benchmark::kMillisecond);

void BM_ApplyTenThousandUnchanged(benchmark::State& state) {
  Deployment deployment(kBatch);
  const auto wanted = Counties(0, kBatch);
  for (auto _ : state) {
    benchmark::DoNotOptimize(deployment.catalog->Apply({"bench"}, wanted, false).value());
  }
}
BENCHMARK(BM_ApplyTenThousandUnchanged)->Unit(benchmark::kMillisecond);

void BM_ApplyOne(benchmark::State& state) {
  Deployment deployment(kBatch);
  int n = 0;
  for (auto _ : state) {
    std::vector<WantedState> wanted = {{testing::MakeRegion("n", RegionLevel::kNation), ""}};
    wanted[0].resource.description = absl::StrCat(++n);
    benchmark::DoNotOptimize(deployment.catalog->Apply({"bench"}, wanted, false).value());
  }
}
BENCHMARK(BM_ApplyOne)->Unit(benchmark::kMicrosecond);

void BM_ListPageOf500(benchmark::State& state) {
  Deployment deployment(100'000);
  const ListQuery query = {.type = Type::kRegion,
                           .version = deployment.catalog->head().version,
                           .after_name = "regions/r10050000",
                           .page_size = 500};
  for (auto _ : state) benchmark::DoNotOptimize(deployment.catalog->List(query).value());
}
BENCHMARK(BM_ListPageOf500)->Unit(benchmark::kMicrosecond);

void BM_GetNewest(benchmark::State& state) {
  Deployment deployment(100'000);
  const uint64_t version = deployment.catalog->head().version;
  for (auto _ : state) {
    benchmark::DoNotOptimize(deployment.catalog->Get("name", "regions/r10050001", version).value());
  }
}
BENCHMARK(BM_GetNewest);

void BM_NotFoundAmong100k(benchmark::State& state) {
  Deployment deployment(100'000);
  const uint64_t version = deployment.catalog->head().version;
  for (auto _ : state) {
    benchmark::DoNotOptimize(deployment.catalog->Get("name", "regions/q10050001", version));
  }
}
BENCHMARK(BM_NotFoundAmong100k)->Unit(benchmark::kMicrosecond);

// Reads and checks the whole history.
void BM_Open(benchmark::State& state) {
  Deployment deployment(static_cast<int>(state.range(0)));
  for (auto _ : state) deployment.Reopen();
}
BENCHMARK(BM_Open)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tidemark::catalog
