#include "services/analytics/app/log_follower.h"

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "clients/cpp/ledger/block_builder.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/testing/fake_clock.h"
#include "common/testing/in_process_server.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/analytics/store/memory_store.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::analytics {
namespace {

namespace pb = ingest::v1;
using ::testing::HasSubstr;
using testing::StatusIs;

constexpr absl::Duration kLong = absl::Seconds(20);

std::string Block(uint64_t first_leaf, int events, uint64_t catalog_version = 0, uint8_t log = 1,
                  uint8_t catalog = 0, int64_t accepted_us = 9) {
  ledger::BlockBuilder builder;
  if (catalog_version > 0) {
    EXPECT_OK(builder.AddCatalogMark({.version = catalog_version, .hash = {catalog}}));
  }
  for (int i = 0; i < events; ++i) {
    const std::string id = std::to_string(first_leaf) + "-" + std::to_string(i);
    EXPECT_OK(builder.Add({.source = "shop",
                           .id = id,
                           .kind = ledger::EventKind::kPurchase,
                           .event_time_us = 7,
                           .amount = 100}));
  }
  ledger::CompactRange range(first_leaf);
  range.Append(std::vector<ledger::Hash>(builder.size()));
  std::string block;
  EXPECT_OK(builder.Finish({.first_leaf = first_leaf,
                            .accepted_time_us = accepted_us,
                            .log_id = {log},
                            .nodes = range.nodes()},
                           &block));
  return block;
}

// A log of blocks made by hand. A tail sends those from from_leaf on, then waits for more, a break
// or its end.
class FakeIngest final : public pb::IngestService::Service {
 public:
  void Add(std::string block) {
    base::MutexLock lock(mutex_);
    blocks_.push_back(std::move(block));
    changed_.NotifyAll();
  }
  void Replace(size_t position, std::string block) {
    base::MutexLock lock(mutex_);
    blocks_[position] = std::move(block);
  }
  void RemoveLast() {
    base::MutexLock lock(mutex_);
    blocks_.pop_back();
  }
  // Ends the tails that stand.
  void Break() {
    base::MutexLock lock(mutex_);
    ++breaks_;
    changed_.NotifyAll();
  }
  int tails() const { return tails_; }

  grpc::Status Tail(grpc::ServerContext* context, const pb::TailRequest* request,
                    grpc::ServerWriter<pb::TailResponse>* writer) override {
    ++tails_;
    size_t next = 0;
    base::MutexLock lock(mutex_);
    const int breaks = breaks_;
    const uint64_t size = blocks_.empty() ? 0 : ledger::PeekHeader(blocks_.back())->end_leaf();
    if (request->from_leaf() > size) return {grpc::StatusCode::OUT_OF_RANGE, "from_leaf"};
    while (!context->IsCancelled() && breaks_ == breaks) {
      if (next == blocks_.size()) {
        changed_.WaitFor(mutex_, absl::Milliseconds(20));
        continue;
      }
      pb::TailResponse response;
      const auto header = ledger::PeekHeader(blocks_[next]);
      response.mutable_block()->set_first_leaf(header->first_leaf);
      response.mutable_block()->set_record_count(header->record_count);
      response.mutable_block()->set_data(blocks_[next]);
      response.set_durable_size(header->end_leaf());
      ++next;
      if (header->end_leaf() > request->from_leaf()) writer->Write(response);
    }
    return grpc::Status::OK;
  }

 private:
  base::Mutex mutex_;
  base::CondVar changed_;
  std::vector<std::string> blocks_;
  int breaks_ = 0;
  std::atomic<int> tails_ = 0;
};

class LogFollowerTest : public ::testing::Test {
 protected:
  void Start() {
    auto started = LogFollower::Start({.channel = server_.channel(),
                                       .token = "",
                                       .store = &store_,
                                       .clock = &clock_,
                                       .wait_for_catalog = wait_for_catalog_,
                                       .catalog_hash = catalog_hash_,
                                       .initial_backoff = absl::Milliseconds(1),
                                       .max_backoff = absl::Milliseconds(5)});
    ASSERT_OK(started);
    follower_ = *std::move(started);
  }

