// Encoding and decoding of blocks, leaves and hashes over realistic events. Counters: ns per event
// and bytes per event.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "clients/cpp/ledger/block.h"
#include "clients/cpp/ledger/event_rows.h"
#include "clients/cpp/ledger/merkle.h"
#include "clients/cpp/ledger/random_records.h"
#include "clients/cpp/ledger/row_leaves.h"

namespace tidemark::ledger {
namespace {

constexpr size_t kEvents = 200000;

const std::vector<EventRecord>& Events() {
  static RecordFactory* factory = new RecordFactory(1);
  static const auto* events = [] {
    auto* list = new std::vector<EventRecord>;
    for (size_t i = 0; i < kEvents; ++i) list->push_back(factory->Realistic(i));
    return list;
  }();
  return *events;
}

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::abort();
}

// A block of `rows` events from `begin` on. Nodes are zero: what they are costs nothing here.
size_t Build(BlockBuilder& builder, size_t begin, size_t rows, std::string* block) {
  for (size_t i = begin; i < begin + rows; ++i) Check(builder.Add(Events()[i]));
  const std::vector<Hash> nodes(CompactRangeNodes(begin, begin + rows).size());
  Check(builder.Finish({.first_leaf = begin, .nodes = nodes}, block));
  return block->size();
}

std::vector<std::string> Blocks(size_t rows) {
  BlockBuilder builder;
  std::vector<std::string> blocks;
  for (size_t i = 0; i + rows <= kEvents && blocks.size() < 1000; i += rows)
    Build(builder, i, rows, &blocks.emplace_back());
  return blocks;
}

void PerEvent(benchmark::State& state, double events) {
  state.counters["time/event"] =
      benchmark::Counter(events, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void BM_EncodeBlock(benchmark::State& state) {
  const auto rows = static_cast<size_t>(state.range(0));
  BlockBuilder builder;
  std::string block;
  size_t begin = 0, events = 0, bytes = 0;
  Events();
  for (auto _ : state) {
    bytes += Build(builder, begin, rows, &block);
    events += rows;
    begin = begin + 2 * rows <= kEvents ? begin + rows : 0;
  }
  PerEvent(state, static_cast<double>(events));
  state.counters["B/event"] = static_cast<double>(bytes) / static_cast<double>(events);
}
BENCHMARK(BM_EncodeBlock)->Arg(1)->Arg(10)->Arg(100)->Arg(1000)->Arg(10000);

// Batches of `size` rows, as validation leaves them.
std::vector<EventRows> Batches(size_t size) {
  std::vector<EventRows> batches(kEvents / size);
  for (size_t i = 0; i < batches.size(); ++i) {
    const std::span<const EventRecord> events = std::span(Events()).subspan(i * size, size);
    for (size_t done = 0; done < size; done += EventRows::kMostAtOnce) {
      const size_t count = std::min(EventRows::kMostAtOnce, size - done);
      batches[i].Append(events.subspan(done, count));
    }
  }
  return batches;
}

// What the thread that orders the log does to batches of new events: leaves, tree and block.
void BM_OrderRows(benchmark::State& state) {
  const auto size = static_cast<size_t>(state.range(0));
  const auto per_block = static_cast<size_t>(state.range(1));
  const std::vector<EventRows> batches = Batches(size);
  std::vector<uint32_t> all(size);
  std::iota(all.begin(), all.end(), 0u);
  std::vector<Hash> commitments, hashes;
  CommitRows(batches[0], HmacKey("salt"), &commitments);
  RowLeaves leaves;
  BlockBuilder builder;
  CompactRange range(0);
  std::string block;
  size_t next = 0, events = 0, bytes = 0;
  for (auto _ : state) {
    hashes.clear();
    range.Reset(0);
    for (size_t i = 0; i < per_block; ++i) {
      const EventRows& rows = batches[next++ % batches.size()];
      Check(builder.AddRows(rows, all, {}, "tokens/platform"));
      leaves.Hash(rows, all, {.commitments = commitments, .principal = "tokens/platform"}, &hashes);
    }
    range.Append(hashes);
    Check(builder.Finish({.nodes = range.nodes()}, &block));
    events += size * per_block;
    bytes += block.size();
  }
  PerEvent(state, static_cast<double>(events));
  state.counters["B/event"] = static_cast<double>(bytes) / static_cast<double>(events);
}
BENCHMARK(BM_OrderRows)
    ->ArgNames({"batch", "batches"})
    ->Args({100, 1})
    ->Args({1000, 4})
    ->Args({10'000, 1});

void BM_AddOnly(benchmark::State& state) {
  BlockBuilder builder;
  size_t i = 0, events = 0;
  Events();
  for (auto _ : state) {
    Check(builder.Add(Events()[i++]));
    ++events;
    if (i % 1000 == 0) builder.Clear();
    if (i == kEvents) i = 0;
  }
  PerEvent(state, static_cast<double>(events));
}
BENCHMARK(BM_AddOnly);

// What the analytics fold reads.
void BM_DecodeColumns(benchmark::State& state) {
  const std::vector<std::string> blocks = Blocks(static_cast<size_t>(state.range(0)));
  BlockReader reader;
  size_t next = 0, events = 0;
  for (auto _ : state) {
    Check(reader.Reset(blocks[next]));
    next = (next + 1) % blocks.size();
    for (const Column c :
         {Column::kSource, Column::kConsumerScheme, Column::kConsumerRegion,
          Column::kProviderRegion, Column::kPlaceOfUse, Column::kCategory, Column::kProduct,
          Column::kProvider, Column::kPaymentMethod, Column::kAgeBand, Column::kIncomeBand,
          Column::kScenario, Column::kProject, Column::kActivity, Column::kOrder}) {
      benchmark::DoNotOptimize(reader.Text(c)->index.data());
    }
    for (const Column c :
         {Column::kEventTime, Column::kAmount, Column::kVoucherAmount, Column::kQuantity}) {
      benchmark::DoNotOptimize(reader.Integers(c)->values.data());
    }
    for (const Column c : {Column::kRecordKind, Column::kKind, Column::kSegment, Column::kChannel,
                           Column::kAreaType}) {
      benchmark::DoNotOptimize(reader.Small(c)->values.data());
    }
    benchmark::DoNotOptimize(reader.Fixed16(Column::kPseudonym)->values.data());
    benchmark::DoNotOptimize(reader.Links(Column::kOriginalLeaf)->leaves.data());
    events += reader.size();
  }
  PerEvent(state, static_cast<double>(events));
}
BENCHMARK(BM_DecodeColumns)->Arg(1)->Arg(100)->Arg(1000)->Arg(10000);

void BM_DecodeRows(benchmark::State& state) {
  const std::vector<std::string> blocks = Blocks(static_cast<size_t>(state.range(0)));
  BlockReader reader;
  size_t next = 0, events = 0;
  for (auto _ : state) {
    Check(reader.Reset(blocks[next]));
    next = (next + 1) % blocks.size();
    for (size_t row = 0; row < reader.size(); ++row)
      benchmark::DoNotOptimize(reader.Record(row)->id.data());
    events += reader.size();
  }
  PerEvent(state, static_cast<double>(events));
}
BENCHMARK(BM_DecodeRows)->Arg(1)->Arg(1000)->Arg(10000);

void BM_VerifyBlock(benchmark::State& state) {
  const std::vector<std::string> blocks = Blocks(1000);
  size_t next = 0, events = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(VerifyBlock(blocks[next]).ok());
    next = (next + 1) % blocks.size();
    events += 1000;
  }
  PerEvent(state, static_cast<double>(events));
}
BENCHMARK(BM_VerifyBlock);

// Leaves without and with commitments, hashes, tree: what ingest does to a block of 1,000.
void BM_LeafAdd(benchmark::State& state) {
  const HmacKey key("salt");
  LeafBatch leaves(&key);
  size_t begin = 0, events = 0, bytes = 0;
  Events();
  for (auto _ : state) {
    leaves.Clear();
    for (size_t i = begin; i < begin + 1000; ++i) {
      Check(leaves.Add(Events()[i]));
    }
    if (state.range(0) > 0) leaves.Finish();
    std::vector<Hash> hashes;
    if (state.range(0) > 1) leaves.HashLeaves(&hashes);
    if (state.range(0) > 2) {
      CompactRange range(begin);
      range.Append(hashes);
      benchmark::DoNotOptimize(range.nodes().data());
    }
    if (state.range(0) > 0) {
      for (size_t i = 0; i < 1000; ++i) bytes += leaves.leaf(i).size();
    }
    events += 1000;
    begin = (begin + 1000) % kEvents;
  }
  PerEvent(state, static_cast<double>(events));
  state.counters["B/leaf"] = static_cast<double>(bytes) / static_cast<double>(events);
}
BENCHMARK(BM_LeafAdd)->Arg(0)->Arg(1)->Arg(2)->Arg(3)->ArgName("add_commit_hash_tree");

void BM_HashMany(benchmark::State& state) {
  const std::string message(static_cast<size_t>(state.range(0)), 'x');
  const std::vector<std::string_view> messages(1000, message);
  std::vector<Hash> out(1000);
  for (auto _ : state) HashMany(messages, 0, out);
  PerEvent(state, 1000.0 * static_cast<double>(state.iterations()));
}
BENCHMARK(BM_HashMany)->Arg(32)->Arg(100)->Arg(200);

}  // namespace
}  // namespace tidemark::ledger
