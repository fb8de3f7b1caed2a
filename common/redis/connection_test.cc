#include "common/redis/connection.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/redis/redis_cache.h"
#include "common/redis/resolver.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace tidemark::redis {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

// What a Redis under load or a broken network looks like: accepts connections, and to whatever
// is sent answers a large value a few bytes at a time, one part every `pause`.
class TricklingServer {
 public:
  TricklingServer(std::string first, int bytes, absl::Duration pause)
      : first_(std::move(first)), bytes_(bytes), pause_(pause) {
    listener_.Reset(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_.get(), generic, size), 0);
    EXPECT_EQ(::listen(listener_.get(), 16), 0);
    EXPECT_EQ(::getsockname(listener_.get(), generic, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~TricklingServer() {
    stop_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  Endpoint endpoint() const { return {.port = port_}; }
  int connections() const { return connections_; }

 private:
  // One connection at a time: until it hangs up.
  void Serve() {
    while (!stop_) {
      const base::ScopedFd fd(::accept(listener_.get(), nullptr, nullptr));
      if (!fd.valid()) return;
      ++connections_;
      char request[4096];
      if (::recv(fd.get(), request, sizeof(request), 0) <= 0) continue;
      if (::send(fd.get(), first_.data(), first_.size(), MSG_NOSIGNAL) < 0) continue;
      for (int sent = 0; sent < bytes_ && !stop_; ++sent) {
        ::poll(nullptr, 0, static_cast<int>(absl::ToInt64Milliseconds(pause_)));
        if (::send(fd.get(), "x", 1, MSG_NOSIGNAL) < 0) break;
      }
    }
  }

  const std::string first_;
  const int bytes_;
  const absl::Duration pause_;
  base::ScopedFd listener_;
  int port_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<int> connections_{0};
  std::thread thread_;
};

constexpr int kTrickled = 1'000'000;
const std::string kHeader = absl::StrCat("$", kTrickled, "\r\n");

// Each part comes in good time, all of them together never would: a limit per read would let this
// test run for hours.
TEST(ConnectionTest, ATricklingAnswerIsNoAnswer) {
  const TricklingServer server(kHeader, kTrickled, absl::Milliseconds(10));
  auto connection = Connection::Open(server.endpoint(), absl::Seconds(30));
  ASSERT_THAT(connection, IsOk());
  EXPECT_THAT((*connection)->Command({"GET", "k"}, absl::Milliseconds(200)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no answer in time")));
  EXPECT_TRUE((*connection)->broken());
  EXPECT_THAT((*connection)->Command({"GET", "k"}, absl::Seconds(30)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("broken before")));
}

TEST(ConnectionTest, LoggingInSharesTheTimeOfConnecting) {
  const TricklingServer server("+O", kTrickled, absl::Milliseconds(10));
  Endpoint endpoint = server.endpoint();
  endpoint.password = "secret";
  endpoint.database = 3;
  const absl::Status status = Connection::Open(endpoint, absl::Milliseconds(200)).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("AUTH")));
  EXPECT_THAT(status.message(), ::testing::Not(HasSubstr("secret")));
}

TEST(ConnectionTest, WhatIsNotRedisIsRefused) {
  const TricklingServer server("HTTP/1.1 400 Bad Request\r\n", 0, absl::ZeroDuration());
  auto connection = Connection::Open(server.endpoint(), absl::Seconds(30));
  ASSERT_THAT(connection, IsOk());
  EXPECT_THAT((*connection)->Command({"PING"}, absl::Seconds(30)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("not its protocol")));
}

TEST(ConnectionTest, TheCircuitOpensOnTricklingAnswers) {
  const TricklingServer server(kHeader, kTrickled, absl::Milliseconds(10));
  const testing::FakeClock clock;
  const auto cache = RedisCache::Create({.pool = {.endpoint = server.endpoint(),
                                                  .connect_timeout = absl::Seconds(30),
                                                  .command_timeout = absl::Milliseconds(100)},
                                         .breaker = {.failures_to_open = 2},
                                         .name_space = "test",
                                         .mac_key = std::string(32, 'k'),
                                         .clock = &clock});
  ASSERT_THAT(cache, IsOk());
  for (int i = 0; i < 5; ++i) EXPECT_EQ((*cache)->Get("m"), std::nullopt);
  EXPECT_TRUE((*cache)->counters().open);
  EXPECT_EQ((*cache)->counters().errors, 2u);
  EXPECT_EQ((*cache)->counters().skipped, 3u);
}

TEST(ResolveHostTest, NamesAndNumbers) {
  const auto number = ResolveHost("127.0.0.1", 6379, absl::ZeroDuration());
  ASSERT_THAT(number, IsOk());
  ASSERT_EQ(number->size(), 1u);
  EXPECT_EQ(number->front().get()->sa_family, AF_INET);
  const auto name = ResolveHost("localhost", 6379, absl::Seconds(60));
  ASSERT_THAT(name, IsOk());
  EXPECT_EQ(name->front().get()->sa_family, AF_INET);
  EXPECT_THAT(ResolveHost("no.such.host.invalid", 6379, absl::Seconds(60)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no.such.host.invalid")));
}

// The lookup itself goes on; nobody waits for it.
TEST(ResolveHostTest, ANameIsNotWaitedForBeyondTheTimeout) {
  EXPECT_THAT(ResolveHost("slow.host.invalid", 6379, absl::ZeroDuration()),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("not found within")));
}

}  // namespace
}  // namespace tidemark::redis
