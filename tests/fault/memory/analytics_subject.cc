// The runs of analytics under the campaign. After any fault a store that is opened anew has at
// least what it called durable, answers like a plain recount of the log up to its size, and goes
// on.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/analytics/store/memory_store.h"
#include "services/analytics/store/random_world.h"
#include "services/analytics/store/run_store.h"
#include "tests/fault/memory/faulty_disk.h"
#include "tests/fault/memory/subject.h"

namespace tidemark::fault {
namespace {

using analytics::EngineQuery;
using analytics::EngineResult;
using analytics::MemoryStore;
using analytics::OwnedBatch;
using analytics::RandomWorld;
using analytics::RunStore;
using analytics::StatStore;

constexpr char kDir[] = "/statistics";

// Cells as text, in an order of their own: engines do not promise one.
std::string Answer(const StatStore& store, const EngineQuery& query) {
  const absl::StatusOr<EngineResult> result = store.Run(query);
  if (!result.ok()) return std::string(absl::StatusCodeToString(result.status().code()));
  std::vector<std::string> cells;
  for (size_t cell = 0; cell < result->period.size(); ++cell) {
    std::string text = absl::StrCat(result->period[cell], ":");
    for (const auto& groups : result->groups) absl::StrAppend(&text, groups[cell], " ");
    for (const auto& values : result->aggregates) absl::StrAppend(&text, values[cell], " ");
    for (const auto& values : result->quantiles) absl::StrAppend(&text, values[cell], " ");
    cells.push_back(absl::StrCat(text, result->purchases[cell], "\n"));
  }
  std::sort(cells.begin(), cells.end());
  std::string all;
  for (const std::string& cell : cells) all += cell;
  return all;
}

// A log of blocks, questions, and what a plain recount answers.
struct StatLog {
  StatLog(uint64_t seed, int block_count, int questions) {
    RandomWorld world(seed);
    MemoryStore recount;
    for (int i = 0; i < block_count; ++i) {
      blocks.push_back(world.NextBlock(40));
      // The plain engine keeps everything in memory and refuses nothing that a log may hold.
      recount.Append(blocks.back()->batch()).IgnoreError();
    }
    for (int i = 0; i < questions; ++i) {
      EngineQuery query = world.Query(recount);
      query.max_cells = 1'000'000;
      answers.push_back(Answer(recount, query));
      queries.push_back(std::move(query));
    }
    size = recount.folded_size();
  }

  std::vector<std::unique_ptr<OwnedBatch>> blocks;
  std::vector<EngineQuery> queries;
  std::vector<std::string> answers;
  uint64_t size = 0;
};

// A store of runs on a disk that can fail, and what it called durable.
class StatWorld {
 public:
  // `log` must outlive it.
  explicit StatWorld(const StatLog& log) : log_(log) {}

  absl::Status Open() {
    store_.reset();
    TM_ASSIGN_OR_RETURN(store_, RunStore::Open({.fs = &fs_,
                                                .dir = kDir,
                                                .threads = 1,
                                                .chunk_effects = 60,
                                                .seal_effects = 150,
                                                .max_run_effects = 1200,
                                                .merge_runs = 3,
                                                .background = false}));
    if (store_->folded_size() < durable_) {
      return absl::DataLossError(absl::StrCat("it has ", store_->folded_size(),
                                              " leaves and called ", durable_, " durable"));
    }
    return absl::OkStatus();
  }
  void Close() { store_.reset(); }
  // Blocks from the store's size on, `most` at most. Faults of the disk must not stop it.
  absl::Status Fold(size_t most) {
    for (const auto& block : log_.blocks) {
      if (block->batch().first_leaf < store_->folded_size()) continue;
      if (most-- == 0) break;
      TM_RETURN_IF_ERROR(store_->Append(block->batch()));
      durable_ = std::max(durable_, store_->durable_size());
    }
    return absl::OkStatus();
  }
  // Whether it works depends on the disk.
  void Seal() {
    store_->Seal().IgnoreError();
    durable_ = std::max(durable_, store_->durable_size());
  }
  absl::Status CheckAnswers() const {
    for (size_t i = 0; i < log_.queries.size(); ++i) {
      if (log_.queries[i].log_size > store_->folded_size()) continue;
      if (Answer(*store_, log_.queries[i]) == log_.answers[i]) continue;
      return absl::DataLossError(absl::StrCat("question ", i, " at ", log_.queries[i].log_size,
                                              " leaves is answered otherwise than by a recount"));
    }
    return absl::OkStatus();
  }
  // To its end: all that can be asked.
  absl::Status FoldAndCheck() {
    TM_RETURN_IF_ERROR(CheckAnswers());
    TM_RETURN_IF_ERROR(Fold(SIZE_MAX));
    TM_RETURN_IF_ERROR(store_->Seal());
    if (store_->durable_size() != log_.size) {
      return absl::DataLossError("it does not go on to the end of the log");
    }
    return CheckAnswers();
  }
  // Nobody was promised anything about damaged files: they are made again.
  void ForgetDurable() { durable_ = 0; }
  testing::FaultFileSystem& fs() { return fs_; }
  size_t questions() const { return log_.queries.size(); }
  uint64_t folded() const { return store_->folded_size(); }

