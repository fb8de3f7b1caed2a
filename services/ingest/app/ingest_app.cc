#include "services/ingest/app/ingest_app.h"

#include <grpcpp/impl/service_type.h>

#include <cstdio>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/access/token_authorizer.h"
#include "clients/cpp/access/token_file.h"
#include "common/base/executor.h"
#include "common/base/ticker.h"
#include "common/config/config.h"
#include "common/fs/file_system.h"
#include "common/log/log.h"
#include "common/redis/open_cache.h"
#include "common/rpc/channel_factory.h"
#include "common/rpc/raw_stream.h"
#include "common/rpc/server_runtime.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/ingest/api/ingest_service.h"
#include "services/ingest/api/tail.h"
#include "services/ingest/app/catalog_link.h"
#include "services/ingest/domain/open_codes_loader.h"
#include "services/ingest/store/file_log_store.h"
#include "services/ingest/store/log_check.h"

namespace tidemark::ingest {
namespace {

// Health names besides the service's: what it depends on, each told apart.
constexpr char kLogHealth[] = "ingest.log";
constexpr char kCatalogHealth[] = "ingest.catalog";
constexpr char kRedisHealth[] = "ingest.redis";

absl::Status Missing(std::string_view flag, std::string_view want) {
  return status::InvalidArgument(flag, absl::StrCat("missing; want ", want), "INVALID_FLAG");
}

}  // namespace

// In order of construction; what stands later uses what stands before.
struct IngestApp::Parts {
  std::unique_ptr<fs::FileSystem> fs = fs::NewPosixFileSystem();
  OpenCodes open_codes;
  TailHub hub;
  std::unique_ptr<FileLogStore> log;
  std::optional<ledger::HmacKey> pseudonym_key;
  std::unique_ptr<redis::Cache> cache;
  std::unique_ptr<CatalogLink> link;
  std::unique_ptr<access::ViewTokenLookup> tokens;
  std::unique_ptr<access::TokenAuthorizer> authorizer;
  rpc::StreamRegistry streams;
  base::ThreadPool submits{{.name = "ingest-submit", .threads = 2, .queue_limit = 1024}};
  base::ThreadPool reads{{.name = "ingest-read", .threads = 2, .queue_limit = 1024}};
  base::ThreadPool tails{{.name = "ingest-tail", .threads = 1, .queue_limit = 16384}};
  std::unique_ptr<grpc::Service> service;
  std::unique_ptr<rpc::ServerRuntime> server;
  std::unique_ptr<base::Ticker> tail_heartbeat;
  std::unique_ptr<base::Ticker> health;

