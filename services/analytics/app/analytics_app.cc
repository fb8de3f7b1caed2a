#include "services/analytics/app/analytics_app.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/access/token_authorizer.h"
#include "clients/cpp/access/token_file.h"
#include "clients/cpp/catalog/catalog_client.h"
#include "clients/cpp/catalog/catalog_watcher.h"
#include "clients/cpp/grants/grant_checker.h"
#include "clients/cpp/grants/use_meter.h"
#include "common/base/executor.h"
#include "common/base/ticker.h"
#include "common/fs/file_system.h"
#include "common/log/log.h"
#include "common/redis/open_cache.h"
#include "common/rpc/channel_factory.h"
#include "common/rpc/server_runtime.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/analytics_service.h"
#include "services/analytics/api/statistics_service.h"
#include "services/analytics/app/checkpoint_sizes.h"
#include "services/analytics/app/log_follower.h"
#include "services/analytics/app/remote_catalog.h"
#include "services/analytics/domain/precedence_history.h"
#include "services/analytics/store/memory_store.h"
#include "services/analytics/store/run_store.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::analytics {
namespace {

// Names of health for what the service depends on.
constexpr char kLogHealth[] = "analytics.log";
constexpr char kCatalogHealth[] = "analytics.catalog";
constexpr char kRedisHealth[] = "analytics.redis";

// Of a page of official figures.
constexpr absl::Duration kCatalogReadTimeout = absl::Seconds(10);
constexpr absl::Duration kReportTimeout = absl::Seconds(2);
// Together with a report under way less than what a container is given to stop.
constexpr absl::Duration kLastReportPatience = absl::Seconds(3);

absl::Status InvalidFlag(std::string_view flag, std::string_view message) {
  return status::InvalidArgument(flag, message, "INVALID_FLAG");
}

int Threads(const AnalyticsApp::Options& options) {
  if (options.threads > 0) return options.threads;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 64);
}

}  // namespace

// In order of construction; what stands later uses what stands before.
struct AnalyticsApp::Parts {
  explicit Parts(const Options& options)
      : options(options),
        queries({.name = "query", .threads = std::max(4, Threads(options)), .queue_limit = 1024}),
        small({.name = "analytics-read", .threads = 1, .queue_limit = 1024}),
        waiter({.clock = options.clock}) {}

  const Options options;
  std::unique_ptr<fs::FileSystem> fs = fs::NewPosixFileSystem();
  std::unique_ptr<StatStore> store;
  // The same as `store`, where it is one.
  RunStore* run_store = nullptr;
  std::string secret;
  std::unique_ptr<redis::Cache> cache;
  std::unique_ptr<catalog_client::CatalogWatcher> catalog;
  std::unique_ptr<PrecedenceHistory> precedence;
  std::unique_ptr<catalog_client::CatalogClient> use_reports;
  std::unique_ptr<catalog_client::CatalogClient> catalog_reads;
  std::unique_ptr<RemoteCatalog> remote_catalog;
  std::unique_ptr<grants::UseMeter> meter;
  std::unique_ptr<grants::GrantChecker> grant_checker;
  base::ThreadPool queries;
  base::ThreadPool small;
  FoldWaiter waiter;
  std::unique_ptr<ingest::v1::IngestService::Stub> ingest_stub;
  std::unique_ptr<LogFollower> follower;
  CheckpointSizes checkpoints;
  std::unique_ptr<base::Ticker> checkpoint_ticker;
  std::unique_ptr<access::ViewTokenLookup> tokens;
  std::unique_ptr<access::TokenAuthorizer> authorizer;
  std::unique_ptr<QueryHandler> handler;
  std::unique_ptr<grpc::Service> service;
  // Of watches and of answers page after page.
  rpc::StreamRegistry streams;
  std::unique_ptr<grpc::Service> statistics;
  std::unique_ptr<rpc::ServerRuntime> server;
  // Of the first contact with ingest; what the fold must reach to be ready.
  std::optional<uint64_t> first_log_size;
  bool ready = false;
  // As LogState tells it.
  std::atomic<uint64_t> first_size = UINT64_MAX;
  int64_t begun_nanos = 0;
  std::unique_ptr<base::Ticker> health;

