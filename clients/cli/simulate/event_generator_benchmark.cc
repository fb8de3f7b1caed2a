// Making and serializing synthetic events on one core; the load generator must not be what a
// measurement of the services measures.
#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"
#include "clients/cli/simulate/event_generator.h"
#include "clients/cpp/submit/event_writer.h"

namespace tidemark::simulate {
namespace {

void BM_Write(benchmark::State& state) {
  GeneratorOptions options{.events = 20'000'000,
                           .from_us = 1704067200000000,
                           .to_us = 1767225600000000,
                           .sources = {"synthetic-platform"},
                           .consumer_scheme = "local.synthetic"};
  for (int i = 0; i < 350; ++i) options.regions.push_back(absl::StrCat("synthetic-p01-c", i));
  for (int i = 0; i < 60; ++i) options.categories.push_back(absl::StrCat("synthetic-k", i));
  const EventGenerator generator(options);
  submit::EventWriter writer;
  uint64_t index = 0;
  uint64_t bytes = 0;
  for (auto _ : state) {
    generator.Write(index++, writer);
    bytes += writer.bytes().size();
  }
  state.SetItemsProcessed(static_cast<int64_t>(index));
  state.counters["event_bytes"] = static_cast<double>(bytes) / static_cast<double>(index);
}
BENCHMARK(BM_Write);

}  // namespace
}  // namespace tidemark::simulate
