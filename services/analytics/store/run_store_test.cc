// What a run store promises beyond StatStore: its folder under crashes, full disks and damage.
#include "services/analytics/store/run_store.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/crc32c.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/analytics/store/memory_store.h"
#include "services/analytics/store/random_world.h"
#include "services/analytics/store/run_format.h"

namespace tidemark::analytics {
namespace {

using testing::FaultFileSystem;
using ::testing::HasSubstr;
using testing::StatusIs;

constexpr char kDir[] = "/statistics";

RunStore::Options TestOptions(fs::FileSystem* fs) {
  return {.fs = fs,
          .dir = kDir,
          .chunk_effects = 60,
          .seal_effects = 200,
          .max_run_effects = 1500,
          .merge_runs = 3,
          .background = false};
}

// A log of blocks and what its statistics are.
class RunStoreTest : public ::testing::Test {
 protected:
  RunStoreTest() {
    for (int i = 0; i < 40; ++i) {
      blocks_.push_back(world_.NextBlock(50));
      EXPECT_OK(oracle_.Append(blocks_.back()->batch()));
    }
    for (int i = 0; i < 25; ++i) {
      queries_.push_back(world_.Query(oracle_));
      queries_.back().max_cells = 1'000'000;
    }
  }

  absl::StatusOr<std::unique_ptr<RunStore>> Open() { return RunStore::Open(TestOptions(&fs_)); }

