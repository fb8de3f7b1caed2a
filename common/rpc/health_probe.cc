#include "common/rpc/health_probe.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/varint.h"
#include "common/rpc/pem_file.h"
#include "common/rpc/raw_call.h"
#include "common/status/status_macros.h"

namespace tidemark::rpc {
namespace {

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(const HealthProbe& probe) {
  if (probe.tls_certificate_file.empty()) return grpc::InsecureChannelCredentials();
  TM_ASSIGN_OR_RETURN(std::string certificate,
                      ReadPemFile("tls_certificate_file", probe.tls_certificate_file));
  TM_ASSIGN_OR_RETURN(std::string key, ReadPemFile("tls_key_file", probe.tls_key_file));
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  options.set_certificate_provider(
      std::make_shared<grpc::experimental::StaticDataCertificateProvider>(
          std::vector<grpc::experimental::IdentityKeyCertPair>{
              {std::move(key), std::move(certificate)}}));
  options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace

absl::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, std::string_view service,
                         absl::Duration timeout) {
  // grpc.health.v1.HealthCheckRequest {1: service} and HealthCheckResponse {1: status}, of which
  // SERVING is 1; Debian's gRPC has no generated code of them.
  std::string request;
  if (!service.empty()) {
    request.push_back('\x0A');
    base::AppendVarint(service.size(), &request);
    request += service;
  }
  const auto answer = CallRaw(channel, "/grpc.health.v1.Health/Check", request, "", timeout);
  if (absl::IsNotFound(answer.status())) {
    return absl::NotFoundError(absl::StrCat("serves no \"", service, "\""));
  }
  if (!answer.ok()) {
    return absl::UnavailableError(absl::StrCat("does not answer: ", answer.status().message()));
  }
  if (*answer == "\x08\x01") return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("is not ready", service.empty() ? "" : ": ", service));
}

absl::Status Probe(const HealthProbe& probe) {
  TM_ASSIGN_OR_RETURN(const auto credentials, Credentials(probe));
  const absl::Status health =
      CheckHealth(grpc::CreateChannel(probe.address, credentials), probe.service, probe.timeout);
  if (health.ok()) return health;
  return {health.code(), absl::StrCat(probe.address, " ", health.message())};
}

}  // namespace tidemark::rpc