  FakeIngest ingest_;
  base::SystemClock clock_;
  MemoryStore store_;
  std::function<absl::Status(uint64_t, absl::Duration)> wait_for_catalog_;
  std::function<absl::StatusOr<std::string>(uint64_t)> catalog_hash_;
  testing::InProcessServer server_{{&ingest_}};
  std::unique_ptr<LogFollower> follower_;
};

TEST_F(LogFollowerTest, FoldsHistoryAndWhatComes) {
  ingest_.Add(Block(0, 3));
  ingest_.Add(Block(3, 2));
  Start();
  EXPECT_OK(follower_->WaitForSize(5, kLong));
  ingest_.Add(Block(5, 4));
  EXPECT_OK(follower_->WaitForSize(9, kLong));
  EXPECT_TRUE(follower_->reachable());
  EXPECT_EQ(follower_->log_size(), 9u);
  EXPECT_EQ(store_.Stats().effects, 9u);
  EXPECT_THAT(follower_->WaitForSize(10, absl::ZeroDuration()),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("have 9")));
}

TEST_F(LogFollowerTest, ResumesWhereItWasAfterABreak) {
  ingest_.Add(Block(0, 3));
  Start();
  EXPECT_OK(follower_->WaitForSize(3, kLong));
  for (uint64_t i = 0; i < 5; ++i) {
    ingest_.Break();
    ingest_.Add(Block(3 + i, 1));
    EXPECT_OK(follower_->WaitForSize(4 + i, kLong));
  }
  EXPECT_GT(ingest_.tails(), 1);
  EXPECT_EQ(store_.Stats().effects, 8u);
}

TEST_F(LogFollowerTest, ALogThatLostItsEndAndGrewAgainIsNotFollowed) {
  const std::string last = Block(3, 2);
  ingest_.Add(Block(0, 3));
  ingest_.Add(last);
  Start();
  EXPECT_OK(follower_->WaitForSize(5, kLong));
  // Of the same size, accepted at another time; then a block of other bounds.
  for (const std::string& other : {Block(3, 2, 0, 1, 0, /*accepted_us=*/10), Block(3, 4)}) {
    ingest_.Replace(1, other);
    ingest_.Break();
    while (follower_->stall().ok()) std::this_thread::yield();
    EXPECT_THAT(follower_->stall(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                             HasSubstr("the log is not the one that was folded")));
    const int tails = ingest_.tails();
    while (ingest_.tails() < tails + 3) std::this_thread::yield();
    EXPECT_EQ(store_.folded_size(), 5u);
    EXPECT_THAT(follower_->WaitForSize(6, absl::ZeroDuration()),
                StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("not the one")));
    // The newest backup is restored.
    ingest_.Replace(1, last);
    ingest_.Break();
    while (!follower_->stall().ok()) std::this_thread::yield();
  }
  ingest_.Add(Block(5, 1));
  EXPECT_OK(follower_->WaitForSize(6, kLong));
}

TEST_F(LogFollowerTest, ALogThatStaysShorterThanWhatWasFoldedIsTold) {
  ingest_.Add(Block(0, 3));
  ingest_.Add(Block(3, 2));
  Start();
  EXPECT_OK(follower_->WaitForSize(5, kLong));
  ingest_.RemoveLast();
  ingest_.Break();
  while (follower_->stall().ok()) std::this_thread::yield();
  EXPECT_THAT(follower_->stall(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("5 records were folded")));
  ingest_.Add(Block(3, 2));
  while (!follower_->stall().ok()) std::this_thread::yield();
  ingest_.Add(Block(5, 1));
  EXPECT_OK(follower_->WaitForSize(6, kLong));
}

TEST_F(LogFollowerTest, DamagedBlocksAreNeverFolded) {
  const std::string good = Block(0, 3);
  std::string bad = good;
  bad[bad.size() - 3] = static_cast<char>(bad[bad.size() - 3] ^ 1);
  ingest_.Add(bad);
  Start();
  while (ingest_.tails() < 3) std::this_thread::yield();
  EXPECT_EQ(store_.folded_size(), 0u);
  ingest_.Replace(0, good);
  EXPECT_OK(follower_->WaitForSize(3, kLong));
}

TEST_F(LogFollowerTest, BlocksOfAnotherLogOrWithAGapAreRefused) {
  ingest_.Add(Block(0, 1));
  ingest_.Add(Block(1, 1, 0, /*log=*/2));
  Start();
  EXPECT_OK(follower_->WaitForSize(1, kLong));
  const int tails = ingest_.tails();
  while (ingest_.tails() < tails + 3) std::this_thread::yield();
  EXPECT_EQ(store_.folded_size(), 1u);
  ingest_.Replace(1, Block(2, 1));
  const int more = ingest_.tails();
  while (ingest_.tails() < more + 3) std::this_thread::yield();
  EXPECT_EQ(store_.folded_size(), 1u);
}

