#include "services/ingest/app/ingest_app.h"

#include <grpcpp/impl/service_type.h>

#include <algorithm>
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
#include "common/redis/shared_buckets.h"
#include "common/rpc/channel_factory.h"
#include "common/rpc/raw_stream.h"
#include "common/rpc/server_runtime.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/ingest/api/ingest_service.h"
#include "services/ingest/api/log_store_service.h"
#include "services/ingest/api/quarantine_intake.h"
#include "services/ingest/api/tail.h"
#include "services/ingest/app/catalog_link.h"
#include "services/ingest/domain/open_codes_loader.h"
#include "services/ingest/store/file_log_store.h"
#include "services/ingest/store/grpc_log_store.h"
#include "services/ingest/store/grpc_quarantine.h"
#include "services/ingest/store/log_check.h"
#include "services/ingest/store/quarantine_store.h"

namespace tidemark::ingest {
namespace {

// Health names besides the service's: what it depends on, each told apart.
constexpr char kLogHealth[] = "ingest.log";
constexpr char kCatalogHealth[] = "ingest.catalog";
constexpr char kRedisHealth[] = "ingest.redis";
// Rejected events are written together: their syncs must not get in the way of the log's.
constexpr absl::Duration kQuarantinePause = absl::Milliseconds(200);

absl::Status Missing(std::string_view flag, std::string_view want) {
  return status::InvalidArgument(flag, absl::StrCat("missing; want ", want), "INVALID_FLAG");
}

constexpr std::string_view kOwnStore = "file:";
constexpr std::string_view kRemoteStore = "grpc://";

absl::Status CheckStore(const IngestApp::Options& options) {
  if (options.store == kOwnStore) {
    if (!options.data_dir.empty()) return absl::OkStatus();
    return Missing("--data",
                   "the folder of the log, or --store=grpc://host:port of the ingest service that "
                   "owns the log");
  }
  if (!options.store.starts_with(kRemoteStore)) {
    return status::InvalidArgument("--store",
                                   absl::StrCat("\"", options.store,
                                                "\"; want file:, or grpc://host:port of the ingest "
                                                "service that owns the log"),
                                   "INVALID_FLAG");
  }
  if (options.data_dir.empty()) return absl::OkStatus();
  return status::InvalidArgument(
      "--data",
      absl::StrCat("\"", options.data_dir, "\", but with --store=", options.store,
                   " this process keeps nothing; leave one of the two out"),
      "INVALID_FLAG");
}

}  // namespace

// In order of construction; what stands later uses what stands before.
struct IngestApp::Parts {
  std::unique_ptr<fs::FileSystem> fs = fs::NewPosixFileSystem();
  TailHub hub;
  std::optional<OpenCodes> open_codes;
  // One of the two is `log`.
  std::unique_ptr<FileLogStore> own_log;
  std::unique_ptr<GrpcLogStore> remote_log;
  LogStore* log = nullptr;
  std::optional<ledger::HmacKey> pseudonym_key;
  // Of the owner of a log; else the other one.
  std::unique_ptr<QuarantineStore> own_quarantine;
  std::unique_ptr<GrpcQuarantine> remote_quarantine;
  std::optional<QuarantineIntake> intake;
  std::unique_ptr<redis::Cache> cache;
  std::unique_ptr<redis::SharedBuckets> quotas;
  std::unique_ptr<CatalogLink> link;
  std::unique_ptr<access::ViewTokenLookup> tokens;
  std::unique_ptr<access::TokenAuthorizer> authorizer;
  rpc::StreamRegistry streams;
  base::ThreadPool submits{{.name = "ingest-submit", .threads = 2, .queue_limit = 1024}};
  base::ThreadPool reads{{.name = "ingest-read", .threads = 2, .queue_limit = 1024}};
  base::ThreadPool tails{{.name = "ingest-tail", .threads = 1, .queue_limit = 16384}};
  std::unique_ptr<grpc::Service> service;
  // Of the owner of a log only.
  std::unique_ptr<grpc::Service> log_service;
  std::unique_ptr<rpc::ServerRuntime> server;
  std::unique_ptr<base::Ticker> quarantine_writer;
  std::unique_ptr<base::Ticker> tail_heartbeat;
  std::unique_ptr<base::Ticker> health;

