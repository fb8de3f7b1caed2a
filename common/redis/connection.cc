#include "common/redis/connection.h"

#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/redis/resolver.h"
#include "common/status/status_macros.h"

namespace tidemark::redis {
namespace {

struct ReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

absl::Status FromErrno(std::string_view action, int error) {
  return absl::UnavailableError(absl::StrCat("redis: ", action, ": ", std::strerror(error)));
}

// OK when `fd` is ready for one of `events` (an error of the socket counts) before time is up.
absl::Status WaitFor(int fd, int16_t events, const base::Countdown& countdown) {
  while (true) {
    const absl::Duration left = countdown.Left();
    if (left <= absl::ZeroDuration()) return absl::UnavailableError("redis: no answer in time");
    pollfd descriptor = {.fd = fd, .events = events, .revents = 0};
    // One more than fits into the time left, or a part of a millisecond would be polled away.
    const int64_t millis = std::min<int64_t>(absl::ToInt64Milliseconds(left) + 1, 60'000);
    const int ready = ::poll(&descriptor, 1, static_cast<int>(millis));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return FromErrno("poll", errno);
  }
}

absl::StatusOr<base::ScopedFd> Connect(const SocketAddress& address,
                                       const base::Countdown& countdown) {
  base::ScopedFd fd(
      ::socket(address.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return FromErrno("socket", errno);
  if (::connect(fd.get(), address.get(), address.size) != 0) {
    if (errno != EINPROGRESS) return FromErrno("connect", errno);
    TM_RETURN_IF_ERROR(WaitFor(fd.get(), POLLOUT, countdown));
    int error = 0;
    socklen_t size = sizeof(error);
    if (::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error != 0) return FromErrno("connect", error);
  }
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return fd;
}

absl::StatusOr<std::string> Format(const std::vector<std::string_view>& args) {
  std::vector<const char*> texts;
  std::vector<size_t> lengths;
  for (const std::string_view arg : args) {
    texts.push_back(arg.data());
    lengths.push_back(arg.size());
  }
  char* command = nullptr;
  const int size =
      redisFormatCommandArgv(&command, static_cast<int>(args.size()), texts.data(), lengths.data());
  if (size < 0) return absl::UnavailableError("redis: out of memory");
  std::string bytes(command, static_cast<size_t>(size));
  redisFreeCommand(command);
  return bytes;
}

absl::Status NotUnderstood(std::string_view part) {
  return absl::InvalidArgumentError(
      absl::StrCat("redis URL: ", part, "; want redis://[user:password@]host[:port][/database]"));
}

}  // namespace

absl::StatusOr<Endpoint> Endpoint::Parse(std::string_view url) {
  constexpr std::string_view kScheme = "redis://";
  if (!url.starts_with(kScheme)) return NotUnderstood("no redis:// in front");
  url.remove_prefix(kScheme.size());
  Endpoint endpoint;
  if (const size_t at = url.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = url.substr(0, at);
    const size_t colon = user.find(':');
    if (colon == std::string_view::npos) return NotUnderstood("a user without a password");
    endpoint.username = std::string(user.substr(0, colon));
    endpoint.password = std::string(user.substr(colon + 1));
    url.remove_prefix(at + 1);
  }
  if (const size_t slash = url.find('/'); slash != std::string_view::npos) {
    const std::string_view database = url.substr(slash + 1);
    if (!database.empty() &&
        (!absl::SimpleAtoi(database, &endpoint.database) || endpoint.database < 0)) {
      return NotUnderstood("the database is no number");
    }
    url = url.substr(0, slash);
  }
  if (const size_t colon = url.rfind(':'); colon != std::string_view::npos) {
    if (!absl::SimpleAtoi(url.substr(colon + 1), &endpoint.port) || endpoint.port < 1 ||
        endpoint.port > 65535) {
      return NotUnderstood("the port is not from 1 to 65535");
    }
    url = url.substr(0, colon);
  }
  if (url.empty()) return NotUnderstood("no host");
  endpoint.host = std::string(url);
  return endpoint;
}

Connection::Connection(base::ScopedFd fd) : fd_(std::move(fd)), reader_(redisReaderCreate()) {}

Connection::~Connection() {
  if (reader_ != nullptr) redisReaderFree(reader_);
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Endpoint& endpoint,
                                                             absl::Duration timeout) {
  const base::Countdown countdown(timeout);
  TM_ASSIGN_OR_RETURN(const std::vector<SocketAddress> addresses,
                      ResolveHost(endpoint.host, endpoint.port, timeout));
  absl::StatusOr<base::ScopedFd> fd = absl::UnavailableError("no address");
  for (const SocketAddress& address : addresses) {
    fd = Connect(address, countdown);
    if (fd.ok()) break;
  }
  if (!fd.ok()) {
    return absl::UnavailableError(
        absl::StrCat("redis ", endpoint.host, ":", endpoint.port, ": ", fd.status().message()));
  }
  std::unique_ptr<Connection> connection(new Connection(*std::move(fd)));
  if (connection->reader_ == nullptr) return absl::UnavailableError("redis: out of memory");
  TM_RETURN_IF_ERROR(connection->Authenticate(endpoint, countdown));
  return connection;
}

absl::Status Connection::Authenticate(const Endpoint& endpoint, const base::Countdown& countdown) {
  const auto run = [&](const std::vector<std::string_view>& args) {
    const absl::Status status = Command(args, countdown.Left()).status();
    if (!absl::IsFailedPrecondition(status)) return status;
    return absl::UnavailableError(absl::StrCat("redis refuses the user: ", status.message()));
  };
  if (!endpoint.password.empty()) {
    std::vector<std::string_view> args = {"AUTH"};
    if (!endpoint.username.empty()) args.push_back(endpoint.username);
    args.push_back(endpoint.password);
    TM_RETURN_IF_ERROR(run(args));
  }
  if (endpoint.database != 0) TM_RETURN_IF_ERROR(run({"SELECT", absl::StrCat(endpoint.database)}));
  return absl::OkStatus();
}

absl::Status Connection::Send(std::string_view bytes, const base::Countdown& countdown) {
  while (!bytes.empty()) {
    // MSG_NOSIGNAL: a Redis that went away must not kill the process.
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      TM_RETURN_IF_ERROR(WaitFor(fd_.get(), POLLOUT, countdown));
    } else if (errno != EINTR) {
      return FromErrno("send", errno);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<void*> Connection::Receive(const base::Countdown& countdown) {
  char buffer[16 << 10];
  while (true) {
    void* reply = nullptr;
    if (redisReaderGetReply(reader_, &reply) != REDIS_OK) {
      return absl::UnavailableError(absl::StrCat("redis: not its protocol: ", reader_->errstr));
    }
    if (reply != nullptr) return reply;
    TM_RETURN_IF_ERROR(WaitFor(fd_.get(), POLLIN, countdown));
    const ssize_t got = ::recv(fd_.get(), buffer, sizeof(buffer), 0);
    if (got == 0) return absl::UnavailableError("redis: hung up");
    if (got < 0 && errno != EAGAIN && errno != EINTR) return FromErrno("recv", errno);
    if (got > 0 && redisReaderFeed(reader_, buffer, static_cast<size_t>(got)) != REDIS_OK) {
      return absl::UnavailableError("redis: out of memory");
    }
  }
}

absl::StatusOr<std::optional<std::string>> Connection::Command(
    const std::vector<std::string_view>& args, absl::Duration timeout) {
  const base::Countdown countdown(timeout);
  TM_ASSIGN_OR_RETURN(const std::string command, Format(args));
  absl::Status sent = broken_ ? absl::UnavailableError("broken before") : Send(command, countdown);
  const absl::StatusOr<void*> received =
      sent.ok() ? Receive(countdown) : absl::StatusOr<void*>(std::move(sent));
  if (!received.ok()) {
    broken_ = true;
    return absl::UnavailableError(absl::StrCat(args[0], ": ", received.status().message()));
  }
  const std::unique_ptr<redisReply, ReplyDeleter> reply(static_cast<redisReply*>(*received));
  if (reply->type == REDIS_REPLY_NIL) return std::nullopt;
  if (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS) {
    return std::string(reply->str, reply->len);
  }
  const std::string_view text =
      reply->type == REDIS_REPLY_ERROR ? std::string_view(reply->str, reply->len) : "no text";
  return absl::FailedPreconditionError(absl::StrCat("redis ", args[0], ": ", text));
}

bool Connection::stale() const {
  pollfd descriptor = {.fd = fd_.get(), .events = POLLIN, .revents = 0};
  return broken_ || ::poll(&descriptor, 1, 0) != 0;
}

}  // namespace tidemark::redis
