#include "common/redis/connection_pool.h"

#include "common/base/clock.h"

namespace tidemark::redis {

ConnectionPool::Lease::~Lease() {
  if (connection_ != nullptr) pool_->GiveBack(std::move(connection_));
}

absl::StatusOr<ConnectionPool::Lease> ConnectionPool::Acquire() {
  {
    const base::SystemClock clock;
    const int64_t until =
        clock.MonotonicNanos() + absl::ToInt64Nanoseconds(options_.command_timeout);
    base::MutexLock lock(mutex_);
    while (leased_ >= options_.max_connections) {
      const int64_t left = until - clock.MonotonicNanos();
      if (left <= 0) return absl::ResourceExhaustedError("all redis connections are in use");
      freed_.WaitFor(mutex_, absl::Nanoseconds(left));
    }
    ++leased_;
    while (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      // Redis closes idle connections and may have been restarted meanwhile.
      if (!connection->stale()) return Lease(this, std::move(connection));
    }
  }
  auto connection = Connection::Open(options_.endpoint, options_.connect_timeout);
  if (connection.ok()) return Lease(this, *std::move(connection));
  GiveBack(nullptr);
  return connection.status();
}

void ConnectionPool::GiveBack(std::unique_ptr<Connection> connection) {
  base::MutexLock lock(mutex_);
  --leased_;
  if (connection != nullptr && !connection->broken()) idle_.push_back(std::move(connection));
  freed_.NotifyOne();
}

}  // namespace tidemark::redis
