#include "services/analytics/app/flags.h"

#include <string>

#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "common/rpc/server_flags.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:7303", "Address to listen on, host:port.");
ABSL_FLAG(std::string, data, "",
          "Folder of what has been folded; made when missing. Required with --store=file:.");
ABSL_FLAG(std::string, ingest, "127.0.0.1:7301", "Address of the ingest service.");
ABSL_FLAG(std::string, catalog, "127.0.0.1:7302", "Address of the catalog service.");
ABSL_FLAG(std::string, service_token_file, "",
          "File of a token of role service, for catalog and ingest; the catalog makes one in its "
          "data folder. Required.");
ABSL_FLAG(std::string, redis, "",
          "Redis that keeps expensive answers, host:port or redis://...; empty: none.");
ABSL_FLAG(std::string, store, "file:",
          "Engine: file: keeps columnar runs in --data, memory: is plain, slow and forgets.");
ABSL_FLAG(
    std::string, replica, "",
    "Name of this replica, told in answers; empty: --listen, or the machine's name where that is "
    "0.0.0.0 or [::].");
ABSL_FLAG(uint64_t, run_records, 0,
          "Effects that a run file gets when it is written; 0: about four million.");
ABSL_FLAG(bool, rebuild, false, "Throw the runs in --data away and fold the log anew.");
ABSL_FLAG(int32_t, threads, 0, "Threads that one query uses; 0: as many as the machine has.");
ABSL_FLAG(absl::Duration, cache_from, absl::Milliseconds(2),
          "What an answer must have cost to be kept in Redis: a duration, such as 2ms.");
ABSL_FLAG(uint64_t, request_memory, uint64_t{48} << 20,
          "Most bytes of requests in the server at a time, of all callers together; beyond it "
          "calls are cut off.");
ABSL_FLAG(uint64_t, query_memory, uint64_t{4} << 30,
          "Most bytes that all queries that run may use together; one may use half. Beyond it a "
          "query is refused and told what to narrow.");
ABSL_FLAG(absl::Duration, tokens_max_age, absl::Seconds(60),
          "Without a word from the catalog for longer than this, no token is trusted: "
          "a duration, such as 60s.");
ABSL_FLAG(absl::Duration, grants_max_age, absl::Seconds(60),
          "Without a word from the catalog for longer than this, no grant permits anything: "
          "a duration, such as 60s.");
ABSL_FLAG(std::string, tls_certificate_file, "", "PEM certificate of the server; empty: no TLS.");
ABSL_FLAG(std::string, tls_key_file, "", "PEM key of the certificate.");
ABSL_FLAG(std::string, tls_client_ca_file, "",
          "PEM certificates that sign clients; set, clients must have one.");
ABSL_FLAG(std::string, ingest_ca_file, "",
          "PEM certificates that sign ingest's; empty: ingest is called without TLS.");
ABSL_FLAG(std::string, catalog_ca_file, "",
          "PEM certificates that sign the catalog's; empty: the catalog is called without TLS.");
ABSL_FLAG(std::string, client_certificate_file, "",
          "PEM certificate that this service shows to services whose --tls_client_ca_file wants "
          "one; empty: none.");
ABSL_FLAG(std::string, client_key_file, "", "PEM key of --client_certificate_file.");

namespace tidemark::analytics {

AnalyticsApp::Options OptionsFromFlags() {
  AnalyticsApp::Options options;
  options.listen = absl::GetFlag(FLAGS_listen);
  options.data_dir = absl::GetFlag(FLAGS_data);
  options.ingest = absl::GetFlag(FLAGS_ingest);
  options.catalog = absl::GetFlag(FLAGS_catalog);
  options.service_token_file = absl::GetFlag(FLAGS_service_token_file);
  options.redis = absl::GetFlag(FLAGS_redis);
  options.store = absl::GetFlag(FLAGS_store);
  options.replica = absl::GetFlag(FLAGS_replica);
  options.run_records = absl::GetFlag(FLAGS_run_records);
  options.rebuild = absl::GetFlag(FLAGS_rebuild);
  options.threads = absl::GetFlag(FLAGS_threads);
  options.cache_from = absl::GetFlag(FLAGS_cache_from);
  options.request_memory = absl::GetFlag(FLAGS_request_memory);
  options.query_memory = absl::GetFlag(FLAGS_query_memory);
  options.tokens_max_age = absl::GetFlag(FLAGS_tokens_max_age);
  options.grants_max_age = absl::GetFlag(FLAGS_grants_max_age);
  options.tls_certificate_file = absl::GetFlag(FLAGS_tls_certificate_file);
  options.tls_key_file = absl::GetFlag(FLAGS_tls_key_file);
  options.tls_client_ca_file = absl::GetFlag(FLAGS_tls_client_ca_file);
  options.ingest_ca_file = absl::GetFlag(FLAGS_ingest_ca_file);
  options.catalog_ca_file = absl::GetFlag(FLAGS_catalog_ca_file);
  options.client_certificate_file = absl::GetFlag(FLAGS_client_certificate_file);
  options.client_key_file = absl::GetFlag(FLAGS_client_key_file);
  options.lifetimes = rpc::LifetimesFromFlags();
  return options;
}

}  // namespace tidemark::analytics
