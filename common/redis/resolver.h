#ifndef TIDEMARK_COMMON_REDIS_RESOLVER_H_
#define TIDEMARK_COMMON_REDIS_RESOLVER_H_

#include <sys/socket.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tidemark::redis {

struct SocketAddress {
  sockaddr_storage bytes = {};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
};

// The addresses of a host, IPv4 first; at least one. A name is looked up on a thread of its own,
// as the system's resolver cannot be told when to give up: it may go on for a while after the
// caller has left, and whoever asks for the same name meanwhile waits for the same lookup.
// UNAVAILABLE: unknown, or not known within `timeout`. Thread-safe.
absl::StatusOr<std::vector<SocketAddress>> ResolveHost(const std::string& host, int port,
                                                       absl::Duration timeout);

}  // namespace tidemark::redis

#endif  // TIDEMARK_COMMON_REDIS_RESOLVER_H_
