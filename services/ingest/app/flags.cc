#include "services/ingest/app/flags.h"

#include <string>

#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "common/rpc/server_flags.h"
#include "services/ingest/store/file_log_store.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:7301", "Address to listen on, host:port.");
ABSL_FLAG(std::string, store, "file:",
          "Where the log is. file: in the folder --data, owned by this process. grpc://host:port: "
          "with the tidemark-ingest there; this one is a front that keeps nothing.");
ABSL_FLAG(std::string, data, "",
          "Folder of the log; made when missing. Required with --store=file:.");
ABSL_FLAG(std::string, catalog, "127.0.0.1:7302", "Address of the catalog service.");
ABSL_FLAG(std::string, service_token_file, "",
          "File of a token of role service, for the catalog and the owner of the log; the catalog "
          "makes one in its data folder. Required.");
ABSL_FLAG(std::string, redis, "",
          "Redis that keeps verdicts of recent request ids and quotas of sources, host:port or "
          "redis://...; empty: "
          "none.");
ABSL_FLAG(
    uint64_t, identity_memory, tidemark::ingest::FileLogStore::kDefaultIdentityMemory,
    "Most bytes of memory for the newest identities of events, about 25 each; older ones move "
    "to disk and take 1.5 bytes each besides.");
ABSL_FLAG(uint64_t, quarantine_events, tidemark::ingest::QuarantineLimits().max_events,
          "Most rejected events kept, of all sources together; 0: none.");
ABSL_FLAG(uint64_t, quarantine_bytes, tidemark::ingest::QuarantineLimits().max_bytes,
          "Most bytes of memory for rejected events, of all sources together; on disk up to three "
          "times as many.");
ABSL_FLAG(uint64_t, quarantine_source_events,
          tidemark::ingest::QuarantineLimits().max_source_events,
          "Most rejected events kept of one source.");
ABSL_FLAG(uint64_t, quarantine_source_bytes, tidemark::ingest::QuarantineLimits().max_source_bytes,
          "Most bytes of memory for rejected events of one source.");
ABSL_FLAG(uint64_t, request_memory, uint64_t{512} << 20,
          "Most bytes of requests in the server at a time, of all callers together; beyond it "
          "calls are cut off.");
ABSL_FLAG(absl::Duration, tokens_max_age, absl::Seconds(60),
          "Without a word from the catalog for longer than this, no token is trusted, but for "
          "sending events: a duration, such as 60s.");
ABSL_FLAG(std::string, log_name, "",
          "Name of the log in its checkpoints, without spaces and '+', such as "
          "stats.example.org/ledger; fixed when the log is made. Empty: made of the log's id.");
ABSL_FLAG(std::string, tls_certificate_file, "", "PEM certificate of the server; empty: no TLS.");
ABSL_FLAG(std::string, tls_key_file, "", "PEM key of the certificate.");
ABSL_FLAG(std::string, tls_client_ca_file, "",
          "PEM certificates that sign clients; set, clients must have one.");
ABSL_FLAG(std::string, catalog_ca_file, "",
          "PEM certificates that sign the catalog's; empty: the catalog is called without TLS.");
ABSL_FLAG(std::string, store_ca_file, "",
          "PEM certificates that sign those of the log's owner; empty: it is called without TLS.");
ABSL_FLAG(std::string, client_certificate_file, "",
          "PEM certificate that this service shows to services whose --tls_client_ca_file wants "
          "one; empty: none.");
ABSL_FLAG(std::string, client_key_file, "", "PEM key of --client_certificate_file.");
ABSL_FLAG(bool, check, false,
          "Verify the log in --data from its files, print what was found and exit; 0: good.");
ABSL_FLAG(
    std::string, checkpoint, "",
    "With --check: file of a checkpoint that was kept (tidemark ledger checkpoint --out); the "
    "log must still begin with what it covers. Empty: none.");

namespace tidemark::ingest {

IngestApp::Options OptionsFromFlags() {
  IngestApp::Options options;
  options.listen = absl::GetFlag(FLAGS_listen);
  options.store = absl::GetFlag(FLAGS_store);
  options.data_dir = absl::GetFlag(FLAGS_data);
  options.catalog = absl::GetFlag(FLAGS_catalog);
  options.service_token_file = absl::GetFlag(FLAGS_service_token_file);
  options.redis = absl::GetFlag(FLAGS_redis);
  options.identity_memory = absl::GetFlag(FLAGS_identity_memory);
  options.quarantine = {.max_events = absl::GetFlag(FLAGS_quarantine_events),
                        .max_bytes = absl::GetFlag(FLAGS_quarantine_bytes),
                        .max_source_events = absl::GetFlag(FLAGS_quarantine_source_events),
                        .max_source_bytes = absl::GetFlag(FLAGS_quarantine_source_bytes)};
  options.request_memory = absl::GetFlag(FLAGS_request_memory);
  options.tokens_max_age = absl::GetFlag(FLAGS_tokens_max_age);
  options.log_name = absl::GetFlag(FLAGS_log_name);
  options.tls_certificate_file = absl::GetFlag(FLAGS_tls_certificate_file);
  options.tls_key_file = absl::GetFlag(FLAGS_tls_key_file);
  options.tls_client_ca_file = absl::GetFlag(FLAGS_tls_client_ca_file);
  options.catalog_ca_file = absl::GetFlag(FLAGS_catalog_ca_file);
  options.store_ca_file = absl::GetFlag(FLAGS_store_ca_file);
  options.client_certificate_file = absl::GetFlag(FLAGS_client_certificate_file);
  options.client_key_file = absl::GetFlag(FLAGS_client_key_file);
  options.lifetimes = rpc::LifetimesFromFlags();
  return options;
}

bool CheckWanted() { return absl::GetFlag(FLAGS_check); }
std::string KeptCheckpoint() { return absl::GetFlag(FLAGS_checkpoint); }

}  // namespace tidemark::ingest
