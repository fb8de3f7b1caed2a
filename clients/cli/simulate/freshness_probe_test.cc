#include "clients/cli/simulate/freshness_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "common/testing/in_process_server.h"
#include "common/testing/status_matchers.h"
#include "tidemark/analytics/v1/analytics_service.grpc.pb.h"

namespace tidemark::simulate {
namespace {

using ::tidemark::testing::StatusIs;

// Folds ten leaves with every question.
class FakeAnalytics final : public analytics::v1::AnalyticsService::Service {
 public:
  grpc::Status GetFoldStatus(grpc::ServerContext*, const analytics::v1::GetFoldStatusRequest*,
                             analytics::v1::GetFoldStatusResponse* response) override {
    if (down) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "down");
    response->mutable_snapshot()->set_log_size(folded.fetch_add(10));
    return grpc::Status::OK;
  }
  std::atomic<uint64_t> folded{0};
  std::atomic<bool> down{false};
};

class FreshnessProbeTest : public ::testing::Test {
 protected:
  FakeAnalytics analytics_;
  testing::InProcessServer server_{{&analytics_}};
  const base::SystemClock clock_;
};

TEST_F(FreshnessProbeTest, EveryAckGetsOneLag) {
  FreshnessProbe probe(server_.channel(), "", clock_);
  const int64_t now = clock_.MonotonicNanos();
  probe.OnAck(100, now);
  // Out of order, as acknowledgements of two clients are.
  probe.OnAck(50, now);
  ASSERT_OK(probe.Drain(absl::Seconds(30)));
  const std::vector<int64_t> lags = probe.Lags();
  ASSERT_EQ(lags.size(), 2u);
  EXPECT_GE(lags[0], 0);
  EXPECT_LE(lags[0], lags[1]);
}

TEST_F(FreshnessProbeTest, AckToldLateCountsFromWhenTheFoldWasSeen) {
  FreshnessProbe probe(server_.channel(), "", clock_);
  const int64_t start = clock_.MonotonicNanos();
  probe.OnAck(100, start);
  ASSERT_OK(probe.Drain(absl::Seconds(30)));
  const int64_t seen = probe.Lags()[0];
  // The same leaves again: the fold was seen with them long ago.
  probe.OnAck(100, start);
  ASSERT_OK(probe.Drain(absl::Seconds(30)));
  EXPECT_EQ(probe.Lags(), (std::vector<int64_t>{seen, seen}));
}

TEST_F(FreshnessProbeTest, AnalyticsAwayIsTold) {
  analytics_.down = true;
  FreshnessProbe probe(server_.channel(), "", clock_);
  probe.OnAck(100, clock_.MonotonicNanos());
  EXPECT_THAT(probe.Drain(absl::Milliseconds(200)), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(probe.Lags().empty());
}

}  // namespace
}  // namespace tidemark::simulate
