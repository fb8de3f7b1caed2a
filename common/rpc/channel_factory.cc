#include "common/rpc/channel_factory.h"

#include <grpc/support/time.h>
#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/rpc/lock_checks.h"
#include "common/rpc/pem_file.h"
#include "common/status/status_macros.h"

namespace tidemark::rpc {
namespace {

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(
    const ChannelOptions& options) {
  if (options.tls_certificate_file.empty() != options.tls_key_file.empty()) {
    return absl::InvalidArgumentError("tls_certificate_file and tls_key_file: want both or none");
  }
  if (options.tls_ca_file.empty()) {
    if (!options.tls_certificate_file.empty()) {
      return absl::InvalidArgumentError(
          "tls_certificate_file: want tls_ca_file as well; without TLS nobody is shown it");
    }
    return grpc::InsecureChannelCredentials();
  }
  grpc::SslCredentialsOptions ssl;
  TM_ASSIGN_OR_RETURN(ssl.pem_root_certs, ReadPemFile("tls_ca_file", options.tls_ca_file));
  TM_ASSIGN_OR_RETURN(ssl.pem_cert_chain,
                      ReadPemFile("tls_certificate_file", options.tls_certificate_file));
  TM_ASSIGN_OR_RETURN(ssl.pem_private_key, ReadPemFile("tls_key_file", options.tls_key_file));
  return grpc::SslCredentials(ssl);
}

// {"service":"tidemark.catalog.v1.CatalogService","method":"Get"}
std::string MethodName(std::string_view full_name) {
  const size_t slash = full_name.rfind('/');
  if (slash == std::string_view::npos) return absl::StrCat("{\"service\":\"", full_name, "\"}");
  return absl::StrCat("{\"service\":\"", full_name.substr(0, slash), "\",\"method\":\"",
                      full_name.substr(slash + 1), "\"}");
}

// No methodConfig timeout in here: gRPC 1.51 fails such calls at once (grpc#40633).
std::string ServiceConfig(const ChannelOptions& options) {
  std::string config = "{\"loadBalancingConfig\":[{\"round_robin\":{}}]";
  if (!options.health_service_name.empty()) {
    absl::StrAppend(&config, ",\"healthCheckConfig\":{\"serviceName\":\"",
                    options.health_service_name, "\"}");
  }
  if (!options.retryable_methods.empty()) {
    absl::StrAppend(
        &config, ",\"methodConfig\":[{\"name\":[",
        absl::StrJoin(
            options.retryable_methods, ",",
            [](std::string* out, const std::string& method) { out->append(MethodName(method)); }),
        "],\"retryPolicy\":{\"maxAttempts\":4,\"initialBackoff\":\"0.05s\",\"maxBackoff\":\"1s\","
        "\"backoffMultiplier\":2,\"retryableStatusCodes\":[\"UNAVAILABLE\"]}}],"
        "\"retryThrottling\":{\"maxTokens\":10,\"tokenRatio\":0.1}");
  }
  config.push_back('}');
  return config;
}

// gRPC takes a port modulo 65536, and so would dial another one.
absl::Status CheckTarget(std::string_view target) {
  if (target.empty()) {
    return absl::InvalidArgumentError(
        "server address: empty, want host:port, as 127.0.0.1:7301, or dns:///host:port");
  }
  if (absl::StartsWith(target, "unix")) return absl::OkStatus();
  for (const std::string_view one : absl::StrSplit(target, ',')) {
    const std::string_view port = one.substr(one.rfind(':') + 1);
    uint64_t number = 0;
    if (port.size() < one.size() && !port.empty() &&
        port.find_first_not_of("0123456789") == std::string_view::npos &&
        (!absl::SimpleAtoi(port, &number) || number < 1 || number > 65535)) {
      return absl::InvalidArgumentError(
          absl::StrCat("server address: ", one, ", want a port from 1 to 65535"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> CreateChannel(const ChannelOptions& options) {
  TM_RETURN_IF_ERROR(CheckTarget(options.target));
  SkipLockOrderChecks();
  TM_ASSIGN_OR_RETURN(const auto credentials, Credentials(options));
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(ServiceConfig(options));
  arguments.SetMaxReceiveMessageSize(static_cast<int>(options.max_receive_bytes));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  // Pings go on while a stream waits for data.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // How long one attempt to connect may take, whatever its name says.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  // A container that comes back may have another address; gRPC would not look for half a minute.
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 1'000);
  return grpc::CreateCustomChannel(options.target, credentials, arguments);
}

void PrepareCall(grpc::ClientContext* context, std::string_view token, absl::Duration timeout) {
  if (timeout < absl::InfiniteDuration()) {
    context->set_deadline(
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                     gpr_time_from_millis(absl::ToInt64Milliseconds(timeout), GPR_TIMESPAN)));
  }
  if (!token.empty()) context->AddMetadata("authorization", absl::StrCat("Bearer ", token));
}

}  // namespace tidemark::rpc
