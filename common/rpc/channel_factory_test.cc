#include "common/rpc/channel_factory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "common/rpc/echo_fixture_test.h"
#include "common/status/grpc_status.h"
#include "common/testing/manual_executor.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"

namespace tidemark::rpc {
namespace {

using ::testing::HasSubstr;
using tidemark::testing::CallRaw;
using tidemark::testing::FakeAuthorizer;
using tidemark::testing::InProcessServer;
using tidemark::testing::IsOk;
using tidemark::testing::StatusIs;
using namespace testing;  // NOLINT(google-build-using-namespace): the generated echo messages

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// Fails with UNAVAILABLE `failures` times, then answers.
class ChannelFactoryTest : public ::testing::Test {
 protected:
  ChannelFactoryTest() {
    options_.name = kEcho;
    options_.executor = &inline_;
    options_.authorizer = &authorizer_;
    options_.clock = &clock_;
    service_.echo = [this](auto* context, auto* in, auto* out) {
      return HandleUnary<EchoRequest, EchoResponse>(
          context, in, out, options_,
          [this](const CallContext&, const EchoRequest&, EchoResponse*) -> absl::Status {
            if (++calls_ <= failures_) return absl::UnavailableError("not yet");
            return absl::OkStatus();
          });
    };
  }
  absl::Status Call(const ChannelOptions& options) {
    return CallRaw(*CreateChannel(options), kEcho, "").status();
  }

  std::atomic<int> calls_{0};
  std::atomic<int> failures_{0};
  FakeAuthorizer authorizer_;
  tidemark::testing::InlineExecutor inline_;
  ShiftedClock clock_;
  MethodOptions options_;
  RawEchoService service_;
  InProcessServer server_{rpc::ServerRuntime::Options{
      .services = {&service_}, .service_names = {"tidemark.rpc.testing.EchoService"}}};
};

TEST_F(ChannelFactoryTest, RetriesListedMethodsOnly) {
  failures_ = 2;
  EXPECT_THAT(Call({.target = server_.address()}), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(calls_, 1);
  calls_ = 0;
  EXPECT_OK(Call({.target = server_.address(),
                  .retryable_methods = {"tidemark.rpc.testing.EchoService/Echo"}}));
  EXPECT_EQ(calls_, 3);
  calls_ = 0;
  failures_ = 100;
  EXPECT_THAT(Call({.target = server_.address(),
                    .retryable_methods = {"tidemark.rpc.testing.EchoService"}}),
              StatusIs(absl::StatusCode::kUnavailable, "not yet"));
  EXPECT_EQ(calls_, 4);
}

TEST_F(ChannelFactoryTest, LeavesOutBackendsThatAreNotHealthy) {
  const ChannelOptions options = {.target = server_.address(),
                                  .health_service_name = "tidemark.rpc.testing.EchoService"};
  EXPECT_OK(Call(options));
  server_.runtime().SetReady(false);
  EXPECT_THAT(Call(options), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(calls_, 1);
}

TEST_F(ChannelFactoryTest, CallsAlwaysEnd) {
  tidemark::testing::ManualExecutor never;
  options_.executor = &never;
  EXPECT_THAT(CallRaw(server_.channel(), kEcho, "", "", absl::Milliseconds(50)),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  never.WaitForTask();
  never.RunAll();
}

TEST_F(ChannelFactoryTest, ExplainsBadOptions) {
  const tidemark::testing::TempDir dir;
  EXPECT_THAT(CreateChannel({}), StatusIs(kInvalid, HasSubstr("want host:port")));
  for (const char* target : {"x:99999", "x:0", "dns:///x:65536", "[::1]:70000",
                             "ipv4:127.0.0.1:7301,127.0.0.1:99999", "x:99999999999999999999"}) {
    EXPECT_THAT(CreateChannel({.target = target}), StatusIs(kInvalid, HasSubstr("65535")))
        << target;
  }
  for (const char* target : {"x:65535", "x", "dns:///x", "ipv4:127.0.0.1:7301,127.0.0.1:7302",
                             "[::1]:7301", "unix:///tmp/s:99999"}) {
    EXPECT_OK(CreateChannel({.target = target}));
  }
  EXPECT_THAT(CreateChannel({.target = "x:1", .tls_ca_file = dir.File("none")}),
              StatusIs(kInvalid, HasSubstr("tls_ca_file")));
  EXPECT_THAT(CreateChannel({.target = "x:1", .tls_key_file = dir.Write("key", "x")}),
              StatusIs(kInvalid, HasSubstr("want both or none")));
  EXPECT_THAT(CreateChannel({.target = "x:1",
                             .tls_certificate_file = dir.Write("certificate", "x"),
                             .tls_key_file = dir.Write("key", "x")}),
              StatusIs(kInvalid, HasSubstr("want tls_ca_file")));
}

}  // namespace
}  // namespace tidemark::rpc