  absl::Status OpenStore();
  // A service called without TLS is shown no certificate.
  rpc::ChannelOptions To(const std::string& address, const std::string& ca_file) const {
    if (ca_file.empty()) return {.target = address};
    return {.target = address,
            .tls_ca_file = ca_file,
            .tls_certificate_file = options.client_certificate_file,
            .tls_key_file = options.client_key_file};
  }
  absl::Status FollowCatalog();
  absl::Status FollowGrants(std::shared_ptr<grpc::Channel> channel);
  absl::Status FollowLog();
  void FetchCheckpoint();
  absl::Status Serve();
  LogState State() const;
  bool IsReady();
  void TellHealth();
};

absl::Status AnalyticsApp::Parts::OpenStore() {
  if (options.store == "memory:") {
    store = std::make_unique<MemoryStore>();
    return absl::OkStatus();
  }
  if (options.store != "file:") {
    return InvalidFlag("--store", absl::StrCat("`", options.store, "`; want file: or memory:"));
  }
  if (options.data_dir.empty()) {
    return InvalidFlag("--data", "missing; want the folder of the service's data");
  }
  TM_RETURN_IF_ERROR(status::Prefixed("--data", fs->MakeDirs(options.data_dir)));
  RunStore::Options run_options;
  run_options.fs = fs.get();
  run_options.dir = options.data_dir;
  run_options.threads = Threads(options);
  run_options.rebuild = options.rebuild;
  run_options.limits.all_queries_bytes = options.query_memory;
  run_options.limits.query_bytes = options.query_memory / 2;
  if (options.run_records != 0) {
    run_options.seal_effects = options.run_records;
    // Only full chunks are sorted and written.
    run_options.chunk_effects = std::min<uint64_t>(run_options.chunk_effects, options.run_records);
  }
  auto opened = RunStore::Open(run_options);
  if (!opened.ok()) return status::Prefixed("--data", opened.status());
  run_store = opened->get();
  store = *std::move(opened);
  return absl::OkStatus();
}

absl::Status AnalyticsApp::Parts::FollowCatalog() {
  auto token = access::ReadTokenFile(options.service_token_file);
  if (!token.ok()) return status::Prefixed("--service_token_file", token.status());
  secret = *std::move(token);
  TM_ASSIGN_OR_RETURN(cache, redis::OpenCache({.address = options.redis,
                                               .name_space = "analytics.page",
                                               .secret = secret,
                                               // A page and what stands before it.
                                               .max_value_bytes = size_t{2} << 20,
                                               .clock = options.clock}));
  auto channel = rpc::CreateChannel(To(options.catalog, options.catalog_ca_file));
  if (!channel.ok()) return status::Prefixed("--catalog", channel.status());
  catalog_client::CatalogWatcher::Options watch;
  watch.channel = *channel;
  watch.token = secret;
  watch.clock = options.clock;
  TM_ASSIGN_OR_RETURN(catalog, catalog_client::CatalogWatcher::Start(std::move(watch)));
  precedence = std::make_unique<PrecedenceHistory>(&catalog->history());
  catalog_reads =
      std::make_unique<catalog_client::CatalogClient>(catalog_client::CatalogClient::Options{
          .channel = *channel, .token = secret, .timeout = kCatalogReadTimeout});
  remote_catalog = std::make_unique<RemoteCatalog>(catalog_reads.get());
  return FollowGrants(*std::move(channel));
}

absl::Status AnalyticsApp::Parts::FollowGrants(std::shared_ptr<grpc::Channel> channel) {
  use_reports =
      std::make_unique<catalog_client::CatalogClient>(catalog_client::CatalogClient::Options{
          .channel = std::move(channel), .token = secret, .timeout = kReportTimeout});
  TM_ASSIGN_OR_RETURN(std::string reporter, grants::DrawReporter());
  const auto view = [this] { return catalog->view(); };
  meter = std::make_unique<grants::UseMeter>(grants::UseMeter::Options{
      .reporter = std::move(reporter),
      .report = [this](const auto& request) { return use_reports->ReportUse(request); },
      .view = view,
      .stop_patience = kLastReportPatience});
  grant_checker = std::make_unique<grants::GrantChecker>(
      grants::GrantChecker::Options{.view = view,
                                    .age = [this] { return catalog->silence(); },
                                    .max_age = options.grants_max_age,
                                    .clock = options.clock,
                                    .meter = meter.get()});
  return absl::OkStatus();
}

