#include "services/catalog/app/catalog_app.h"

#include <grpcpp/impl/service_type.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/access/token_authorizer.h"
#include "common/base/executor.h"
#include "common/base/ticker.h"
#include "common/fs/file_system.h"
#include "common/log/log.h"
#include "common/redis/open_cache.h"
#include "common/rpc/raw_stream.h"
#include "common/rpc/server_runtime.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/api/catalog_service.h"
#include "services/catalog/api/token_lookup.h"
#include "services/catalog/api/watch_hub.h"
#include "services/catalog/app/root_tokens.h"
#include "services/catalog/domain/catalog.h"
#include "services/catalog/domain/use_book.h"
#include "services/catalog/observations/observation_index.h"
#include "services/catalog/search/search_index.h"
#include "services/catalog/store/sqlite_catalog_store.h"
#include "services/catalog/types/contract_rules.h"

namespace tidemark::catalog {
namespace {

absl::Status LockFolder(fs::FileSystem& fs, const std::string& dir,
                        std::unique_ptr<fs::FileLock>* lock) {
  absl::Status made = fs.MakeDirs(dir);
  if (!made.ok()) return status::Prefixed("--data", made);
  auto taken = fs.LockFile(fs::JoinPath(dir, "LOCK"),
                           absl::StrCat("tidemark-catalog, process ", ::getpid()));
  if (absl::IsFailedPrecondition(taken.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat("--data ", dir, ": ", taken.status().message(), ", or name another folder"));
  }
  TM_RETURN_IF_ERROR(taken.status());
  *lock = *std::move(taken);
  return absl::OkStatus();
}

}  // namespace

// In order of construction; what stands later uses what stands before.
struct CatalogApp::Parts {
  std::unique_ptr<fs::FileSystem> fs = fs::NewPosixFileSystem();
  std::unique_ptr<fs::FileLock> lock;
  std::unique_ptr<SqliteCatalogStore> store;
  WatchHub hub;
  ObservationIndex observations;
  SearchIndex search;
  std::unique_ptr<Catalog> catalog;
  std::unique_ptr<UseBook> uses;
  std::unique_ptr<redis::Cache> cache;
  std::unique_ptr<CatalogTokenLookup> tokens;
  std::unique_ptr<access::TokenAuthorizer> authorizer;
  rpc::StreamRegistry streams;
  base::ThreadPool reads{{.name = "catalog-read", .threads = 4, .queue_limit = 1024}};
  base::ThreadPool writes{{.name = "catalog-write", .threads = 1, .queue_limit = 256}};
  base::ThreadPool watches{{.name = "catalog-watch", .threads = 2, .queue_limit = 16384}};
  std::unique_ptr<grpc::Service> service;
  std::unique_ptr<base::Ticker> heartbeat;
  std::unique_ptr<rpc::ServerRuntime> server;

  absl::Status OpenData(const Options& options);
  absl::Status Serve(const Options& options);
};

absl::Status CatalogApp::Parts::OpenData(const Options& options) {
  TM_RETURN_IF_ERROR(LockFolder(*fs, options.data_dir, &lock));
  TM_ASSIGN_OR_RETURN(
      store, SqliteCatalogStore::Open({.path = fs::JoinPath(options.data_dir, "catalog.db")}));
  TM_ASSIGN_OR_RETURN(catalog, Catalog::Open({.store = store.get(),
                                              .clock = options.clock,
                                              .rules = RulesOfContract(),
                                              .followers = {&observations},
                                              .observer = &search}));
  catalog->SetListener([this] { hub.Wake(); });
  uses = std::make_unique<UseBook>(store.get());
  const auto path = [&](const std::string& given, std::string_view usual) {
    return given.empty() ? fs::JoinPath(options.data_dir, usual) : given;
  };
  TM_RETURN_IF_ERROR(EnsureRootToken(*catalog, path(options.admin_token_file, "admin.token"),
                                     "admin", AdminRights(), options.clock->NowMicros())
                         .status());
  TM_ASSIGN_OR_RETURN(const std::string secret,
                      EnsureRootToken(*catalog, path(options.service_token_file, "service.token"),
                                      "service", ServiceRights(), options.clock->NowMicros()));
  // The names of new files must outlive a power failure as well as what is in them.
  TM_RETURN_IF_ERROR(fs->SyncDir(options.data_dir));
  TM_ASSIGN_OR_RETURN(cache, redis::OpenCache({.address = options.redis,
                                               .name_space = "catalog.list",
                                               .secret = secret,
                                               .max_value_bytes = size_t{4} << 20,
                                               .clock = options.clock}));
  return absl::OkStatus();
}

absl::Status CatalogApp::Parts::Serve(const Options& options) {
  tokens = std::make_unique<CatalogTokenLookup>(catalog.get());
  authorizer = std::make_unique<access::TokenAuthorizer>(
      access::TokenAuthorizer::Options{.lookup = tokens.get(), .clock = options.clock});
  service = NewCatalogService({.catalog = catalog.get(),
                               .observations = &observations,
                               .search = &search,
                               .uses = uses.get(),
                               .hub = &hub,
                               .clock = options.clock,
                               .authorizer = authorizer.get(),
                               .streams = &streams,
                               .read_executor = &reads,
                               .write_executor = &writes,
                               .watch_executor = &watches,
                               .cache = cache.get()});
  rpc::ServerRuntime::Options server_options;
  server_options.name = "catalog";
  server_options.listen_address = options.listen;
  server_options.services = {service.get()};
  server_options.service_names = {kCatalogServiceName};
  server_options.lifetimes = options.lifetimes;
  server_options.tls_certificate_file = options.tls_certificate_file;
  server_options.tls_key_file = options.tls_key_file;
  server_options.tls_client_ca_file = options.tls_client_ca_file;
  server_options.max_receive_bytes = kMaxApplyBytes;
  server_options.request_memory = options.request_memory;
  server_options.streams = &streams;
  TM_ASSIGN_OR_RETURN(server, rpc::ServerRuntime::Create(std::move(server_options)));
  server->SetReady(true);
  heartbeat = std::make_unique<base::Ticker>(options.heartbeat, [this] {
    hub.Beat();
    // What it has can be read, but a catalog that takes no changes must not look well.
    if (!store->sealed().ok()) server->SetReady(false);
  });
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<CatalogApp>> CatalogApp::Start(Options options) {
  if (options.data_dir.empty()) {
    return status::InvalidArgument("--data", "missing; want the folder of the catalog's data",
                                   "INVALID_FLAG");
  }
  auto parts = std::make_unique<Parts>();
  TM_RETURN_IF_ERROR(parts->OpenData(options));
  TM_RETURN_IF_ERROR(parts->Serve(options));
  log::Info("serving", {{"address", parts->server->address()},
                        {"data", options.data_dir},
                        {"version", parts->catalog->head().version},
                        {"cache", parts->cache->enabled()}});
  return std::unique_ptr<CatalogApp>(new CatalogApp(std::move(parts)));
}

CatalogApp::CatalogApp(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

CatalogApp::~CatalogApp() { Shutdown(); }

const std::string& CatalogApp::address() const { return parts_->server->address(); }

void CatalogApp::Run() {
  parts_->server->Run();
  Shutdown();
}

void CatalogApp::Shutdown() {
  parts_->server->Shutdown();
  parts_->heartbeat.reset();
  parts_->watches.Shutdown();
  parts_->reads.Shutdown();
  parts_->writes.Shutdown();
}

}  // namespace tidemark::catalog
