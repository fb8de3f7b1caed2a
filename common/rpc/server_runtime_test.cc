#include "common/rpc/server_runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "common/rpc/echo_fixture_test.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"

namespace tidemark::rpc {
namespace {

using ::testing::HasSubstr;
using tidemark::testing::CallRaw;
using tidemark::testing::IsOkAndHolds;
using tidemark::testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kHealth[] = "/grpc.health.v1.Health/Check";
// HealthCheckResponse{status: SERVING} and {status: NOT_SERVING}.
constexpr char kServing[] = "\x08\x01";
constexpr char kNotServing[] = "\x08\x02";

// HealthCheckRequest{service: name}.
std::string HealthRequest(const std::string& name) {
  if (name.empty()) return "";
  return "\x0a" + std::string(1, static_cast<char>(name.size())) + name;
}

class ServerRuntimeTest : public ::testing::Test {
 protected:
  ServerRuntime::Options Options() {
    return {.name = "test",
            .listen_address = "127.0.0.1:0",
            .services = {&service_},
            .service_names = {"a.Echo", "a.Other"}};
  }
  static absl::StatusOr<std::string> Health(const ServerRuntime& runtime, const std::string& name) {
    return CallRaw(*CreateChannel({.target = runtime.address()}), kHealth, HealthRequest(name));
  }

