#ifndef TIDEMARK_SERVICES_ANALYTICS_APP_ANALYTICS_APP_H_
#define TIDEMARK_SERVICES_ANALYTICS_APP_ANALYTICS_APP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/rpc/server_runtime.h"

namespace tidemark::analytics {

// AnalyticsApp: the whole service: store, links to catalog and ingest, tokens, server.
//
//   TM_ASSIGN_OR_RETURN(auto app, AnalyticsApp::Start({.data_dir = dir, .ingest = ingest,
//                                                      .catalog = catalog,
//                                                      .service_token_file = file,
//                                                      .clock = &clock}));
//   app->Run();
//
// Start blocks until the store is open and the server listens. Health says NOT_SERVING until the
// catalog has been read and the fold has reached what the log held at first contact, or ingest
// stayed away for a while: then it answers up to the size it has and says so.
class AnalyticsApp {
 public:
  struct Options {
    std::string listen = "127.0.0.1:7303";
    // Made when it is missing. Not used by `memory:`.
    std::string data_dir;
    std::string ingest = "127.0.0.1:7301";
    std::string catalog = "127.0.0.1:7302";
    // Token of role service, for both.
    std::string service_token_file;
    // "host:port" or "redis://..."; empty: without.
    std::string redis;
    // "file:" or "memory:".
    std::string store = "file:";
    // Told in answers; empty: the address.
    std::string replica;
    // Effects per run written; 0: the store's own choice.
    uint64_t run_records = 0;
    // Throws the runs away and folds the log anew.
    bool rebuild = false;
    // Threads that one query uses; 0: as many as the machine has.
    int threads = 0;
    // What an answer must have cost to be kept in Redis.
    absl::Duration cache_from = absl::Milliseconds(2);
    // As rpc::ServerRuntime::Options. A dozen of the largest requests.
    size_t request_memory = size_t{48} << 20;
    // Of all queries that run, in the file engine; one may use half.
    uint64_t query_memory = uint64_t{4} << 30;
    // As access::TokenAuthorizer::Options::max_age.
    absl::Duration tokens_max_age = absl::Seconds(60);
    // As grants::GrantChecker::Options::max_age.
    absl::Duration grants_max_age = absl::Seconds(60);
    std::string tls_certificate_file;
    std::string tls_key_file;
    std::string tls_client_ca_file;
    // Set: ingest, or the catalog, is called with TLS.
    std::string ingest_ca_file;
    std::string catalog_ca_file;
    // Shown to services called with TLS.
    std::string client_certificate_file;
    std::string client_key_file;
    // Without a word from ingest, the service begins to answer after this.
    absl::Duration ingest_grace = absl::Seconds(3);
    absl::Duration checkpoint_interval = absl::Seconds(1);
    rpc::Lifetimes lifetimes;
    // Not owned.
    const base::Clock* clock = nullptr;
  };

  // Errors of RunStore::Open; INVALID_ARGUMENT names the flag.
  static absl::StatusOr<std::unique_ptr<AnalyticsApp>> Start(Options options);
  // Calls Shutdown().
  ~AnalyticsApp();

  // "host:port" with the real port.
  const std::string& address() const;
  // Blocks until SIGTERM or SIGINT, then shuts down.
  void Run();
  // Health first, then calls, executors, links, store. Idempotent.
  void Shutdown();

 private:
  struct Parts;
  explicit AnalyticsApp(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_APP_ANALYTICS_APP_H_
