// What becomes one block: batches that come while the writer syncs another one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/clock.h"
#include "common/base/mutex.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/domain/reference_validator.h"
#include "services/ingest/store/log_fixture.h"

namespace tidemark::ingest {
namespace {

// Files in memory whose blocks are not synced while it is held.
class HeldFileSystem final : public fs::FileSystem {
 public:
  void Hold() {
    base::MutexLock lock(mutex_);
    held_ = true;
  }
  void Release() {
    base::MutexLock lock(mutex_);
    held_ = false;
    changed_.NotifyAll();
  }
  // Until a block waits to be synced.
  void WaitForSync() {
    base::MutexLock lock(mutex_);
    while (!syncing_) changed_.Wait(mutex_);
  }

  absl::StatusOr<std::unique_ptr<fs::File>> OpenAppend(const std::string& path) override {
    auto file = files_.OpenAppend(path);
    if (!file.ok() || path.find("blocks") == std::string::npos) return file;
    return std::make_unique<BlockFile>(this, *std::move(file));
  }
  absl::StatusOr<std::unique_ptr<fs::File>> OpenRead(const std::string& path) override {
    return files_.OpenRead(path);
  }
  absl::StatusOr<std::unique_ptr<fs::Mapping>> MapReadOnly(const std::string& path) override {
    return files_.MapReadOnly(path);
  }
  absl::Status Rename(const std::string& from, const std::string& to) override {
    return files_.Rename(from, to);
  }
  absl::Status Remove(const std::string& path) override { return files_.Remove(path); }
  absl::StatusOr<std::vector<std::string>> List(const std::string& dir) override {
    return files_.List(dir);
  }
  absl::Status MakeDirs(const std::string& dir) override { return files_.MakeDirs(dir); }
  absl::Status SyncDir(const std::string& dir) override { return files_.SyncDir(dir); }
  absl::StatusOr<bool> Exists(const std::string& path) override { return files_.Exists(path); }
  absl::StatusOr<std::unique_ptr<fs::FileLock>> LockFile(const std::string& path,
                                                         std::string_view owner) override {
    return files_.LockFile(path, owner);
  }
  absl::StatusOr<std::unique_ptr<fs::FileLock>> LockShared(const std::string& path) override {
    return files_.LockShared(path);
  }

 private:
  class BlockFile final : public fs::File {
   public:
    BlockFile(HeldFileSystem* owner, std::unique_ptr<fs::File> file)
        : owner_(*owner), file_(std::move(file)) {}
    absl::Status Append(std::string_view data) override { return file_->Append(data); }
    absl::Status PWrite(uint64_t offset, std::string_view data) override {
      return file_->PWrite(offset, data);
    }
    absl::StatusOr<size_t> PRead(uint64_t offset, size_t length, char* buffer) const override {
      return file_->PRead(offset, length, buffer);
    }
    absl::Status Sync() override {
      owner_.Pass();
      return file_->Sync();
    }
    absl::StatusOr<uint64_t> Size() const override { return file_->Size(); }
    absl::Status Truncate(uint64_t size) override { return file_->Truncate(size); }
    absl::Status Close() override { return file_->Close(); }

   private:
    HeldFileSystem& owner_;
    const std::unique_ptr<fs::File> file_;
  };

  void Pass() {
    base::MutexLock lock(mutex_);
    syncing_ = true;
    changed_.NotifyAll();
    while (held_) changed_.Wait(mutex_);
    syncing_ = false;
  }

  testing::FaultFileSystem files_;
  base::Mutex mutex_;
  base::CondVar changed_;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  bool syncing_ ABSL_GUARDED_BY(mutex_) = false;
};

class GroupCommitTest : public ::testing::Test {
 protected:
  GroupCommitTest() {
    auto opened = FileLogStore::Open(
        {.fs = &fs_, .clock = &clock_, .dir = "log", .checkpoint_interval = absl::ZeroDuration()});
    EXPECT_OK(opened);
    log_ = *std::move(opened);
    fs_.Hold();
    first_ = Start(*log_, Events({"first"}));
    fs_.WaitForSync();
  }
  ~GroupCommitTest() override { fs_.Release(); }

  // A batch, and the time in which the sequencer takes it: a group that has begun keeps its time.
  std::unique_ptr<PendingBatch> StartLater(std::vector<TestEvent> events) {
    clock_.Advance(absl::Milliseconds(1));
    auto batch = Start(*log_, std::move(events));
    absl::SleepFor(absl::Milliseconds(30));
    return batch;
  }
  // When the batch's first event was accepted; one time for all events of a group.
  int64_t AcceptedTimeOf(PendingBatch& batch) {
    const AppendResult result = batch.result.get();
    EXPECT_OK(result.status);
    int64_t time_us = 0;
    EXPECT_OK(log_->ReadEvents({&result.first_leaf, 1},
                               [&](size_t, const ledger::EventRecord& record, const ledger::Hash&) {
                                 time_us = record.accepted_time_us;
                               }));
    return time_us;
  }

  HeldFileSystem fs_;
  testing::FakeClock clock_;
  std::unique_ptr<FileLogStore> log_;
  std::unique_ptr<PendingBatch> first_;
};

TEST_F(GroupCommitTest, SmallBatchesThatComeDuringASyncAreOneGroup) {
  auto second = StartLater(Events({"second"}));
  auto third = StartLater(Events({"third"}));
  auto fourth = StartLater(Events({"second"}));  // again
  fs_.Release();
  const int64_t first_us = AcceptedTimeOf(*first_);
  const int64_t second_us = AcceptedTimeOf(*second);
  EXPECT_EQ(first_us, testing::FakeClock::kStartMicros);
  EXPECT_GT(second_us, first_us);
  EXPECT_EQ(AcceptedTimeOf(*third), second_us);
  const AppendResult again = fourth->result.get();
  ASSERT_EQ(again.exceptions.size(), 1u);
  EXPECT_EQ(again.exceptions[0].leaf, 2u);
}

TEST_F(GroupCommitTest, AGroupOfManyRowsDoesNotWait) {
  auto large = StartLater(Numbered(0, 10'000));
  auto second = StartLater(Events({"second"}));
  fs_.Release();
  EXPECT_GT(AcceptedTimeOf(*second), AcceptedTimeOf(*large));
}

// It was judged after the group had begun, and would be too early by the group's time.
TEST_F(GroupCommitTest, AnEventThatIsTooEarlyForTheGroupWaitsForTheNext) {
  auto second = StartLater(Events({"second"}));
  clock_.Advance(absl::Seconds(5));
  TestEvent early = {.id = "early"};
  early.microseconds_later = absl::ToInt64Microseconds(absl::Seconds(3)) + kMaxEarlyUs;
  auto third = StartLater({early});
  fs_.Release();
  const int64_t second_us = AcceptedTimeOf(*second);
  EXPECT_LT(second_us, testing::FakeClock::kStartMicros + 1'000'000);
  EXPECT_GE(AcceptedTimeOf(*third), testing::FakeClock::kStartMicros + 5'000'000);
}

TEST_F(GroupCommitTest, AGroupThatWaitsIsWrittenAtTheEnd) {
  auto second = StartLater(Events({"second"}));
  std::thread release([this] {
    absl::SleepFor(absl::Milliseconds(30));
    fs_.Release();
  });
  log_->Stop();
  release.join();
  EXPECT_OK(second->result.get().status);
  EXPECT_EQ(log_->state().size, 3u);
}

}  // namespace
}  // namespace tidemark::ingest