  testing::RawEchoService service_;
};

TEST_F(ServerRuntimeTest, TakesAFreePortAndSaysWhich) {
  ASSERT_OK_AND_ASSIGN(const auto runtime, ServerRuntime::Create(Options()));
  EXPECT_GT(runtime->port(), 0);
  EXPECT_EQ(runtime->address(), "127.0.0.1:" + std::to_string(runtime->port()));
}

TEST_F(ServerRuntimeTest, RefusesAPortThatIsTaken) {
  ASSERT_OK_AND_ASSIGN(const auto runtime, ServerRuntime::Create(Options()));
  ServerRuntime::Options options = Options();
  options.listen_address = runtime->address();
  EXPECT_THAT(ServerRuntime::Create(options),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(runtime->address())));
}

TEST_F(ServerRuntimeTest, HealthTellsTheTruthPerService) {
  ASSERT_OK_AND_ASSIGN(const auto runtime, ServerRuntime::Create(Options()));
  for (const char* name : {"", "a.Echo", "a.Other"}) {
    EXPECT_THAT(Health(*runtime, name), IsOkAndHolds(kNotServing)) << name;
  }
  runtime->SetReady(true);
  for (const char* name : {"", "a.Echo", "a.Other"}) {
    EXPECT_THAT(Health(*runtime, name), IsOkAndHolds(kServing)) << name;
  }
  runtime->SetServiceReady("a.Other", false);
  EXPECT_THAT(Health(*runtime, "a.Other"), IsOkAndHolds(kNotServing));
  EXPECT_THAT(Health(*runtime, "a.Echo"), IsOkAndHolds(kServing));
  EXPECT_THAT(Health(*runtime, "no.such"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ServerRuntimeTest, RequestsAboveTheLimitAreRefusedAndTheServerLives) {
  ServerRuntime::Options options = Options();
  options.max_receive_bytes = 1000;
  ASSERT_OK_AND_ASSIGN(const auto runtime, ServerRuntime::Create(options));
  runtime->SetReady(true);
  const auto channel = *CreateChannel({.target = runtime->address()});
  EXPECT_THAT(CallRaw(channel, testing::kEcho, std::string(1001, 'x')),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(CallRaw(channel, kHealth, ""), IsOkAndHolds(kServing));
}

TEST_F(ServerRuntimeTest, ExplainsBadOptions) {
  const tidemark::testing::TempDir dir;
  ServerRuntime::Options options = Options();
  for (const char* address : {"", "7301", ":7301"}) {
    options.listen_address = address;
    EXPECT_THAT(ServerRuntime::Create(options), StatusIs(kInvalid, HasSubstr("want host:port")));
  }
  options = Options();
  options.tls_certificate_file = dir.Write("cert.pem", "x");
  EXPECT_THAT(ServerRuntime::Create(options), StatusIs(kInvalid, HasSubstr("tls_key_file")));
  options.tls_key_file = dir.File("none.pem");
  EXPECT_THAT(ServerRuntime::Create(options),
              StatusIs(kInvalid, HasSubstr(dir.File("none.pem") + " cannot be read")));
  options = Options();
  options.tls_client_ca_file = dir.Write("ca.pem", "x");
  EXPECT_THAT(ServerRuntime::Create(options), StatusIs(kInvalid, HasSubstr("tls_client_ca_file")));
}

TEST_F(ServerRuntimeTest, ConnectionsEndAtTheirAgeAndCallsGoOn) {
  ServerRuntime::Options options = Options();
  options.lifetimes.max_connection_age = absl::Seconds(1);
  options.lifetimes.max_connection_age_grace = absl::Seconds(1);
  ASSERT_OK_AND_ASSIGN(const auto runtime, ServerRuntime::Create(options));
  runtime->SetReady(true);
  const auto channel = *CreateChannel({.target = runtime->address()});
  ASSERT_THAT(CallRaw(channel, kHealth, ""), IsOkAndHolds(kServing));
  ASSERT_EQ(channel->GetState(false), GRPC_CHANNEL_READY);
  EXPECT_TRUE(channel->WaitForStateChange(
      GRPC_CHANNEL_READY, std::chrono::system_clock::now() + std::chrono::seconds(20)));
  EXPECT_THAT(CallRaw(channel, kHealth, ""), IsOkAndHolds(kServing));
}

TEST_F(ServerRuntimeTest, DrainingIsNotReadyButTakesCallsUntilBalancersHaveSeenIt) {
  ServerRuntime::Options options = Options();
  options.lifetimes.drain_delay = absl::Seconds(1);
  ASSERT_OK_AND_ASSIGN(const auto runtime, ServerRuntime::Create(options));
  runtime->SetReady(true);
  const auto channel = *CreateChannel({.target = runtime->address()});
  ASSERT_THAT(CallRaw(channel, kHealth, ""), IsOkAndHolds(kServing));
  std::thread shutdown([&] { runtime->Shutdown(); });
  // Answered while the server drains.
  while (CallRaw(channel, kHealth, "").value_or("") == kServing) std::this_thread::yield();
  EXPECT_THAT(CallRaw(channel, kHealth, HealthRequest("a.Echo")), IsOkAndHolds(kNotServing));
  // Whoever watches what the service depends on does not know that it drains.
  runtime->SetReady(true);
  EXPECT_THAT(CallRaw(channel, kHealth, HealthRequest("a.Echo")), IsOkAndHolds(kNotServing));
  shutdown.join();
  EXPECT_THAT(CallRaw(channel, kHealth, ""), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(ServerRuntimeTest, DurationsThatCannotBeAreNamed) {
  ServerRuntime::Options options = Options();
  options.lifetimes.max_connection_age = absl::Milliseconds(999);
  EXPECT_THAT(ServerRuntime::Create(options), StatusIs(kInvalid, HasSubstr("max_connection_age")));
  options = Options();
  options.lifetimes.drain_delay = -absl::Seconds(1);
  EXPECT_THAT(ServerRuntime::Create(options), StatusIs(kInvalid, HasSubstr("drain_delay: -1s")));
}

TEST(InstanceNameTest, IsTheAddressUnlessThatIsEverybodys) {
  EXPECT_EQ(InstanceName("127.0.0.1:7301"), "127.0.0.1:7301");
  char host[256] = {};
  ASSERT_EQ(::gethostname(host, sizeof(host) - 1), 0);
  EXPECT_EQ(InstanceName("0.0.0.0:7301"), host);
  EXPECT_EQ(InstanceName("[::]:7301"), host);
}

// In a process of its own: signals must be blocked before the first thread exists.
TEST_F(ServerRuntimeTest, RunReturnsAfterASignal) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto run = [this] {
    PrepareServerProcess();
    auto runtime = ServerRuntime::Create(Options());
    if (!runtime.ok()) std::exit(1);
    (*runtime)->SetReady(true);
    std::thread sender([] { ::kill(::getpid(), SIGTERM); });
    (*runtime)->Run();
    sender.join();
    (*runtime)->Shutdown();  // Once more is fine.
    const bool answers = Health(**runtime, "").ok();
    runtime->reset();
    std::exit(answers ? 2 : 7);
  };
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(7), "draining");
}

}  // namespace
}  // namespace tidemark::rpc
