#ifndef TIDEMARK_SERVICES_CATALOG_APP_CATALOG_APP_H_
#define TIDEMARK_SERVICES_CATALOG_APP_CATALOG_APP_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/rpc/server_runtime.h"

namespace tidemark::catalog {

// CatalogApp: the whole service: data folder, store, catalog, tokens, server.
//
//   TM_ASSIGN_OR_RETURN(auto app, CatalogApp::Start({.data_dir = dir, .clock = &clock}));
//   app->Run();
//
// Start blocks until the service answers. The folder belongs to one process at a time.
class CatalogApp {
 public:
  struct Options {
    std::string listen = "127.0.0.1:7302";
    // Made when it is missing.
    std::string data_dir;
    // "host:port" or "redis://..."; empty: without.
    std::string redis;
    // Empty: admin.token and service.token in the data folder.
    std::string admin_token_file;
    std::string service_token_file;
    std::string tls_certificate_file;
    std::string tls_key_file;
    std::string tls_client_ca_file;
    // As rpc::ServerRuntime::Options. A dozen of the largest requests.
    size_t request_memory = size_t{192} << 20;
    absl::Duration heartbeat = absl::Seconds(2);
    rpc::Lifetimes lifetimes;
    // Not owned.
    const base::Clock* clock = nullptr;
  };

  // FAILED_PRECONDITION: another process has the folder, or its format is newer. DATA_LOSS: the
  // folder's file is damaged. INVALID_ARGUMENT names the flag.
  static absl::StatusOr<std::unique_ptr<CatalogApp>> Start(Options options);
  // Calls Shutdown().
  ~CatalogApp();

  // "host:port" with the real port.
  const std::string& address() const;
  // Blocks until SIGTERM or SIGINT, then shuts down.
  void Run();
  // Health first, then watches, calls, executors, store. Idempotent.
  void Shutdown();

 private:
  struct Parts;
  explicit CatalogApp(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_APP_CATALOG_APP_H_
