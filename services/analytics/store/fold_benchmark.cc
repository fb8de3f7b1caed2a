// What folding costs: decoding blocks, making effects, appending them, and sorting and writing
// behind it.
//
//   fold_benchmark [records] [records per block] [closing]
//
// With `closing` every source closes a day in the first block, so that its days are kept account
// of.
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "clients/cpp/ledger/block_builder.h"
#include "clients/cpp/ledger/random_records.h"
#include "common/fs/file_system.h"
#include "services/analytics/domain/fold.h"
#include "services/analytics/domain/source_day_fold.h"
#include "services/analytics/store/run_store.h"

namespace tidemark::analytics {
namespace {

double Seconds(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

constexpr int kSources = 8;

void AddCloses(ledger::BlockBuilder* builder) {
  if (!builder->AddCatalogMark({.version = 1, .hash = {}}).ok()) std::abort();
  for (int i = 0; i < kSources; ++i) {
    const std::string source = absl::StrCat("platform-", i);
    if (!builder->AddSourceDay({.source = source, .day = 19'000, .principal = "p"}).ok())
      std::abort();
  }
}

std::vector<std::string> MakeBlocks(uint64_t records, uint64_t per_block, bool closing) {
  std::vector<std::string> blocks;
  for (uint64_t first = 0; first < records; first += per_block) {
    ledger::RecordFactory factory(first + 1);
    ledger::BlockBuilder builder;
    if (closing && first == 0) AddCloses(&builder);
    for (uint64_t i = builder.size(); i < per_block; ++i) {
      ledger::EventRecord record = factory.Realistic(first + i);
      if (closing && record.original_leaf < kSources + 1) {
        // There are no events.
        record.original_source = record.original_id = std::string_view();
        record.original_leaf = ledger::kNoLeaf;
      }
      if (!builder.Add(record).ok()) std::abort();
    }
    ledger::CompactRange range(first);
    range.Append(std::vector<ledger::Hash>(per_block));
    blocks.emplace_back();
    if (!builder
             .Finish({.first_leaf = first,
                      .accepted_time_us = static_cast<int64_t>(first),
                      .log_id = {1},
                      .nodes = range.nodes()},
                     &blocks.back())
             .ok()) {
      std::abort();
    }
  }
  return blocks;
}

int Fail(const absl::Status& status) {
  std::printf("%s\n", status.ToString().c_str());
  return 1;
}

int Run(uint64_t records, uint64_t per_block, bool closing) {
  const std::vector<std::string> blocks = MakeBlocks(records, per_block, closing);
  catalog_client::CatalogBuilder catalog;
  catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
  catalog.Commit();
  catalog_client::CatalogHistory history({});
  if (absl::Status status = catalog.AppendTo(&history); !status.ok()) return Fail(status);
  const std::string dir =
      (std::filesystem::temp_directory_path() / "tidemark-fold-benchmark").string();
  std::filesystem::remove_all(dir);
  const auto fs = fs::NewPosixFileSystem();
  auto store = RunStore::Open({.fs = fs.get(), .dir = dir});
  if (!store.ok()) return Fail(store.status());
  ledger::BlockReader reader;
  Fold fold(store->get());
  SourceDayFold days(store->get(), &fold.links(), &history);
  EffectBatch batch;
  double open = 0, read = 0, source_days = 0, append = 0;
  const double process = Seconds(CLOCK_PROCESS_CPUTIME_ID), wall = Seconds(CLOCK_MONOTONIC);
  for (const std::string& block : blocks) {
    const double start = Seconds(CLOCK_THREAD_CPUTIME_ID);
    if (absl::Status status = reader.Reset(block); !status.ok()) return Fail(status);
    const double opened = Seconds(CLOCK_THREAD_CPUTIME_ID);
    if (absl::Status status = fold.Read(reader, &batch); !status.ok()) return Fail(status);
    const double linked = Seconds(CLOCK_THREAD_CPUTIME_ID);
    if (absl::Status status = days.Read(reader, &batch); !status.ok()) return Fail(status);
    const double folded = Seconds(CLOCK_THREAD_CPUTIME_ID);
    if (absl::Status status = (*store)->Append(batch); !status.ok()) return Fail(status);
    open += opened - start;
    read += linked - opened;
    source_days += folded - linked;
    append += Seconds(CLOCK_THREAD_CPUTIME_ID) - folded;
  }
  const double all = Seconds(CLOCK_PROCESS_CPUTIME_ID) - process;
  const double scale = 1e9 / static_cast<double>(blocks.size() * per_block);
  std::printf(
      "ns per record: open %.0f, unpack and fold %.0f, days of sources %.1f, append %.0f, behind "
      "it "
      "%.0f, CPU in all %.0f; wall %.0f\n",
      scale * open, scale * read, scale * source_days, scale * append,
      scale * (all - open - read - source_days - append), scale * all,
      scale * (Seconds(CLOCK_MONOTONIC) - wall));
  const StoreStats stats = (*store)->Stats();
  std::printf("disk %.1f B/effect of those written, memory %.1f B/effect\n",
              static_cast<double>(stats.run_bytes) /
                  static_cast<double>(stats.effects - stats.tail_effects),
              static_cast<double>(stats.memory_bytes) / static_cast<double>(stats.effects));
  store->reset();
  std::filesystem::remove_all(dir);
  return 0;
}

}  // namespace
}  // namespace tidemark::analytics

int main(int argc, char** argv) {
  return tidemark::analytics::Run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000,
                                  argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 5'000,
                                  argc > 3 && std::string_view(argv[3]) == "closing");
}
