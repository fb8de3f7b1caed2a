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

struct redisContext;

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

// One connection to Redis. Blocks. Not thread-safe.
class Connection {
 public:
  // UNAVAILABLE when there is no connection within `connect_timeout` or Redis refuses the user.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Endpoint& endpoint,
                                                          absl::Duration connect_timeout,
                                                          absl::Duration command_timeout);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The text of the answer; none for nil. UNAVAILABLE: no answer in time; the connection is
  // broken() then, as a late answer would be taken for that of the next command.
  // FAILED_PRECONDITION: Redis answered with an error.
  absl::StatusOr<std::optional<std::string>> Command(const std::vector<std::string_view>& args);
  bool broken() const;
  // True when the other side has hung up or has sent what nobody asked for. Does not block.
  bool stale() const;

 private:
  explicit Connection(redisContext* context) : context_(context) {}
  redisContext* const context_;
};

}  // namespace tidemark::redis

#endif  // TIDEMARK_COMMON_REDIS_CONNECTION_H_
