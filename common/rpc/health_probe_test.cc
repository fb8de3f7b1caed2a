#include "common/rpc/health_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/echo_fixture_test.h"
#include "common/testing/status_matchers.h"

namespace tidemark::rpc {
namespace {

using ::testing::HasSubstr;
using tidemark::testing::StatusIs;

TEST(HealthProbeTest, SaysWhatTheServerSays) {
  testing::RawEchoService service;
  tidemark::testing::InProcessServer server(
      ServerRuntime::Options{.services = {&service}, .service_names = {"a.Echo"}});
  EXPECT_OK(Probe({.address = server.address()}));
  EXPECT_OK(Probe({.address = server.address(), .service = "a.Echo"}));
  server.runtime().SetServiceReady("a.Echo", false);
  EXPECT_THAT(Probe({.address = server.address(), .service = "a.Echo"}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("not ready: a.Echo")));
  EXPECT_OK(Probe({.address = server.address()}));
  EXPECT_THAT(Probe({.address = server.address(), .service = "a.Typo"}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("a.Typo")));
}

TEST(HealthProbeTest, NobodyThereIsNotReady) {
  EXPECT_THAT(Probe({.address = "127.0.0.1:1"}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("does not answer")));
  EXPECT_THAT(Probe({.address = "127.0.0.1:1", .tls_certificate_file = "/none.pem"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/none.pem")));
}

}  // namespace
}  // namespace tidemark::rpc