TEST_F(LogFollowerTest, WaitsForTheCatalogOfAMark) {
  std::atomic<uint64_t> loaded = 4;
  std::atomic<int> asked = 0;
  wait_for_catalog_ = [&](uint64_t version, absl::Duration) -> absl::Status {
    ++asked;
    return version <= loaded ? absl::OkStatus()
                             : absl::DeadlineExceededError("catalog version 5 is not loaded");
  };
  ingest_.Add(Block(0, 1, /*catalog_version=*/4));
  ingest_.Add(Block(2, 1, /*catalog_version=*/5));
  Start();
  EXPECT_OK(follower_->WaitForSize(2, kLong));
  while (asked < 4) std::this_thread::yield();
  EXPECT_EQ(store_.folded_size(), 2u);
  EXPECT_THAT(follower_->stall(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("version 5")));
  loaded = 5;
  EXPECT_OK(follower_->WaitForSize(4, kLong));
  EXPECT_EQ(store_.Snapshot(4)->catalog_version, 5u);
}

std::string HashOf(uint8_t catalog) {
  std::string hash(32, '\0');
  hash[0] = static_cast<char>(catalog);
  return hash;
}

TEST_F(LogFollowerTest, StandsStillAtAMarkOfAnotherCatalog) {
  std::atomic<uint8_t> catalog = 3;
  catalog_hash_ = [&](uint64_t) -> absl::StatusOr<std::string> { return HashOf(catalog); };
  ingest_.Add(Block(0, 1, /*catalog_version=*/4, 1, /*catalog=*/3));
  ingest_.Add(Block(2, 1, /*catalog_version=*/5, 1, /*catalog=*/9));
  Start();
  EXPECT_OK(follower_->WaitForSize(2, kLong));
  while (follower_->stall().ok()) std::this_thread::yield();
  EXPECT_THAT(follower_->stall(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                           HasSubstr("another catalog than the log's: version 5")));
  EXPECT_EQ(store_.folded_size(), 2u);
  catalog = 9;
  EXPECT_OK(follower_->WaitForSize(4, kLong));
  EXPECT_OK(follower_->stall());
}

TEST_F(LogFollowerTest, ComparesWhatWasFoldedBeforeTheStart) {
  ingest_.Add(Block(0, 1, /*catalog_version=*/4, 1, /*catalog=*/3));
  Start();
  EXPECT_OK(follower_->WaitForSize(2, kLong));
  follower_->Stop();
  // The next process meets a catalog that was restored; its blocks bring no mark.
  std::atomic<bool> loaded = false;
  catalog_hash_ = [&](uint64_t version) -> absl::StatusOr<std::string> {
    if (!loaded) return absl::OutOfRangeError("not loaded");
    return HashOf(version == 4 ? 8 : 0);
  };
  ingest_.Add(Block(2, 1));
  Start();
  EXPECT_OK(follower_->WaitForSize(3, kLong));
  loaded = true;
  ingest_.Add(Block(3, 1));
  while (follower_->stall().ok()) std::this_thread::yield();
  EXPECT_THAT(follower_->stall(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("version 4")));
  EXPECT_EQ(store_.folded_size(), 3u);
}

// Which event of a transaction counts follows from it, though no block brings a mark.
TEST_F(LogFollowerTest, AfterAStartWaitsForTheCatalogOfWhatIsFolded) {
  ingest_.Add(Block(0, 1, /*catalog_version=*/4));
  Start();
  EXPECT_OK(follower_->WaitForSize(2, kLong));
  follower_->Stop();
  std::atomic<uint64_t> loaded = 3;
  wait_for_catalog_ = [&](uint64_t version, absl::Duration) -> absl::Status {
    return version <= loaded ? absl::OkStatus() : absl::DeadlineExceededError("not loaded");
  };
  ingest_.Add(Block(2, 1));
  Start();
  while (follower_->stall().ok()) std::this_thread::yield();
  EXPECT_EQ(store_.folded_size(), 2u);
  loaded = 4;
  EXPECT_OK(follower_->WaitForSize(3, kLong));
}

TEST_F(LogFollowerTest, StopsWhileItWaits) {
  wait_for_catalog_ = [](uint64_t, absl::Duration) { return absl::DeadlineExceededError("never"); };
  ingest_.Add(Block(0, 1, /*catalog_version=*/4));
  Start();
  while (follower_->stall().ok()) std::this_thread::yield();
  follower_->Stop();
  EXPECT_EQ(store_.folded_size(), 0u);
  EXPECT_THAT(follower_->WaitForSize(1, kLong), StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace tidemark::analytics