 private:
  const StatLog& log_;
  testing::FaultFileSystem fs_;
  std::unique_ptr<RunStore> store_;
  uint64_t durable_ = 0;
};

constexpr uint64_t kScriptSeed = 17;
constexpr int kScriptBlocks = 30, kQuestions = 15;

absl::Status RunScript(StatWorld& world) {
  for (int life = 0; life < 2; ++life) {
    if (!world.Open().ok()) return absl::OkStatus();
    TM_RETURN_IF_ERROR(world.Fold(14));
    TM_RETURN_IF_ERROR(world.CheckAnswers());
    world.Seal();
    world.Close();
  }
  return absl::OkStatus();
}

class AnalyticsSubject final : public Subject {
 public:
  uint64_t ScriptChanges() override {
    StatWorld world(script_log_);
    return RunScript(world).ok() ? world.fs().changes() : 0;
  }

  absl::Status Script(uint64_t nth, Tally::Fault fault, Tally* tally) override {
    StatWorld world(script_log_);
    world.fs().FailChange(nth, fault);
    TM_RETURN_IF_ERROR(RunScript(world));
    tally->Count(fault);
    world.Close();
    world.fs().Crash();
    ++tally->power_cuts;
    TM_RETURN_IF_ERROR(world.Open());
    TM_RETURN_IF_ERROR(world.FoldAndCheck());
    ++tally->cases;
    tally->kept += world.questions();
    return absl::OkStatus();
  }

  absl::Status Random(uint64_t seed, Tally* tally) override {
    std::mt19937_64 random(seed);
    const StatLog log(seed, static_cast<int>(15 + random() % 25), kQuestions);
    StatWorld world(log);
    if (random() % 2 == 0) world.fs().KeepSomeAtCrash(seed);
    for (uint64_t lives = 2 + random() % 4; lives > 0; --lives) {
      FaultPlan plan(random, 60, &world.fs());
      if (absl::Status opened = world.Open(); opened.ok()) {
        for (uint64_t steps = random() % 4; steps > 0; --steps) {
          if (random() % 8 == 0) {
            world.fs().SetDiskFull(true);
            ++tally->full_disks;
          }
          TM_RETURN_IF_ERROR(world.Fold(1 + random() % 8));
          if (random() % 3 == 0) world.Seal();
          world.fs().SetDiskFull(false);
        }
        TM_RETURN_IF_ERROR(world.CheckAnswers());
      }
      EndLife(random, &world.fs(), tally);
      world.Close();
      plan.End(tally);
      TM_RETURN_IF_ERROR(world.Open());
      TM_RETURN_IF_ERROR(world.CheckAnswers());
      ++tally->cases;
    }
    TM_RETURN_IF_ERROR(world.FoldAndCheck());
    ++tally->cases;
    tally->kept += world.questions();
    return absl::OkStatus();
  }

  uint64_t Flips() override { return small().count(); }

  absl::Status Flip(uint64_t nth, Tally* tally) override {
    std::string path;
    uint64_t offset = 0;
    const Files flipped = small().Flip(nth, &path, &offset);
    WriteFiles(flipped, &small_world_->fs());
    small_world_->ForgetDurable();
    ++tally->flips;
    ++tally->cases;
    TM_RETURN_IF_ERROR(small_world_->Open());
    const bool whole = small_world_->folded() == small_log_.size;
    ++(whole ? tally->harmless : tally->made_again);
    // Bytes between sections are read by nobody.
    absl::Status status = small_world_->FoldAndCheck();
    small_world_->Close();
    for (const auto& [name, content] : ReadFiles(small_world_->fs(), kDir)) {
      small_world_->fs().Remove(name).IgnoreError();
    }
    if (status.ok()) return status;
    return absl::DataLossError(absl::StrCat("bit ", nth % 8, " of byte ", offset, " of ", path,
                                            ": ", std::string(status.message())));
  }

 private:
  const FlippableBits& small() {
    if (small_ == nullptr) {
      small_world_ = std::make_unique<StatWorld>(small_log_);
      const bool good = small_world_->Open().ok() && small_world_->FoldAndCheck().ok();
      small_world_->Close();
      small_ =
          std::make_unique<FlippableBits>(good ? ReadFiles(small_world_->fs(), kDir) : Files());
    }
    return *small_;
  }

  const StatLog script_log_{kScriptSeed, kScriptBlocks, kQuestions};
  const StatLog small_log_{kScriptSeed, 12, 6};
  std::unique_ptr<StatWorld> small_world_;
  std::unique_ptr<FlippableBits> small_;
};

}  // namespace

std::unique_ptr<Subject> NewAnalyticsSubject() { return std::make_unique<AnalyticsSubject>(); }

}  // namespace tidemark::fault
