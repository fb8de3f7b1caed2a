// Reading and mapping on one core, without a service: the sample file of the product, gzip and
// all, as `tidemark import` does it.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "clients/cli/import/mapping.h"

namespace tidemark::importer {
namespace {

const std::string kSample = std::string(TIDEMARK_REPOSITORY) + "/deploy/samples/uk-online-retail/";

void BM_MapSample(benchmark::State& state) {
  const std::string input = kSample + "online_retail.csv.gz";
  uint64_t rows = 0;
  uint64_t bytes = 0;
  for (auto _ : state) {
    const auto mapping = Mapping::Load(kSample + "mapping.yaml", input);
    auto source = OpenFile(input);
    auto opened = mapping->Open(*std::move(source), {});
    while (true) {
      const auto row = opened->reader->Next();
      if (!row.ok() || *row == nullptr) break;
      ++rows;
      bytes += opened->mapper->Map(**row).event.size();
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(rows));
  state.counters["event_bytes"] = static_cast<double>(bytes) / static_cast<double>(rows);
}
BENCHMARK(BM_MapSample)->Unit(benchmark::kMillisecond);

void BM_ReadSample(benchmark::State& state) {
  const std::string input = kSample + "online_retail.csv.gz";
  uint64_t rows = 0;
  for (auto _ : state) {
    auto source = OpenFile(input);
    auto reader = CsvReader::Create(MaybeGunzip(*std::move(source)), CsvOptions());
    while (true) {
      const auto row = (*reader)->Next();
      if (!row.ok() || *row == nullptr) break;
      ++rows;
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(rows));
}
BENCHMARK(BM_ReadSample)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tidemark::importer
