#ifndef TIDEMARK_SERVICES_INGEST_TESTING_INGEST_SERVER_H_
#define TIDEMARK_SERVICES_INGEST_TESTING_INGEST_SERVER_H_

#include <grpcpp/impl/service_type.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clients/cpp/access/rpc_access.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/redis/cache.h"
#include "common/redis/shared_buckets.h"
#include "common/rpc/server_runtime.h"
#include "common/testing/in_process_server.h"
#include "common/testing/temp_dir.h"
#include "services/ingest/api/ingest_service.h"
#include "services/ingest/api/quarantine_intake.h"
#include "services/ingest/api/tail.h"
#include "services/ingest/store/file_log_store.h"
#include "services/ingest/store/quarantine_store.h"
#include "services/ingest/testing/fake_view_source.h"
#include "services/ingest/testing/sample_events.h"

namespace tidemark::ingest {

// Whom the server takes every caller for; a test may change it between calls.
class SwitchedAuthorizer final : public rpc::Authorizer {
 public:
  void Become(access::Roles roles, std::vector<std::string> sources = {"*"}) {
    base::MutexLock lock(mutex_);
    caller_ = {.token_name = "tokens/test",
               .principal = "tester",
               .roles = roles,
               .sources = std::move(sources)};
  }
  absl::StatusOr<rpc::Caller> Authorize(std::string_view, std::string_view) override {
    base::MutexLock lock(mutex_);
    return caller_;
  }

 private:
  base::Mutex mutex_;
  rpc::Caller caller_ ABSL_GUARDED_BY(mutex_);
};

// The whole service on a free port, over a log in a temporary folder and the sample catalog.
class IngestServer {
 public:
  explicit IngestServer(const base::Clock* clock, size_t max_in_flight_bytes = size_t{256} << 20)
      : views(MakeView()) {
    authorizer.Become(access::Bit(access::Role::kService));
    log = *FileLogStore::Open({.fs = fs.get(), .clock = clock, .dir = dir.path()});
    key.emplace(log->pseudonym_key());
    log->SetSizeListener([this] { hub.WakeAll(); });
    quarantine.emplace(
        QuarantineStore::Options{.fs = fs.get(), .dir = dir.path() + "/quarantine", .limits = {}});
    intake.emplace(&*quarantine, &*key);
    quotas = *redis::SharedBuckets::Create({.name_space = "test", .clock = clock});
    service = NewIngestService({.log = log.get(),
                                .views = &views,
                                .open_codes = &open_codes,
                                .pseudonym_key = &*key,
                                .verdicts = &cache,
                                .quotas = quotas.get(),
                                .intake = &*intake,
                                .quarantine = &*quarantine,
                                .hub = &hub,
                                .clock = clock,
                                .authorizer = &authorizer,
                                .streams = &streams,
                                .submit_executor = &submits,
                                .read_executor = &reads,
                                .tail_executor = &tails,
                                .max_in_flight_bytes = max_in_flight_bytes,
                                .version = "test"});
    rpc::ServerRuntime::Options options;
    options.name = "ingest";
    options.listen_address = "127.0.0.1:0";
    options.services = {service.get()};
    options.service_names = {kIngestServiceName};
    options.max_receive_bytes = kMaxReceiveBytes;
    options.max_send_bytes = size_t{128} << 20;
    options.streams = &streams;
    server = std::make_unique<testing::InProcessServer>(std::move(options));
  }
  ~IngestServer() {
    server.reset();
    tails.Shutdown();
    reads.Shutdown();
    submits.Shutdown();
    log->Stop();
  }

  static std::shared_ptr<const catalog_client::CatalogView> MakeView(int versions = 1) {
    catalog_client::CatalogBuilder catalog;
    AddSampleCatalog(&catalog);
    for (int i = 1; i < versions; ++i) {
      catalog.Commit();
      catalog.Source("added-" + std::to_string(i));
    }
    return catalog.View();
  }

  testing::TempDir dir;
  std::unique_ptr<fs::FileSystem> fs = fs::NewPosixFileSystem();
  FakeViewSource views;
  OpenCodes open_codes;
  redis::NullCache cache;
  TailHub hub;
  std::unique_ptr<FileLogStore> log;
  std::optional<ledger::HmacKey> key;
  std::optional<QuarantineStore> quarantine;
  std::optional<QuarantineIntake> intake;
  std::unique_ptr<redis::SharedBuckets> quotas;
  SwitchedAuthorizer authorizer;
  rpc::StreamRegistry streams;
  base::ThreadPool submits{{.name = "submit", .threads = 2, .queue_limit = 1024}};
  base::ThreadPool reads{{.name = "read", .threads = 2, .queue_limit = 1024}};
  base::ThreadPool tails{{.name = "tail", .threads = 1, .queue_limit = 1024}};
  std::unique_ptr<grpc::Service> service;
  std::unique_ptr<testing::InProcessServer> server;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_TESTING_INGEST_SERVER_H_