absl::Status AnalyticsApp::Parts::FollowLog() {
  auto channel = rpc::CreateChannel(To(options.ingest, options.ingest_ca_file));
  if (!channel.ok()) return status::Prefixed("--ingest", channel.status());
  ingest_stub = ingest::v1::IngestService::NewStub(*channel);
  TM_ASSIGN_OR_RETURN(
      follower,
      LogFollower::Start(
          {.channel = *std::move(channel),
           .token = secret,
           .store = store.get(),
           .clock = options.clock,
           .wait_for_catalog =
               [this](uint64_t version, absl::Duration timeout) {
                 return catalog->WaitForVersion(version, timeout);
               },
           .catalog_hash = [this](uint64_t version) { return catalog->history().HashAt(version); },
           .precedence = [this](uint64_t version) { return precedence->At(version); },
           .catalog = &catalog->history(),
           .on_advance = [this] { waiter.Notify(); }}));
  checkpoint_ticker =
      std::make_unique<base::Ticker>(options.checkpoint_interval, [this] { FetchCheckpoint(); });
  return absl::OkStatus();
}

// Failures need no word: the follower of the same log reports that it is away.
void AnalyticsApp::Parts::FetchCheckpoint() {
  grpc::ClientContext context;
  rpc::PrepareCall(&context, secret, absl::Seconds(1));
  ingest::v1::GetCheckpointResponse response;
  if (!ingest_stub->GetCheckpoint(&context, {}, &response).ok()) return;
  checkpoints.Add(response.checkpoint().log_size());
}

LogState AnalyticsApp::Parts::State() const {
  const absl::Status unreachable = follower->last_error();
  return {.log_size = std::max(follower->log_size(), store->folded_size()),
          .reachable = unreachable.ok(),
          .stall = unreachable.ok() ? follower->stall() : unreachable,
          .folded_checkpoint = checkpoints.NewestUpTo(store->folded_size()),
          .first_size = first_size.load()};
}

absl::Status AnalyticsApp::Parts::Serve() {
  tokens = std::make_unique<access::ViewTokenLookup>([this] { return catalog->view(); },
                                                     [this] { return catalog->silence(); });
  authorizer = std::make_unique<access::TokenAuthorizer>(access::TokenAuthorizer::Options{
      .lookup = tokens.get(), .clock = options.clock, .max_age = options.tokens_max_age});
  const std::string replica =
      options.replica.empty() ? rpc::InstanceName(options.listen) : options.replica;
  const auto log_state = [this] { return State(); };
  const auto catalog_reachable = [this] { return catalog->reachable(); };
  handler =
      std::make_unique<QueryHandler>(QueryHandler::Options{.store = store.get(),
                                                           .catalog = &catalog->history(),
                                                           .catalog_reachable = catalog_reachable,
                                                           .log_state = log_state,
                                                           .grant_checker = grant_checker.get(),
                                                           .source_days = &follower->source_days(),
                                                           .official = remote_catalog.get(),
                                                           .cache = cache.get(),
                                                           .clock = options.clock,
                                                           .executor = &queries,
                                                           .replica = replica,
                                                           .cache_from = options.cache_from});
  service = NewAnalyticsService({.queries = handler.get(),
                                 .waiter = &waiter,
                                 .store = store.get(),
                                 .links = &follower->links(),
                                 .source_days = &follower->source_days(),
                                 .log_state = log_state,
                                 .catalog_reachable = catalog_reachable,
                                 .clock = options.clock,
                                 .authorizer = authorizer.get(),
                                 .streams = &streams,
                                 .query_executor = &queries,
                                 .executor = &small,
                                 .replica = replica,
                                 .version = TIDEMARK_VERSION});
  statistics = NewStatisticsService({.runner = {.queries = handler.get(),
                                                .waiter = &waiter,
                                                .store = store.get(),
                                                .source_days = &follower->source_days(),
                                                .catalog = remote_catalog.get(),
                                                .grant_use = remote_catalog.get(),
                                                .clock = options.clock,
                                                .executor = &queries},
                                     .authorizer = authorizer.get(),
                                     .streams = &streams});
  rpc::ServerRuntime::Options server_options;
  server_options.name = "analytics";
  server_options.listen_address = options.listen;
  server_options.streams = &streams;
  server_options.services = {service.get(), statistics.get()};
  server_options.service_names = {kAnalyticsServiceName, kStatisticsServiceName, kLogHealth,
                                  kCatalogHealth, kRedisHealth};
  server_options.request_memory = options.request_memory;
  server_options.lifetimes = options.lifetimes;
  server_options.tls_certificate_file = options.tls_certificate_file;
  server_options.tls_key_file = options.tls_key_file;
  server_options.tls_client_ca_file = options.tls_client_ca_file;
  TM_ASSIGN_OR_RETURN(server, rpc::ServerRuntime::Create(std::move(server_options)));
  health = std::make_unique<base::Ticker>(absl::Milliseconds(50), [this] { TellHealth(); });
  return absl::OkStatus();
}

