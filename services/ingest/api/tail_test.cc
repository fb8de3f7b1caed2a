#include "services/ingest/api/tail.h"

#include <gmock/gmock.h>

#include <string>
#include <thread>

#include "clients/cpp/ledger/block.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/testing/ingest_service_fixture.h"

namespace tidemark::ingest {
namespace {

using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;

using TailTest = IngestServiceTest;

// Follows the log on a thread until it has `until` leaves.
class Follower {
 public:
  Follower(v1::IngestService::Stub* stub, uint64_t from, uint64_t until) {
    thread_ = std::thread([this, stub, from, until] {
      v1::TailRequest request;
      request.set_from_leaf(from);
      rpc::PrepareCall(&context_, "", absl::Seconds(30));
      auto stream = stub->Tail(&context_, request);
      v1::TailResponse response;
      bool first = true;
      while (next_ < until && stream->Read(&response)) {
        EXPECT_EQ(response.log_id().empty(), !first);
        first = false;
        if (!response.has_block()) continue;
        EXPECT_LE(response.block().first_leaf() + response.block().record_count(),
                  response.durable_size());
        EXPECT_EQ(response.block().first_leaf(), started_ ? next_ : response.block().first_leaf());
        EXPECT_OK(ledger::VerifyBlock(response.block().data()));
        started_ = true;
        next_ = response.block().first_leaf() + response.block().record_count();
        blocks_ += response.block().data();
      }
      context_.TryCancel();
      while (stream->Read(&response)) {
      }
      stream->Finish().ok();
    });
  }
  std::string Blocks() {
    thread_.join();
    return blocks_;
  }

 private:
  grpc::ClientContext context_;
  std::thread thread_;
  uint64_t next_ = 0;
  bool started_ = false;
  std::string blocks_;
};

TEST_F(TailTest, FollowersGetHistoryThenLiveBlocksWithoutGap) {
  constexpr int kBatches = 40;
  for (int i = 0; i < kBatches / 2; ++i) ASSERT_OK(Submit({Event("h" + std::to_string(i))}));
  const uint64_t half = server_.log->state().size;
  std::vector<std::unique_ptr<Follower>> followers;
  for (const uint64_t from : {uint64_t{0}, uint64_t{0}, half, half - 3, uint64_t{5}}) {
    followers.push_back(std::make_unique<Follower>(stub_.get(), from, half + kBatches / 2));
  }
  for (int i = 0; i < kBatches / 2; ++i) ASSERT_OK(Submit({Event("l" + std::to_string(i))}));
  const std::string all = followers[0]->Blocks();
  EXPECT_EQ(followers[1]->Blocks(), all);
  for (int i : {2, 3, 4}) {
    const std::string part = followers[i]->Blocks();
    EXPECT_FALSE(part.empty());
    EXPECT_TRUE(std::string_view(all).ends_with(part));
  }
}

TEST_F(TailTest, TailRefusesAnotherLogAndALeafBehindTheEnd) {
  const auto open = [this](const v1::TailRequest& request) {
    grpc::ClientContext context;
    rpc::PrepareCall(&context, "", absl::Seconds(20));
    auto stream = stub_->Tail(&context, request);
    v1::TailResponse response;
    while (stream->Read(&response)) {
    }
    return status::FromGrpcStatus(stream->Finish());
  };
  v1::TailRequest request;
  request.set_log_id(std::string(32, '0'));
  EXPECT_THAT(open(request), ReasonIs("LOG_ID_MISMATCH"));
  request.set_log_id(server_.log->log_id());
  request.set_from_leaf(1);
  EXPECT_THAT(open(request), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST_F(TailTest, AnIdleFollowerHearsTheSize) {
  grpc::ClientContext context;
  rpc::PrepareCall(&context, "", absl::Seconds(20));
  auto stream = stub_->Tail(&context, v1::TailRequest());
  v1::TailResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.log_id(), server_.log->log_id());
  EXPECT_FALSE(response.has_block());
  clock_.Advance(kTailHeartbeat);
  server_.hub.WakeAll();
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.durable_size(), 0u);
  context.TryCancel();
}

}  // namespace
}  // namespace tidemark::ingest
