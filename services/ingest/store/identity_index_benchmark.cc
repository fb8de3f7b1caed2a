// What the number of older identities costs: the same batches against an index that is empty and
// against ones that hold 50 and 200 million identities. Fingerprints are made up.
//
//   build/release/bench/ingest_identity_benchmark                                  # up to 50
//   million build/release/bench/ingest_identity_benchmark --benchmark_filter=/200000000    # 3.2 GB
//   of disk
//
// Runs go to $TMPDIR (/var/tmp). "resident" is all memory of the process, "older_B" what of it an
// identity takes that is on disk.
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "common/base/heap.h"
#include "common/fs/file_system.h"
#include "services/ingest/store/file_log_store.h"
#include "services/ingest/store/identity_index.h"

namespace tidemark::ingest {
namespace {

constexpr size_t kBatch = 1000;
constexpr size_t kRefunds = 30;  // of a batch: 3 %

uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

Fingerprint Key(uint64_t number) { return {Mix(number), Mix(~number)}; }

uint64_t ResidentBytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  unsigned long size = 0;
  unsigned long resident = 0;
  if (file == nullptr || std::fscanf(file, "%lu %lu", &size, &resident) != 2) std::abort();
  std::fclose(file);
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

// Processor time of the thread, so that others' work on the machine does not count.
int64_t ThreadNanos() {
  timespec now = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return int64_t{1'000'000'000} * now.tv_sec + now.tv_nsec;
}

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  std::abort();
}

// An index in a folder of its own, used as the store uses it.
class World {
 public:
  explicit World(uint64_t identities) {
    const char* tmp = std::getenv("TMPDIR");
    dir_ = std::string(tmp == nullptr ? "/var/tmp" : tmp) + "/tidemark-identities-XXXXXX";
    if (::mkdtemp(dir_.data()) == nullptr) std::abort();
    auto opened = IdentityIndex::Open({.frozen = {.folder = {.fs = fs_.get(), .dir = dir_}},
                                       .max_bytes = FileLogStore::kDefaultIdentityMemory},
                                      0);
    Check(opened.status());
    index_ = *std::move(opened);
    while (size_ < identities) Insert();
    Check(index_->frozen().WaitUntilIdle());
  }
  ~World() {
    index_.reset();
    std::filesystem::remove_all(dir_);
  }

  // A batch of new identities.
  void Insert() {
    for (size_t i = 0; i < kBatch; ++i) keys_[i] = Key(size_ + i);
    Judge({});
    size_ += kBatch;
  }
  // The same, and some of them name originals from anywhere in the log.
  void InsertWithRefunds() {
    linked_.clear();
    for (uint32_t i = 0; i < kRefunds && size_ > 0; ++i) {
      linked_.push_back({i, Key(Mix(size_ + i) % size_)});
    }
    for (size_t i = 0; i < kBatch; ++i) keys_[i] = Key(size_ + i);
    Judge(linked_);
    size_ += kBatch;
  }
  // A batch of identities from anywhere in the log. Returns how many were not found.
  uint64_t SendAgain() {
    for (size_t i = 0; i < kBatch; ++i) keys_[i] = Key(Mix(++again_) % size_);
    return Judge({});
  }

  uint64_t size() const { return size_; }
  IdentityIndex& index() { return *index_; }
  // Processor time of the last batches: on the thread that brings them, and on the sequencer's.
  double look_up_ns = 0;
  double sequencer_ns = 0;

 private:
  // Returns how many were new.
  uint64_t Judge(std::span<const AppendBatch::Linked> linked) {
    const auto begin = ThreadNanos();
    Check(index_->LookUpOlder(keys_, linked, {}, &older_));
    const auto looked_up = ThreadNanos();
    Check(index_->Prepare(older_, keys_, linked));
    Check(index_->MakeRoom(size_));
    uint64_t added = 0;
    for (const AppendBatch::Linked& link : linked) {
      if (index_->Find(link.original) == IdentityTable::kNotFound) std::abort();
    }
    for (size_t i = 0; i < kBatch; ++i) {
      if (i + 12 < kBatch) index_->Prefetch(keys_[i + 12]);
      added += index_->FindOrInsert(keys_[i], size_ + added) == IdentityTable::kNotFound;
    }
    const auto judged = ThreadNanos();
    index_->frozen().BecameDurable(size_ + added);
    look_up_ns += static_cast<double>(looked_up - begin);
    sequencer_ns += static_cast<double>(judged - looked_up);
    return added;
  }

