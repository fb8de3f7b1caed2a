#include "common/redis/connection.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <pthread.h>

#include <csignal>
#include <ctime>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace tidemark::redis {
namespace {

struct ReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

// hiredis writes without MSG_NOSIGNAL: a Redis that went away would kill the process. Blocks
// SIGPIPE in this thread and swallows the one that was raised meanwhile.
class SigpipeGuard {
 public:
  SigpipeGuard() {
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  ~SigpipeGuard() {
    constexpr timespec kNoWait = {};
    if (!was_pending_) sigtimedwait(&sigpipe_, nullptr, &kNoWait);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

 private:
  sigset_t sigpipe_;
  sigset_t before_;
  bool was_pending_;
};

absl::Status NotUnderstood(std::string_view part) {
  return absl::InvalidArgumentError(
      absl::StrCat("redis URL: ", part, "; want redis://[user:password@]host[:port][/database]"));
}

absl::Status Authenticate(const Endpoint& endpoint, Connection* connection) {
  if (!endpoint.password.empty()) {
    std::vector<std::string_view> args = {"AUTH"};
    if (!endpoint.username.empty()) args.push_back(endpoint.username);
    args.push_back(endpoint.password);
    TM_RETURN_IF_ERROR(connection->Command(args).status());
  }
  if (endpoint.database != 0) {
    const std::string database = absl::StrCat(endpoint.database);
    TM_RETURN_IF_ERROR(connection->Command({"SELECT", database}).status());
  }
  return absl::OkStatus();
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

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Endpoint& endpoint,
                                                             absl::Duration connect_timeout,
                                                             absl::Duration command_timeout) {
  redisContext* context = redisConnectWithTimeout(endpoint.host.c_str(), endpoint.port,
                                                  absl::ToTimeval(connect_timeout));
  if (context == nullptr) return absl::UnavailableError("redis: out of memory");
  std::unique_ptr<Connection> connection(new Connection(context));
  if (context->err != 0) {
    return absl::UnavailableError(
        absl::StrCat("redis ", endpoint.host, ":", endpoint.port, ": ", context->errstr));
  }
  if (redisSetTimeout(context, absl::ToTimeval(command_timeout)) != REDIS_OK) {
    return absl::UnavailableError("redis: cannot set the timeout");
  }
  if (const absl::Status status = Authenticate(endpoint, connection.get()); !status.ok()) {
    return absl::UnavailableError(absl::StrCat("redis refuses the user: ", status.message()));
  }
  return connection;
}

Connection::~Connection() { redisFree(context_); }

absl::StatusOr<std::optional<std::string>> Connection::Command(
    const std::vector<std::string_view>& args) {
  std::vector<const char*> texts;
  std::vector<size_t> lengths;
  for (const std::string_view arg : args) {
    texts.push_back(arg.data());
    lengths.push_back(arg.size());
  }
  const SigpipeGuard guard;
  const std::unique_ptr<redisReply, ReplyDeleter> reply(static_cast<redisReply*>(
      redisCommandArgv(context_, static_cast<int>(args.size()), texts.data(), lengths.data())));
  if (reply == nullptr) {
    return absl::UnavailableError(absl::StrCat("redis ", args[0], ": ", context_->errstr));
  }
  if (reply->type == REDIS_REPLY_NIL) return std::nullopt;
  if (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS) {
    return std::string(reply->str, reply->len);
  }
  const std::string_view text =
      reply->type == REDIS_REPLY_ERROR ? std::string_view(reply->str, reply->len) : "no text";
  return absl::FailedPreconditionError(absl::StrCat("redis ", args[0], ": ", text));
}

bool Connection::broken() const { return context_->err != 0; }

bool Connection::stale() const {
  pollfd descriptor = {.fd = context_->fd, .events = POLLIN, .revents = 0};
  return broken() || ::poll(&descriptor, 1, 0) != 0;
}

}  // namespace tidemark::redis