  // Appends the blocks from the store's folded size on.
  absl::Status FoldRest(StatStore* store, size_t blocks = SIZE_MAX) {
    for (size_t i = 0; i < std::min(blocks, blocks_.size()); ++i) {
      if (blocks_[i]->batch().first_leaf < store->folded_size()) continue;
      if (absl::Status status = store->Append(blocks_[i]->batch()); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // Order of cells differs between engines: sums of sums do not.
  static int64_t Sum(const absl::StatusOr<EngineResult>& result) {
    if (!result.ok()) return -static_cast<int64_t>(result.status().code());
    uint64_t total = result->period.size();
    for (const auto& column : result->aggregates) {
      for (int64_t value : column) total += static_cast<uint64_t>(value);
    }
    for (const auto& column : result->quantiles) {
      for (int64_t value : column) total += static_cast<uint64_t>(value);
    }
    return static_cast<int64_t>(total);
  }
  void ExpectRight(const StatStore& store) {
    for (const EngineQuery& query : queries_) {
      if (query.log_size > store.folded_size()) continue;
      EXPECT_EQ(Sum(store.Run(query)), Sum(oracle_.Run(query)));
    }
  }

  std::vector<std::string> RunFiles() {
    std::vector<std::string> files;
    const auto names = fs_.List(kDir);
    for (const std::string& name : *names) {
      if (name.ends_with(".run")) files.push_back(absl::StrCat(kDir, "/", name));
    }
    return files;
  }

  FaultFileSystem fs_;
  RandomWorld world_{17};
  std::vector<std::unique_ptr<OwnedBatch>> blocks_;
  MemoryStore oracle_;
  std::vector<EngineQuery> queries_;
};

TEST_F(RunStoreTest, ReopensWithWhatWasWritten) {
  {
    ASSERT_OK_AND_ASSIGN(auto store, Open());
    ASSERT_OK(FoldRest(store.get()));
    ASSERT_OK(store->Seal());
    EXPECT_EQ(store->durable_size(), store->folded_size());
    EXPECT_EQ(store->Stats().tail_effects, 0u);
  }
  fs_.Crash();
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  EXPECT_EQ(store->folded_size(), oracle_.folded_size());
  EXPECT_EQ(store->log_id(), oracle_.log_id());
  EXPECT_EQ(store->Snapshot(store->folded_size())->catalog_hash,
            oracle_.Snapshot(store->folded_size())->catalog_hash);
  ExpectRight(*store);
}

TEST_F(RunStoreTest, OneProcessHasTheFolder) {
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(RunStoreTest, RebuildStartsFromNothing) {
  {
    ASSERT_OK_AND_ASSIGN(auto store, Open());
    ASSERT_OK(FoldRest(store.get()));
    ASSERT_OK(store->Seal());
  }
  RunStore::Options options = TestOptions(&fs_);
  options.rebuild = true;
  ASSERT_OK_AND_ASSIGN(auto store, RunStore::Open(options));
  EXPECT_EQ(store->folded_size(), 0u);
  EXPECT_TRUE(RunFiles().empty());
  ASSERT_OK(FoldRest(store.get()));
  ExpectRight(*store);
}

TEST_F(RunStoreTest, AnotherLogIsRefusedWithItsName) {
  {
    ASSERT_OK_AND_ASSIGN(auto store, Open());
    ASSERT_OK(FoldRest(store.get()));
    ASSERT_OK(store->Seal());
  }
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  OwnedBatch other("ffffffffffffffffffffffffffffffff", store->folded_size(), 1, {}, 1);
  EXPECT_THAT(store->Append(other.batch()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(oracle_.log_id())));
}

TEST_F(RunStoreTest, AnyCrashLeavesAPrefixThatIsRight) {
  uint64_t changes = 0;
  {
    FaultFileSystem fs;
    ASSERT_OK_AND_ASSIGN(auto store, RunStore::Open(TestOptions(&fs)));
    ASSERT_OK(FoldRest(store.get()));
    changes = fs.changes();
  }
  ASSERT_GT(changes, 20u);
  for (uint64_t nth = 1; nth <= changes; nth += 1 + nth / 16) {
    for (auto fault : {FaultFileSystem::Fault::kCrashBefore, FaultFileSystem::Fault::kTornCrash}) {
      SCOPED_TRACE(nth);
      FaultFileSystem fs;
      fs.FailChange(nth, fault);
      if (auto store = RunStore::Open(TestOptions(&fs)); store.ok()) {
        // Writing fails from some point on; folding goes on in memory.
        ASSERT_OK(FoldRest(store->get()));
        ExpectRight(**store);
      }
      fs.Crash();
      ASSERT_OK_AND_ASSIGN(auto store, RunStore::Open(TestOptions(&fs)));
      ASSERT_OK(FoldRest(store.get()));
      ExpectRight(*store);
    }
  }
}

TEST_F(RunStoreTest, AFullDiskCostsNoAnswers) {
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  ASSERT_OK(FoldRest(store.get(), 10));
  const uint64_t durable = store->durable_size();
  fs_.SetDiskFull(true);
  ASSERT_OK(FoldRest(store.get(), 30));
  EXPECT_EQ(store->durable_size(), durable);
  EXPECT_EQ(store->folded_size(), blocks_[29]->batch().end_leaf());
  ExpectRight(*store);
  EXPECT_THAT(store->Seal(), StatusIs(absl::StatusCode::kResourceExhausted));
  fs_.SetDiskFull(false);
  ASSERT_OK(FoldRest(store.get()));
  EXPECT_GT(store->durable_size(), durable);
  ASSERT_OK(store->Seal());
  EXPECT_EQ(store->durable_size(), oracle_.folded_size());
  ExpectRight(*store);
}

TEST_F(RunStoreTest, AppendRefusesWhenMemoryIsFull) {
  RunStore::Options options = TestOptions(&fs_);
  options.max_tail_effects = 400;
  ASSERT_OK_AND_ASSIGN(auto store, RunStore::Open(options));
  fs_.SetDiskFull(true);
  EXPECT_THAT(FoldRest(store.get()),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("free space")));
  const uint64_t folded = store->folded_size();
  EXPECT_GT(folded, 0u);
  fs_.SetDiskFull(false);
  ASSERT_OK(store->Seal());
  ASSERT_OK(FoldRest(store.get()));
  ExpectRight(*store);
}

TEST_F(RunStoreTest, EveryDamagedFileIsDetectedAndMadeAgain) {
  {
    ASSERT_OK_AND_ASSIGN(auto store, Open());
    ASSERT_OK(FoldRest(store.get()));
    ASSERT_OK(store->Seal());
  }
  const std::vector<std::string> files = RunFiles();
  ASSERT_GT(files.size(), 1u);
  RandomWorld random(3);
  for (int i = 0; i < 150; ++i) {
    SCOPED_TRACE(i);
    const std::string& path = files[random.Below(files.size())];
    ASSERT_OK_AND_ASSIGN(const std::string before, fs::ReadFile(fs_, path));
    const uint64_t at = random.Below(before.size());
    if (random.Chance(30)) {
      ASSERT_OK(fs_.TruncateFile(path, at));
    } else {
      const char flipped = static_cast<char>(before[at] ^ (1 << random.Below(8)));
      ASSERT_OK(fs_.Corrupt(path, at, std::string_view(&flipped, 1)));
    }
    ASSERT_OK_AND_ASSIGN(auto store, Open());
    if (store->folded_size() == oracle_.folded_size()) {
      // Only padding between sections may change unnoticed, because nobody reads it.
      ExpectRight(*store);
    } else {
      EXPECT_EQ(store->folded_size(), store->durable_size());
      ASSERT_OK(FoldRest(store.get()));
      if (i % 10 == 0) ExpectRight(*store);
    }
    ASSERT_OK(store->Seal());
    store.reset();
    if (RunFiles() != files) {
      // Other merges gave other files: start over with the first ones.
      RunStore::Options options = TestOptions(&fs_);
      options.rebuild = true;
      ASSERT_OK_AND_ASSIGN(auto again, RunStore::Open(options));
      ASSERT_OK(FoldRest(again.get()));
      ASSERT_OK(again->Seal());
    }
  }
}

// The directory's first numbers are the format and the number of columns; its checksum is made
// right again.
void SetFormat(std::string* file, uint16_t format, uint16_t columns) {
  const size_t footer = file->size() - kRunFooterBytes;
  uint64_t offset = 0;
  uint32_t length = 0;
  std::memcpy(&offset, file->data() + footer, sizeof(offset));
  std::memcpy(&length, file->data() + footer + 8, sizeof(length));
  std::memcpy(file->data() + offset, &format, sizeof(format));
  std::memcpy(file->data() + offset + 2, &columns, sizeof(columns));
  const uint32_t crc = base::Crc32c(std::string_view(*file).substr(offset, length));
  std::memcpy(file->data() + footer + 12, &crc, sizeof(crc));
}

TEST_F(RunStoreTest, RunsOfAnEarlierFormatAreMadeAgainAndLaterOnesRefused) {
  {
    ASSERT_OK_AND_ASSIGN(auto store, Open());
    ASSERT_OK(FoldRest(store.get()));
    ASSERT_OK(store->Seal());
  }
  const std::string path = RunFiles().front();
  ASSERT_OK_AND_ASSIGN(const std::string good, fs::ReadFile(fs_, path));
  const auto with = [&](int format, int columns) {
    std::string file = good;
    SetFormat(&file, static_cast<uint16_t>(kRunFormat + format),
              static_cast<uint16_t>(kSlotCount + columns));
    return file;
  };
  for (const auto& [format, columns] : {std::pair(1, 0), {0, 1}, {1, 1}}) {
    ASSERT_OK(fs_.Corrupt(path, 0, with(format, columns)));
    EXPECT_THAT(Open(),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("later release")));
    EXPECT_THAT(RunFiles(), ::testing::Contains(path)) << "not to be destroyed";
  }
  for (const auto& [format, columns] : {std::pair(-1, 0), {0, -1}, {-1, -2}}) {
    SCOPED_TRACE(absl::StrCat(format, " ", columns));
    RunStore::Options options = TestOptions(&fs_);
    options.rebuild = true;
    {
      ASSERT_OK_AND_ASSIGN(auto store, RunStore::Open(options));
      ASSERT_OK(FoldRest(store.get()));
      ASSERT_OK(store->Seal());
    }
    ASSERT_OK_AND_ASSIGN(const std::string now, fs::ReadFile(fs_, path));
    ASSERT_EQ(now.size(), good.size());
    ASSERT_OK(fs_.Corrupt(path, 0, with(format, columns)));
    ASSERT_OK_AND_ASSIGN(auto store, Open());
    EXPECT_EQ(store->folded_size(), 0u);
    EXPECT_TRUE(RunFiles().empty());
    ASSERT_OK(FoldRest(store.get()));
    ExpectRight(*store);
  }
}

TEST_F(RunStoreTest, ReadersAndTheWriterDoNotDisturbEachOther) {
  testing::TempDir dir;
  const auto fs = fs::NewPosixFileSystem();
  RunStore::Options options = TestOptions(fs.get());
  options.dir = dir.File("statistics");
  options.background = true;
  ASSERT_OK_AND_ASSIGN(auto store, RunStore::Open(options));
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0, asked = 0;
  std::vector<std::thread> readers;
  for (int t = 0; t < 2; ++t) {
    readers.emplace_back([&, t] {
      for (size_t i = static_cast<size_t>(t); !done || asked < 20; ++i) {
        const EngineQuery& query = queries_[i % queries_.size()];
        if (query.log_size > store->folded_size()) continue;
        if (Sum(store->Run(query)) != Sum(oracle_.Run(query))) ++wrong;
        ++asked;
      }
    });
  }
  EXPECT_OK(FoldRest(store.get()));
  EXPECT_OK(store->Seal());
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
  ExpectRight(*store);
}

}  // namespace
}  // namespace tidemark::analytics
