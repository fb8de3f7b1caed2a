// The service as a process would run it, with nothing to follow.
#include "services/analytics/app/analytics_app.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "clients/cpp/access/token_file.h"
#include "common/base/clock.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"
#include "services/analytics/app/checkpoint_sizes.h"
#include "tidemark/analytics/v1/analytics_service.grpc.pb.h"

namespace tidemark::analytics {
namespace {

using ::testing::HasSubstr;
using ::tidemark::testing::StatusIs;

class AnalyticsAppTest : public ::testing::Test {
 protected:
  AnalyticsAppTest() {
    EXPECT_OK(access::WriteTokenFile(options_.service_token_file, "tm_" + std::string(43, 'A')));
  }

  tidemark::testing::TempDir dir_;
  base::SystemClock clock_;
  AnalyticsApp::Options options_ = {.listen = "127.0.0.1:0",
                                    .data_dir = dir_.File("new/analytics"),
                                    // Nobody listens on the discard port.
                                    .ingest = "127.0.0.1:9",
                                    .catalog = "127.0.0.1:9",
                                    .service_token_file = dir_.File("service.token"),
                                    .ingest_grace = absl::ZeroDuration(),
                                    .clock = &clock_};
};

TEST_F(AnalyticsAppTest, WrongFlagsAreNamed) {
  const auto error = [this](auto change) {
    AnalyticsApp::Options options = options_;
    change(&options);
    return AnalyticsApp::Start(options).status();
  };
  using Options = AnalyticsApp::Options;
  const auto invalid = [](const char* flag) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(flag));
  };
  EXPECT_THAT(error([](Options* o) { o->data_dir.clear(); }), invalid("--data"));
  EXPECT_THAT(error([](Options* o) { o->store = "postgres:"; }), invalid("--store"));
  EXPECT_THAT(error([](Options* o) { o->service_token_file.clear(); }),
              invalid("--service_token_file"));
  EXPECT_THAT(error([](Options* o) { o->redis = "http://x"; }), invalid("--redis"));
  EXPECT_THAT(error([](Options* o) { o->ingest.clear(); }), invalid("--ingest"));
  EXPECT_THAT(error([](Options* o) { o->catalog.clear(); }), invalid("--catalog"));
  EXPECT_THAT(error([this](Options* o) { o->service_token_file = dir_.File("none"); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("--service_token_file")));
}

TEST_F(AnalyticsAppTest, LetsNobodyInBeforeTheTokensAreKnown) {
  ASSERT_OK_AND_ASSIGN(const auto app, AnalyticsApp::Start(options_));
  const auto stub = v1::AnalyticsService::NewStub(*rpc::CreateChannel({.target = app->address()}));
  grpc::ClientContext context;
  rpc::PrepareCall(&context, "tm_" + std::string(43, 'A'), absl::Seconds(20));
  v1::GetFoldStatusResponse response;
  EXPECT_THAT(status::FromGrpcStatus(stub->GetFoldStatus(&context, {}, &response)),
              StatusIs(absl::StatusCode::kUnavailable));
  app->Shutdown();
  app->Shutdown();
}

TEST_F(AnalyticsAppTest, FolderBelongsToOneProcess) {
  ASSERT_OK_AND_ASSIGN(const auto app, AnalyticsApp::Start(options_));
  EXPECT_THAT(AnalyticsApp::Start(options_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("--data")));
}

TEST_F(AnalyticsAppTest, MemoryStoreNeedsNoFolder) {
  options_.store = "memory:";
  options_.data_dir.clear();
  EXPECT_OK(AnalyticsApp::Start(options_));
}

TEST(CheckpointSizesTest, NewestThatIsFolded) {
  CheckpointSizes sizes;
  EXPECT_EQ(sizes.NewestUpTo(100), 0u);
  for (const uint64_t size : {10, 20, 20, 15, 30}) sizes.Add(size);
  EXPECT_EQ(sizes.NewestUpTo(9), 0u);
  EXPECT_EQ(sizes.NewestUpTo(10), 10u);
  EXPECT_EQ(sizes.NewestUpTo(19), 10u);
  EXPECT_EQ(sizes.NewestUpTo(29), 20u);
  EXPECT_EQ(sizes.NewestUpTo(1000), 30u);
}

TEST(CheckpointSizesTest, ForgetsTheOldest) {
  CheckpointSizes sizes;
  for (uint64_t size = 1; size <= CheckpointSizes::kMostSizes + 5; ++size) sizes.Add(size);
  EXPECT_EQ(sizes.NewestUpTo(5), 0u);
  EXPECT_EQ(sizes.NewestUpTo(6), 6u);
}

}  // namespace
}  // namespace tidemark::analytics
