#ifndef TIDEMARK_COMMON_RPC_CHANNEL_FACTORY_H_
#define TIDEMARK_COMMON_RPC_CHANNEL_FACTORY_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace tidemark::rpc {

struct ChannelOptions {
  // "127.0.0.1:7301", "dns:///ingest:7301" or "ipv4:10.0.0.1:7301,10.0.0.2:7301".
  std::string target;
  // PEM; a CA makes the channel use TLS. `tls_certificate_file` and `tls_key_file` are
  // the client's own, for servers that ask for one (--tls_client_ca_file).
  std::string tls_ca_file;
  std::string tls_certificate_file;
  std::string tls_key_file;
  // Calls go only to backends whose health says SERVING for this name; empty: to all.
  std::string health_service_name;
  // "tidemark.catalog.v1.CatalogService/Get": retried on UNAVAILABLE, at most 4 attempts.
  // Only methods that may run twice.
  std::vector<std::string> retryable_methods;
  size_t max_receive_bytes = size_t{64} << 20;
};

// Connects on first use, over all addresses in turn, with keepalive and quick reconnects.
// INVALID_ARGUMENT for an empty target or TLS files that cannot be read.
absl::StatusOr<std::shared_ptr<grpc::Channel>> CreateChannel(const ChannelOptions& options);

// Every call has a deadline; `token` ("tm_...") goes into the authorization metadata, unless
// empty. absl::InfiniteDuration() is for streams that watch.
void PrepareCall(grpc::ClientContext* context, std::string_view token, absl::Duration timeout);

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_CHANNEL_FACTORY_H_