  const std::unique_ptr<fs::FileSystem> fs_ = fs::NewPosixFileSystem();
  std::string dir_;
  std::unique_ptr<IdentityIndex> index_;
  std::vector<Fingerprint> keys_ = std::vector<Fingerprint>(kBatch);
  std::vector<AppendBatch::Linked> linked_;
  OlderLeaves older_;
  uint64_t size_ = 0;
  uint64_t again_ = 0;
};

// Filled once, and shared by the benchmarks of one size, which come one after the other.
World& WorldOf(uint64_t identities) {
  static std::unique_ptr<World> world;
  static uint64_t filled_with = UINT64_MAX;
  if (filled_with != identities) {
    world.reset();
    base::TrimHeap();
    world = std::make_unique<World>(identities);
    filled_with = identities;
  }
  return *world;
}

template <typename Step>
void Measure(benchmark::State& state, Step step) {
  World& world = WorldOf(static_cast<uint64_t>(state.range(0)));
  world.look_up_ns = world.sequencer_ns = 0;
  for (auto _ : state) step(world);
  const double events = static_cast<double>(state.iterations()) * kBatch;
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatch));
  state.counters["look_up_ns"] = world.look_up_ns / events;
  state.counters["sequencer_ns"] = world.sequencer_ns / events;
}

void BM_New(benchmark::State& state) {
  Measure(state, [](World& world) { world.Insert(); });
}
void BM_NewWithRefunds(benchmark::State& state) {
  Measure(state, [](World& world) { world.InsertWithRefunds(); });
}
void BM_SentAgain(benchmark::State& state) {
  Measure(state, [](World& world) {
    if (world.size() > 0 && world.SendAgain() > 0) std::abort();
  });
}
// What stays in memory when nothing is going on.
void BM_Memory(benchmark::State& state) {
  World& world = WorldOf(static_cast<uint64_t>(state.range(0)));
  for (auto _ : state) Check(world.index().frozen().WaitUntilIdle());
  base::TrimHeap();
  const auto view = world.index().frozen().view();
  const auto older = static_cast<double>(view.runs->entries());
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  state.counters["peak"] = 1024.0 * static_cast<double>(usage.ru_maxrss);
  state.counters["resident"] = static_cast<double>(ResidentBytes());
  state.counters["tables"] = static_cast<double>(world.index().bytes() - view.runs->memory());
  state.counters["runs"] = static_cast<double>(view.runs->views().size());
  state.counters["older"] = older;
  state.counters["older_B"] = older == 0 ? 0 : static_cast<double>(view.runs->memory()) / older;
}

// A whole table is filled and frozen by the first, whatever the index held before.
constexpr int64_t kBatchesOfATable = 12'000;
constexpr int64_t kBatches = 4'000;

void Register(int64_t identities) {
  const auto add = [identities](const char* name, void (*run)(benchmark::State&), int64_t batches) {
    benchmark::RegisterBenchmark(name, run)
        ->Arg(identities)
        ->Iterations(batches)
        ->Unit(benchmark::kMicrosecond);
  };
  add("BM_New", &BM_New, kBatchesOfATable);
  add("BM_NewWithRefunds", &BM_NewWithRefunds, kBatches);
  add("BM_SentAgain", &BM_SentAgain, kBatches / 4);
  add("BM_Memory", &BM_Memory, 1);
}

const bool registered = [] {
  // As the service does.
  base::SetUpHeap({});
  Register(0);
  Register(50'000'000);
  Register(200'000'000);
  return true;
}();

}  // namespace
}  // namespace tidemark::ingest
