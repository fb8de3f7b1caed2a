#ifndef TIDEMARK_SERVICES_INGEST_APP_INGEST_APP_H_
#define TIDEMARK_SERVICES_INGEST_APP_INGEST_APP_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/rpc/server_runtime.h"
#include "services/ingest/store/file_log_store.h"
#include "services/ingest/store/quarantine_book.h"

namespace tidemark::ingest {

// IngestApp: the whole service: log, catalog link, tokens, server. The log is in a folder of this
// process, which then serves fronts, too, or in another process, whose front this one is.
//
//   TM_ASSIGN_OR_RETURN(auto app, IngestApp::Start({.data_dir = dir, .catalog = address,
//                                                   .service_token_file = file,
//                                                   .clock = &clock}));
//   app->Run();
//
// Start blocks until the log is open and the server listens; it does not wait for the catalog:
// until that is read, events get UNAVAILABLE while reading works.
class IngestApp {
 public:
  struct Options {
    std::string listen = "127.0.0.1:7301";
    // "file:": the log is in data_dir. "grpc://host:port": it is that of the ingest service there.
    std::string store = "file:";
    // Made when it is missing. Of a log in this process only.
    std::string data_dir;
    std::string catalog = "127.0.0.1:7302";
    // Token of role service, for the catalog and the owner of the log.
    std::string service_token_file;
    // "host:port" or "redis://..."; empty: without.
    std::string redis;
    size_t identity_memory = FileLogStore::kDefaultIdentityMemory;
    // Of rejected events, of a log in this process only.
    QuarantineLimits quarantine;
    // As rpc::ServerRuntime::Options. A dozen of the largest requests.
    size_t request_memory = size_t{512} << 20;
    // As access::TokenAuthorizer::Options::max_age.
    absl::Duration tokens_max_age = absl::Seconds(60);
    std::string log_name;
    std::string tls_certificate_file;
    std::string tls_key_file;
    std::string tls_client_ca_file;
    // Set: the catalog is called with TLS.
    std::string catalog_ca_file;
    // Set: the owner of the log is called with TLS.
    std::string store_ca_file;
    // Shown to the catalog and the owner of the log; only with their CA files.
    std::string client_certificate_file;
    std::string client_key_file;
    absl::Duration checkpoint_interval = absl::Seconds(1);
    rpc::Lifetimes lifetimes;
    // Not owned.
    const base::Clock* clock = nullptr;
  };

  // Errors of FileLogStore::Open and GrpcLogStore::Open; INVALID_ARGUMENT names the flag.
  static absl::StatusOr<std::unique_ptr<IngestApp>> Start(Options options);
  // Calls Shutdown().
  ~IngestApp();

  // "host:port" with the real port.
  const std::string& address() const;
  // Blocks until SIGTERM or SIGINT, then shuts down.
  void Run();
  // Health first, then followers, calls (batches under way are answered), executors, log.
  // Idempotent.
  void Shutdown();

 private:
  struct Parts;
  explicit IngestApp(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// `tidemark-ingest --check`: prints what is found in the log of `data_dir`; returns the exit
// code, 0 for a good log. `kept_checkpoint`, not empty, is the file of a checkpoint as CheckLog
// takes it.
int CheckLogAndPrint(const std::string& data_dir, const std::string& kept_checkpoint);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_APP_INGEST_APP_H_
