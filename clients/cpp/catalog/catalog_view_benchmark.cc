#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"

namespace tidemark::catalog_client {
namespace {

constexpr int kRegions = 100'000;

const CatalogBuilder& LargeCatalog() {
  static const auto* const kCatalog = [] {
    auto* catalog = new CatalogBuilder;
    catalog->Observatory("Asia/Shanghai", {2020, 1, 1});
    catalog->Region("cn", RegionLevel::kNation);
    catalog->Commit();
    for (int i = 0; i < kRegions; ++i) {
      catalog->Region(absl::StrCat("cn-", 100'000 + i), RegionLevel::kCounty, "cn");
      auto& names = *catalog->Put(absl::StrCat("regions/cn-", 100'000 + i)).mutable_display_names();
      names["en"] = absl::StrCat("County number ", i);
      names["zh"] = absl::StrCat("第", i, "区");
      if (i % 10'000 == 9'999) catalog->Commit();
    }
    return catalog;
  }();
  return *kCatalog;
}

void BM_BuildFromNothing(benchmark::State& state) {
  const CatalogBuilder& catalog = LargeCatalog();
  for (auto _ : state) {
    CatalogHistory history({});
    benchmark::DoNotOptimize(catalog.AppendTo(&history));
  }
}
BENCHMARK(BM_BuildFromNothing)->Unit(benchmark::kMillisecond);

void BM_AdvanceByOneRegion(benchmark::State& state) {
  CatalogBuilder catalog = LargeCatalog();
  CatalogHistory history({});
  (void)catalog.AppendTo(&history);
  int i = 0;
  for (auto _ : state) {
    catalog.Region(absl::StrCat("cn-", 100'000 + i++), RegionLevel::kCounty, "cn");
    catalog.Commit();
    benchmark::DoNotOptimize(catalog.AppendTo(&history));
  }
}
BENCHMARK(BM_AdvanceByOneRegion)->Unit(benchmark::kMillisecond);

void BM_FindRegion(benchmark::State& state) {
  CatalogHistory history({});
  (void)LargeCatalog().AppendTo(&history);
  const auto view = history.Newest();
  std::vector<std::string> ids;
  for (int i = 0; i < 4096; ++i) ids.push_back(absl::StrCat("cn-", 100'000 + i * 7919 % kRegions));
  size_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize(view->regions().Find(ids[at++ & 4095]));
}
BENCHMARK(BM_FindRegion);

void BM_NearestRegion(benchmark::State& state) {
  CatalogHistory history({});
  (void)LargeCatalog().AppendTo(&history);
  const auto view = history.Newest();
  for (auto _ : state) benchmark::DoNotOptimize(view->Nearest(EntityType::kRegion, "cn-15000x"));
}
BENCHMARK(BM_NearestRegion)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tidemark::catalog_client
