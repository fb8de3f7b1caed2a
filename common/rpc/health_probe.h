#ifndef TIDEMARK_COMMON_RPC_HEALTH_PROBE_H_
#define TIDEMARK_COMMON_RPC_HEALTH_PROBE_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace tidemark::rpc {

struct HealthProbe {
  // "127.0.0.1:7301"
  std::string address;
  // A name of grpc.health.v1, empty: the server as a whole.
  std::string service;
  // PEM files; a certificate makes the probe use TLS and show it. The server's own is good enough:
  // the probe tells nothing and believes nothing but SERVING, so the other's is not checked.
  std::string tls_certificate_file;
  std::string tls_key_file;
  absl::Duration timeout = absl::Seconds(3);
};

// OK when the server says SERVING. UNAVAILABLE: it says something else, or nothing. NOT_FOUND: it
// does not know the service.
absl::Status Probe(const HealthProbe& probe);

// The same over a channel that is there. Errors name no address.
absl::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, std::string_view service,
                         absl::Duration timeout);

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_HEALTH_PROBE_H_