// On the ticker's thread only. Once ready it stays so: what is folded can always be asked.
bool AnalyticsApp::Parts::IsReady() {
  if (ready) return true;
  if (catalog->view()->version() == 0) return false;
  const bool reachable = follower->reachable();
  if (!first_log_size && reachable) first_log_size = follower->log_size();
  const int64_t waited = options.clock->MonotonicNanos() - begun_nanos;
  const bool away = !reachable && waited > absl::ToInt64Nanoseconds(options.ingest_grace);
  const bool caught_up = first_log_size && store->folded_size() >= *first_log_size;
  ready = caught_up || away;
  const uint64_t to_reach = away ? 0 : first_log_size.value_or(UINT64_MAX);
  if (first_size.exchange(to_reach) != to_reach) waiter.Notify();
  if (ready) {
    log::Info("ready", {{"folded", store->folded_size()},
                        {"log_reachable", reachable},
                        {"catalog_version", catalog->view()->version()},
                        {"after_ms", waited / 1'000'000}});
  }
  return ready;
}

void AnalyticsApp::Parts::TellHealth() {
  // With another catalog than the log's every query is refused.
  const bool is_ready = IsReady() && !absl::IsFailedPrecondition(follower->stall());
  server->SetServiceReady(kAnalyticsServiceName, is_ready);
  server->SetServiceReady(kStatisticsServiceName, is_ready);
  server->SetServiceReady("", is_ready);
  server->SetServiceReady(kLogHealth, follower->reachable() && follower->stall().ok());
  server->SetServiceReady(kCatalogHealth, catalog->reachable());
  server->SetServiceReady(kRedisHealth, cache->Ping() && !cache->counters().open);
}

absl::StatusOr<std::unique_ptr<AnalyticsApp>> AnalyticsApp::Start(Options options) {
  if (!options.client_certificate_file.empty() && options.ingest_ca_file.empty() &&
      options.catalog_ca_file.empty()) {
    return InvalidFlag("--client_certificate_file",
                       "want --ingest_ca_file or --catalog_ca_file as well: without TLS nobody "
                       "is shown a certificate");
  }
  if (options.service_token_file.empty()) {
    return InvalidFlag("--service_token_file",
                       "missing; want the file of a token of role service, as the catalog makes "
                       "in its data folder");
  }
  auto parts = std::make_unique<Parts>(options);
  parts->begun_nanos = options.clock->MonotonicNanos();
  TM_RETURN_IF_ERROR(parts->OpenStore());
  TM_RETURN_IF_ERROR(parts->FollowCatalog());
  TM_RETURN_IF_ERROR(parts->FollowLog());
  TM_RETURN_IF_ERROR(parts->Serve());
  const int64_t took = options.clock->MonotonicNanos() - parts->begun_nanos;
  log::Info("serving", {{"address", parts->server->address()},
                        {"store", options.store},
                        {"data", options.data_dir},
                        {"folded", parts->store->folded_size()},
                        {"cache", parts->cache->enabled()},
                        {"start_ms", took / 1'000'000}});
  return std::unique_ptr<AnalyticsApp>(new AnalyticsApp(std::move(parts)));
}

AnalyticsApp::AnalyticsApp(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

AnalyticsApp::~AnalyticsApp() { Shutdown(); }

const std::string& AnalyticsApp::address() const { return parts_->server->address(); }

void AnalyticsApp::Run() {
  parts_->server->Run();
  Shutdown();
}

void AnalyticsApp::Shutdown() {
  if (parts_->health == nullptr) return;
  parts_->health.reset();
  parts_->server->Shutdown();
  parts_->queries.Shutdown();
  parts_->small.Shutdown();
  parts_->checkpoint_ticker.reset();
  parts_->follower->Stop();
  parts_->meter->Stop();
  parts_->catalog->Stop();
  if (parts_->run_store == nullptr) return;
  // Without it the next start would fold the tail from the log once more.
  const absl::Status sealed = parts_->run_store->Seal();
  if (!sealed.ok()) log::Warn("the last effects could not be written", {{"error", sealed}});
}

}  // namespace tidemark::analytics
