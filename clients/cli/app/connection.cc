#include "clients/cli/app/connection.h"

#include "clients/cli/app/exit_code.h"
#include "clients/cpp/access/token_file.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {

const std::string& Connection::Address(Service service) const {
  switch (service) {
    case Service::kIngest:
      return options_.ingest;
    case Service::kCatalog:
      return options_.catalog;
    default:
      return options_.analytics;
  }
}

rpc::ChannelOptions Connection::OptionsOf(Service service) const {
  return {.target = Address(service),
          .tls_ca_file = options_.tls_ca,
          .tls_certificate_file = options_.tls_certificate,
          .tls_key_file = options_.tls_key};
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connection::Channel(Service service) {
  std::shared_ptr<grpc::Channel>& channel = channels_[static_cast<int>(service)];
  if (channel == nullptr) {
    auto created = rpc::CreateChannel(OptionsOf(service));
    if (!created.ok()) return UsageError(created.status());
    channel = *std::move(created);
  }
  return channel;
}

absl::StatusOr<std::string> Connection::Token() {
  auto token =
      access::FindToken({.token_file = options_.token_file, .environment = terminal_.environment});
  if (!token.ok()) return DataError(token.status());
  token_place_ = token->place;
  return std::move(token->secret);
}

}  // namespace tidemark::cli