  absl::Status OpenLog(const Options& options);
  absl::Status Connect(const Options& options);
  absl::Status Serve(const Options& options);
  void TellHealth();
};

absl::Status IngestApp::Parts::OpenLog(const Options& options) {
  TM_ASSIGN_OR_RETURN(log, FileLogStore::Open({.fs = fs.get(),
                                               .clock = options.clock,
                                               .dir = options.data_dir,
                                               .name = options.log_name,
                                               .identity_memory = options.identity_memory,
                                               .checkpoint_interval = options.checkpoint_interval,
                                               .observer = [this](ledger::BlockReader& block) {
                                                 return LearnOpenCodes(block, &open_codes);
                                               }}));
  pseudonym_key.emplace(log->pseudonym_key());
  log->SetSizeListener([this] { hub.WakeAll(); });
  return absl::OkStatus();
}

absl::Status IngestApp::Parts::Connect(const Options& options) {
  auto token = access::ReadTokenFile(options.service_token_file);
  if (!token.ok()) return status::Prefixed("--service_token_file", token.status());
  TM_ASSIGN_OR_RETURN(cache, redis::OpenCache({.address = options.redis,
                                               .name_space = "ingest.verdict",
                                               .secret = *token,
                                               .ttl = absl::Hours(1),
                                               .clock = options.clock}));
  auto channel = rpc::CreateChannel({.target = options.catalog,
                                     .tls_ca_file = options.catalog_ca_file,
                                     .tls_certificate_file = options.client_certificate_file,
                                     .tls_key_file = options.client_key_file});
  if (!channel.ok()) return status::Prefixed("--catalog", channel.status());
  TM_ASSIGN_OR_RETURN(link, CatalogLink::Start({.channel = *std::move(channel),
                                                .token = *std::move(token),
                                                .log = log.get(),
                                                .clock = options.clock}));
  tokens = std::make_unique<access::ViewTokenLookup>([this] { return link->newest(); },
                                                     [this] { return link->silence(); });
  authorizer = std::make_unique<access::TokenAuthorizer>(access::TokenAuthorizer::Options{
      .lookup = tokens.get(), .clock = options.clock, .max_age = options.tokens_max_age});
  return absl::OkStatus();
}

absl::Status IngestApp::Parts::Serve(const Options& options) {
  service = NewIngestService({.log = log.get(),
                              .views = link.get(),
                              .open_codes = &open_codes,
                              .pseudonym_key = &*pseudonym_key,
                              .verdicts = cache.get(),
                              .hub = &hub,
                              .clock = options.clock,
                              .authorizer = authorizer.get(),
                              .streams = &streams,
                              .submit_executor = &submits,
                              .read_executor = &reads,
                              .tail_executor = &tails,
                              .version = TIDEMARK_VERSION});
  rpc::ServerRuntime::Options server_options;
  server_options.name = "ingest";
  server_options.listen_address = options.listen;
  server_options.services = {service.get()};
  server_options.service_names = {kIngestServiceName, kLogHealth, kCatalogHealth, kRedisHealth};
  server_options.tls_certificate_file = options.tls_certificate_file;
  server_options.tls_key_file = options.tls_key_file;
  server_options.tls_client_ca_file = options.tls_client_ca_file;
  server_options.max_receive_bytes = kMaxReceiveBytes;
  server_options.request_memory = options.request_memory;
  server_options.max_send_bytes = size_t{128} << 20;
  server_options.streams = &streams;
  TM_ASSIGN_OR_RETURN(server, rpc::ServerRuntime::Create(std::move(server_options)));
  tail_heartbeat = std::make_unique<base::Ticker>(kTailHeartbeat / 2, [this] { hub.WakeAll(); });
  health = std::make_unique<base::Ticker>(absl::Milliseconds(250), [this] { TellHealth(); });
  return absl::OkStatus();
}

// The server as a whole is ready when it takes events; the service is as soon as it can be read,
// which takes the tokens of a catalog, and that of this log.
void IngestApp::Parts::TellHealth() {
  const bool writable = log->state().sealed_reason.empty();
  const auto newest = link->newest();
  server->SetServiceReady(kIngestServiceName,
                          newest->version() != 0 && link->CheckHistory(*newest).ok());
  server->SetServiceReady(kLogHealth, writable);
  server->SetServiceReady(kCatalogHealth, link->reachable());
  server->SetServiceReady(kRedisHealth, cache->enabled() && !cache->counters().open);
  server->SetServiceReady("", writable && link->View().ok());
}

absl::StatusOr<std::unique_ptr<IngestApp>> IngestApp::Start(Options options) {
  if (options.data_dir.empty()) return Missing("--data", "the folder of the log");
  if (options.service_token_file.empty()) {
    return Missing("--service_token_file",
                   "the file of a token of role service, as the catalog makes in its data folder");
  }
  const int64_t begun = options.clock->MonotonicNanos();
  auto parts = std::make_unique<Parts>();
  TM_RETURN_IF_ERROR(parts->OpenLog(options));
  TM_RETURN_IF_ERROR(parts->Connect(options));
  TM_RETURN_IF_ERROR(parts->Serve(options));
  log::Info("serving", {{"address", parts->server->address()},
                        {"data", options.data_dir},
                        {"log_id", parts->log->log_id()},
                        {"leaves", parts->log->state().size},
                        {"start_ms", (options.clock->MonotonicNanos() - begun) / 1'000'000}});
  return std::unique_ptr<IngestApp>(new IngestApp(std::move(parts)));
}

IngestApp::IngestApp(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

IngestApp::~IngestApp() { Shutdown(); }

const std::string& IngestApp::address() const { return parts_->server->address(); }

void IngestApp::Run() {
  parts_->server->Run();
  Shutdown();
}

void IngestApp::Shutdown() {
  parts_->health.reset();
  parts_->server->Shutdown();
  parts_->tail_heartbeat.reset();
  parts_->tails.Shutdown();
  parts_->reads.Shutdown();
  parts_->submits.Shutdown();
  parts_->link->Stop();
  parts_->log->Stop();
}

int CheckLogAndPrint(const std::string& data_dir) {
  const auto fs = fs::NewPosixFileSystem();
  const auto report = CheckLog(*fs, data_dir);
  if (!report.ok()) {
    std::fprintf(stderr, "%s\n", std::string(report.status().message()).c_str());
    return config::kExitFailure;
  }
  std::fputs(ToText(*report).c_str(), stdout);
  return report->problems.empty() ? 0 : config::kExitFailure;
}

}  // namespace tidemark::ingest