  absl::Status OpenLog(const Options& options, const std::string& token);
  absl::Status OpenOwnLog(const Options& options);
  absl::Status OpenRemoteLog(const Options& options, const std::string& token);
  absl::Status Connect(const Options& options, const std::string& token);
  absl::Status Serve(const Options& options);
  void TellHealth();
};

absl::Status IngestApp::Parts::OpenLog(const Options& options, const std::string& token) {
  if (options.store == kOwnStore) {
    TM_RETURN_IF_ERROR(OpenOwnLog(options));
  } else {
    TM_RETURN_IF_ERROR(OpenRemoteLog(options, token));
  }
  log->SetSizeListener([this] { hub.WakeAll(); });
  return absl::OkStatus();
}

absl::Status IngestApp::Parts::OpenOwnLog(const Options& options) {
  open_codes.emplace();
  TM_ASSIGN_OR_RETURN(own_log,
                      FileLogStore::Open({.fs = fs.get(),
                                          .clock = options.clock,
                                          .dir = options.data_dir,
                                          .name = options.log_name,
                                          .identity_memory = options.identity_memory,
                                          .checkpoint_interval = options.checkpoint_interval,
                                          .observer = [this](ledger::BlockReader& block) {
                                            return LearnOpenCodes(block, &*open_codes);
                                          }}));
  pseudonym_key.emplace(own_log->pseudonym_key());
  log = own_log.get();
  own_quarantine = std::make_unique<QuarantineStore>(
      QuarantineStore::Options{.fs = fs.get(),
                               .dir = fs::JoinPath(options.data_dir, "quarantine"),
                               .limits = options.quarantine});
  intake.emplace(own_quarantine.get(), &*pseudonym_key);
  return absl::OkStatus();
}

absl::Status IngestApp::Parts::OpenRemoteLog(const Options& options, const std::string& token) {
  auto channel = rpc::CreateChannel({.target = options.store.substr(kRemoteStore.size()),
                                     .tls_ca_file = options.store_ca_file,
                                     .tls_certificate_file = options.client_certificate_file,
                                     .tls_key_file = options.client_key_file,
                                     // A block of 64 MiB with what is around it.
                                     .max_receive_bytes = size_t{80} << 20});
  if (!channel.ok()) return status::Prefixed("--store", channel.status());
  auto opened = GrpcLogStore::Open({.channel = *channel, .token = token});
  if (!opened.ok()) {
    return status::Prefixed(absl::StrCat("--store=", options.store), opened.status());
  }
  remote_log = *std::move(opened);
  open_codes.emplace(base::TextHash(remote_log->open_code_seeds()));
  open_codes->LearnKeys(remote_log->open_code_keys());
  pseudonym_key.emplace(remote_log->pseudonym_key());
  log = remote_log.get();
  remote_quarantine = std::make_unique<GrpcQuarantine>(GrpcQuarantine::Options{
      .channel = *std::move(channel), .token = token, .log_id = remote_log->log_id()});
  intake.emplace(remote_quarantine.get(), &*pseudonym_key);
  return absl::OkStatus();
}

absl::Status IngestApp::Parts::Connect(const Options& options, const std::string& token) {
  TM_ASSIGN_OR_RETURN(cache, redis::OpenCache({.address = options.redis,
                                               .name_space = "ingest.verdict",
                                               .secret = token,
                                               .ttl = absl::Hours(1),
                                               .clock = options.clock}));
  TM_ASSIGN_OR_RETURN(quotas, redis::SharedBuckets::Create({.address = options.redis,
                                                            .name_space = "ingest.quota",
                                                            .clock = options.clock}));
  auto channel = rpc::CreateChannel({.target = options.catalog,
                                     .tls_ca_file = options.catalog_ca_file,
                                     .tls_certificate_file = options.client_certificate_file,
                                     .tls_key_file = options.client_key_file});
  if (!channel.ok()) return status::Prefixed("--catalog", channel.status());
  TM_ASSIGN_OR_RETURN(
      link,
      CatalogLink::Start(
          {.channel = *std::move(channel), .token = token, .log = log, .clock = options.clock}));
  tokens = std::make_unique<access::ViewTokenLookup>([this] { return link->newest(); },
                                                     [this] { return link->silence(); });
  authorizer = std::make_unique<access::TokenAuthorizer>(access::TokenAuthorizer::Options{
      .lookup = tokens.get(), .clock = options.clock, .max_age = options.tokens_max_age});
  return absl::OkStatus();
}

absl::Status IngestApp::Parts::Serve(const Options& options) {
  service = NewIngestService({.log = log,
                              .views = link.get(),
                              .open_codes = &*open_codes,
                              .pseudonym_key = &*pseudonym_key,
                              .verdicts = cache.get(),
                              .quotas = quotas.get(),
                              .intake = &*intake,
                              .quarantine = own_quarantine.get(),
                              .quarantine_owner = remote_quarantine.get(),
                              .hub = &hub,
                              .clock = options.clock,
                              .authorizer = authorizer.get(),
                              .streams = &streams,
                              .submit_executor = &submits,
                              .read_executor = &reads,
                              .tail_executor = &tails,
                              .version = TIDEMARK_VERSION});
  if (own_log != nullptr) {
    log_service = NewLogStoreService({.log = log,
                                      .open_codes = &*open_codes,
                                      .hub = &hub,
                                      .clock = options.clock,
                                      .authorizer = authorizer.get(),
                                      .streams = &streams,
                                      .submit_executor = &submits,
                                      .read_executor = &reads,
                                      .tail_executor = &tails,
                                      .pseudonym_key = own_log->pseudonym_key(),
                                      .quarantine = own_quarantine.get(),
                                      .quarantine_handlers = QuarantineOf(*service)});
  }
  rpc::ServerRuntime::Options server_options;
  server_options.name = "ingest";
  server_options.listen_address = options.listen;
  server_options.services = {service.get()};
  if (log_service != nullptr) server_options.services.push_back(log_service.get());
  server_options.service_names = {kIngestServiceName, kLogHealth, kCatalogHealth, kRedisHealth};
  server_options.tls_certificate_file = options.tls_certificate_file;
  server_options.tls_key_file = options.tls_key_file;
  server_options.tls_client_ca_file = options.tls_client_ca_file;
  server_options.lifetimes = options.lifetimes;
  server_options.max_receive_bytes = std::max(kMaxReceiveBytes, kMaxAppendBytes);
  server_options.request_memory = options.request_memory;
  server_options.max_send_bytes = size_t{128} << 20;
  server_options.streams = &streams;
  TM_ASSIGN_OR_RETURN(server, rpc::ServerRuntime::Create(std::move(server_options)));
  quarantine_writer = std::make_unique<base::Ticker>(kQuarantinePause, [this] { intake->Drain(); });
  tail_heartbeat = std::make_unique<base::Ticker>(kTailHeartbeat / 2, [this] { hub.WakeAll(); });
  health = std::make_unique<base::Ticker>(absl::Milliseconds(250), [this] { TellHealth(); });
  return absl::OkStatus();
}

// The server as a whole is ready when it takes events; the service is as soon as it can be read,
// which takes the tokens of a catalog, and that of this log.
void IngestApp::Parts::TellHealth() {
  const bool writable = log->CheckWritable().ok();
  const auto newest = link->newest();
  server->SetServiceReady(kIngestServiceName,
                          newest->version() != 0 && link->CheckHistory(*newest).ok());
  server->SetServiceReady(kLogHealth, writable);
  server->SetServiceReady(kCatalogHealth, link->reachable());
  server->SetServiceReady("", writable && link->View().ok());
  // Last: it may wait.
  server->SetServiceReady(kRedisHealth, cache->Ping() && !cache->counters().open);
}

absl::StatusOr<std::unique_ptr<IngestApp>> IngestApp::Start(Options options) {
  TM_RETURN_IF_ERROR(CheckStore(options));
  if (options.service_token_file.empty()) {
    return Missing("--service_token_file",
                   "the file of a token of role service, as the catalog makes in its data folder");
  }
  const auto token = access::ReadTokenFile(options.service_token_file);
  if (!token.ok()) return status::Prefixed("--service_token_file", token.status());
  const int64_t begun = options.clock->MonotonicNanos();
  auto parts = std::make_unique<Parts>();
  TM_RETURN_IF_ERROR(parts->OpenLog(options, *token));
  TM_RETURN_IF_ERROR(parts->Connect(options, *token));
  TM_RETURN_IF_ERROR(parts->Serve(options));
  log::Info("serving", {{"address", parts->server->address()},
                        {"log", options.store == kOwnStore ? options.data_dir : options.store},
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
  parts_->quarantine_writer.reset();
  parts_->intake->Drain();
  parts_->link->Stop();
  if (parts_->own_log != nullptr) parts_->own_log->Stop();
  if (parts_->remote_log != nullptr) parts_->remote_log->Stop();
}

int CheckLogAndPrint(const std::string& data_dir, const std::string& kept_checkpoint) {
  const auto fs = fs::NewPosixFileSystem();
  const auto check = [&]() -> absl::StatusOr<LogCheckReport> {
    if (data_dir.empty()) {
      return absl::InvalidArgumentError("--check: want --data=FOLDER, the folder of the log");
    }
    std::string kept;
    if (!kept_checkpoint.empty()) {
      TM_ASSIGN_OR_RETURN(kept, fs::ReadFile(*fs, kept_checkpoint));
      if (kept.empty()) {
        return absl::InvalidArgumentError(absl::StrCat(kept_checkpoint, " is empty"));
      }
    }
    return CheckLog(*fs, data_dir, kept);
  };
  const auto report = check();
  if (!report.ok()) {
    std::fprintf(stderr, "%s\n", std::string(report.status().message()).c_str());
    return config::kExitFailure;
  }
  std::fputs(ToText(*report).c_str(), stdout);
  return report->problems.empty() ? 0 : config::kExitFailure;
}

}  // namespace tidemark::ingest
