#ifndef TIDEMARK_COMMON_REDIS_CONNECTION_POOL_H_
#define TIDEMARK_COMMON_REDIS_CONNECTION_POOL_H_

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/redis/connection.h"

namespace tidemark::redis {

// A bounded number of connections, opened when wanted. Thread-safe. Blocks.
class ConnectionPool {
 public:
  struct Options {
    Endpoint endpoint;
    size_t max_connections = 8;
    // From the host's name to a connection that is logged in.
    absl::Duration connect_timeout = absl::Milliseconds(50);
    // From the first byte of a command to the last of its answer.
    absl::Duration command_timeout = absl::Milliseconds(50);
  };
  explicit ConnectionPool(Options options) : options_(std::move(options)) {}

  // Gives its connection back when it goes, unless that broke.
  class Lease {
   public:
    Lease(ConnectionPool* pool, std::unique_ptr<Connection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Connection* operator->() const { return connection_.get(); }

   private:
    ConnectionPool* pool_;
    std::unique_ptr<Connection> connection_;
  };
  // RESOURCE_EXHAUSTED: all are in use for as long as a command may take; says nothing about
  // Redis. UNAVAILABLE: cannot connect.
  absl::StatusOr<Lease> Acquire();

 private:
  void GiveBack(std::unique_ptr<Connection> connection);

  const Options options_;
  base::Mutex mutex_;
  base::CondVar freed_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
  size_t leased_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tidemark::redis

#endif  // TIDEMARK_COMMON_REDIS_CONNECTION_POOL_H_
