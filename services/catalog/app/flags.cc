#include "services/catalog/app/flags.h"

#include "absl/flags/flag.h"
#include "common/rpc/server_flags.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:7302", "Address to listen on, host:port.");
ABSL_FLAG(std::string, data, "", "Folder of the catalog's data; made when missing. Required.");
ABSL_FLAG(std::string, redis, "",
          "Redis that keeps long lists, host:port or redis://...; empty: none.");
ABSL_FLAG(std::string, admin_token_file, "",
          "File of the first admin's token, made when missing; empty: DATA/admin.token.");
ABSL_FLAG(std::string, service_token_file, "",
          "File of the other services' token, made when missing; empty: DATA/service.token.");
ABSL_FLAG(uint64_t, request_memory, uint64_t{192} << 20,
          "Most bytes of requests in the server at a time, of all callers together; beyond it "
          "calls are cut off.");
ABSL_FLAG(std::string, tls_certificate_file, "", "PEM certificate of the server; empty: no TLS.");
ABSL_FLAG(std::string, tls_key_file, "", "PEM key of the certificate.");
ABSL_FLAG(std::string, tls_client_ca_file, "",
          "PEM certificates that sign clients; set, clients must have one.");

namespace tidemark::catalog {

CatalogApp::Options OptionsFromFlags() {
  CatalogApp::Options options;
  options.listen = absl::GetFlag(FLAGS_listen);
  options.data_dir = absl::GetFlag(FLAGS_data);
  options.redis = absl::GetFlag(FLAGS_redis);
  options.admin_token_file = absl::GetFlag(FLAGS_admin_token_file);
  options.service_token_file = absl::GetFlag(FLAGS_service_token_file);
  options.request_memory = absl::GetFlag(FLAGS_request_memory);
  options.tls_certificate_file = absl::GetFlag(FLAGS_tls_certificate_file);
  options.tls_key_file = absl::GetFlag(FLAGS_tls_key_file);
  options.tls_client_ca_file = absl::GetFlag(FLAGS_tls_client_ca_file);
  options.lifetimes = rpc::LifetimesFromFlags();
  return options;
}

}  // namespace tidemark::catalog
