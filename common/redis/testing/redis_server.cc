#include "common/redis/testing/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "absl/strings/str_cat.h"
#include "common/base/scoped_fd.h"

namespace tidemark::testing {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(10);

int FreePort() {
  const base::ScopedFd fd(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd.get(), generic, size) != 0) return 0;
  return ::getsockname(fd.get(), generic, &size) == 0 ? ntohs(address.sin_port) : 0;
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> more_arguments)
    : more_arguments_(std::move(more_arguments)) {
  // Another process may take the port between its choice and its use.
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = FreePort();
    if (TryStart()) return;
  }
  ADD_FAILURE() << "redis-server does not start; is it installed?";
}

RedisServer::~RedisServer() { Kill(); }

bool RedisServer::TryStart() {
  std::vector<std::string> args = {
      "redis-server", "--port",    absl::StrCat(port_),   "--bind", "127.0.0.1",
      "--save",       "",          "--appendonly",        "no",     "--dir",
      dir_.path(),    "--logfile", dir_.File("redis.log")};
  args.insert(args.end(), more_arguments_.begin(), more_arguments_.end());
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  if (::posix_spawnp(&pid_, argv[0], nullptr, nullptr, argv.data(), environ) != 0) {
    pid_ = -1;
    return false;
  }
  for (int tries = 0; tries < 1000; ++tries) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return false;
    }
    auto connection = redis::Connection::Open(endpoint(), kTimeout);
    if (connection.ok() && (*connection)->Command({"PING"}, kTimeout).ok()) return true;
    // The process needs the processor more than this loop does.
    ::poll(nullptr, 0, 5);
  }
  Kill();
  return false;
}

void RedisServer::Pause() {
  ASSERT_GT(pid_, 0);
  ASSERT_EQ(::kill(pid_, SIGSTOP), 0);
}

void RedisServer::Resume() {
  ASSERT_GT(pid_, 0);
  ASSERT_EQ(::kill(pid_, SIGCONT), 0);
}

void RedisServer::Kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::Start() {
  ASSERT_EQ(pid_, -1) << "it runs";
  ASSERT_TRUE(TryStart());
}

std::string RedisServer::Command(const std::vector<std::string_view>& args) {
  auto connection = redis::Connection::Open(endpoint(), kTimeout);
  if (!connection.ok()) {
    ADD_FAILURE() << connection.status();
    return "";
  }
  const auto answer = (*connection)->Command(args, kTimeout);
  if (!answer.ok()) {
    ADD_FAILURE() << answer.status();
    return "";
  }
  return answer->value_or("");
}

}  // namespace tidemark::testing
