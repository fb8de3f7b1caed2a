#ifndef TIDEMARK_CLIENTS_CLI_APP_CONNECTION_H_
#define TIDEMARK_CLIENTS_CLI_APP_CONNECTION_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/app/terminal.h"
#include "common/rpc/channel_factory.h"

namespace tidemark::cli {

enum class Service { kIngest, kCatalog, kAnalytics };

// Values of the shared flags; defaults and environment are applied by App.
struct ConnectionOptions {
  std::string ingest;
  std::string catalog;
  std::string analytics;
  // Empty: the usual places (clients/cpp/access/token_file.h).
  std::string token_file;
  // PEM; empty: no TLS.
  std::string tls_ca;
  // PEM; shown to services that ask for a client's certificate.
  std::string tls_certificate;
  std::string tls_key;
};

// How a command reaches the services.
//
//   TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kCatalog));
//   TM_ASSIGN_OR_RETURN(std::string token, host.connection().Token());
//
// Not thread-safe. A channel connects on its first call and is shared between callers.
class Connection {
 public:
  explicit Connection(const Terminal& terminal) : terminal_(terminal) {}

  ConnectionOptions& options() { return options_; }
  const std::string& Address(Service service) const;
  // Address and TLS, for a channel of one's own.
  rpc::ChannelOptions OptionsOf(Service service) const;

  absl::StatusOr<std::shared_ptr<grpc::Channel>> Channel(Service service);
  // The bearer token. Errors are marked as data errors and say where was looked.
  absl::StatusOr<std::string> Token();
  // Where the token was found, for people; empty while none was asked for.
  const std::string& token_place() const { return token_place_; }

 private:
  const Terminal& terminal_;
  ConnectionOptions options_;
  std::string token_place_;
  std::shared_ptr<grpc::Channel> channels_[3];
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_CONNECTION_H_
