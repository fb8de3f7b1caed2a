#ifndef TIDEMARK_COMMON_REDIS_CONNECTION_H_
#define TIDEMARK_COMMON_REDIS_CONNECTION_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/countdown.h"
#include "common/base/scoped_fd.h"

struct redisReader;

namespace tidemark::redis {

struct Endpoint {
  std::string host = "127.0.0.1";
  int port = 6379;
  // Empty: none. For ACL users `username` as well.
  std::string username;
  std::string password;
  int database = 0;

  // "redis://[user:password@]host[:port][/database]". INVALID_ARGUMENT names what is wrong and
  // never shows the password.
  static absl::StatusOr<Endpoint> Parse(std::string_view url);
};

// One connection to Redis. Blocks, but never longer than it was told, however slowly the other
// side sends. Not thread-safe.
class Connection {
 public:
  // `timeout` is for all of it: looking up the host, connecting, logging in. UNAVAILABLE when
  // that does not succeed in time or Redis refuses the user.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Endpoint& endpoint,
                                                          absl::Duration timeout);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The text of the answer; none for nil. `timeout` is for the whole of it, from the first byte
  // sent to the last received. UNAVAILABLE: no whole answer in time; the connection is broken()
  // then, as a late answer would be taken for that of the next command. FAILED_PRECONDITION:
  // Redis answered with an error.
  absl::StatusOr<std::optional<std::string>> Command(const std::vector<std::string_view>& args,
                                                     absl::Duration timeout);
  bool broken() const { return broken_; }
  // True when the other side has hung up or has sent what nobody asked for. Does not block.
  bool stale() const;

 private:
  explicit Connection(base::ScopedFd fd);
  absl::Status Authenticate(const Endpoint& endpoint, const base::Countdown& countdown);
  absl::Status Send(std::string_view bytes, const base::Countdown& countdown);
  // Feeds the reader until it holds a whole answer, of hiredis' type redisReply.
  absl::StatusOr<void*> Receive(const base::Countdown& countdown);

  const base::ScopedFd fd_;
  redisReader* const reader_;
  bool broken_ = false;
};

}  // namespace tidemark::redis

#endif  // TIDEMARK_COMMON_REDIS_CONNECTION_H_
