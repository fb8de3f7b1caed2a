#ifndef TIDEMARK_SERVICES_CATALOG_API_SERVICE_FIXTURE_H_
#define TIDEMARK_SERVICES_CATALOG_API_SERVICE_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "clients/cpp/access/token_authorizer.h"
#include "common/redis/cache.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/testing/fake_clock.h"
#include "common/testing/in_process_server.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"
#include "services/catalog/api/catalog_service.h"
#include "services/catalog/api/token_lookup.h"
#include "services/catalog/api/watch_hub.h"
#include "services/catalog/domain/catalog.h"
#include "services/catalog/domain/use_book.h"
#include "services/catalog/observations/observation_index.h"
#include "services/catalog/search/search_index.h"
#include "services/catalog/store/sqlite_catalog_store.h"
#include "services/catalog/types/contract_rules.h"
#include "tidemark/catalog/v1/catalog_service.grpc.pb.h"

namespace tidemark::catalog::testing {

// A cache that can be looked into.
class MapCache final : public redis::Cache {
 public:
  std::optional<std::string> Get(std::string_view material) override {
    base::MutexLock lock(mutex_);
    const auto it = values_.find(material);
    if (it == values_.end()) return std::nullopt;
    ++hits_;
    return it->second;
  }
  void Put(std::string_view material, std::string_view value) override {
    base::MutexLock lock(mutex_);
    values_[std::string(material)] = std::string(value);
  }
  redis::CacheCounters counters() const override { return {.hits = hits_}; }
  bool enabled() const override { return true; }
  size_t size() const { return values_.size(); }

 private:
  base::Mutex mutex_;
  absl::flat_hash_map<std::string, std::string> values_;
  uint64_t hits_ = 0;
};

// A whole catalog behind a real server on loopback, with a token for each role.
class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() {
    store_ = SqliteCatalogStore::Open({.path = dir_.File("catalog.db")}).value();
    catalog_ = Catalog::Open({.store = store_.get(),
                              .clock = &clock_,
                              .rules = RulesOfContract(),
                              .followers = {&observations_},
                              .observer = &search_})
                   .value();
    catalog_->SetListener([this] { hub_.Wake(); });
    uses_ = std::make_unique<UseBook>(store_.get());
    lookup_ = std::make_unique<CatalogTokenLookup>(catalog_.get());
    authorizer_ = std::make_unique<access::TokenAuthorizer>(
        access::TokenAuthorizer::Options{.lookup = lookup_.get(), .clock = &clock_});
    service_ = NewCatalogService({.catalog = catalog_.get(),
                                  .observations = &observations_,
                                  .search = &search_,
                                  .uses = uses_.get(),
                                  .hub = &hub_,
                                  .clock = &clock_,
                                  .authorizer = authorizer_.get(),
                                  .streams = &streams_,
                                  .read_executor = &reads_,
                                  .write_executor = &writes_,
                                  .watch_executor = &reads_,
                                  .cache = &cache_});
    rpc::ServerRuntime::Options options;
    options.services = {service_.get()};
    options.streams = &streams_;
    options.max_receive_bytes = kMaxApplyBytes;
    server_ = std::make_unique<tidemark::testing::InProcessServer>(std::move(options));
    stub_ = v1::CatalogService::NewStub(server_->channel());
    admin_ = AddToken("admin", {Role::kAdmin});
    steward_ = AddToken("steward", {Role::kSteward});
    service_token_ = AddToken("service", {Role::kService});
    auditor_ = AddToken("auditor", {Role::kAuditor});
    viewer_ = AddToken("viewer", {Role::kViewer});
  }

  // A token that works, without the RPC.
  std::string AddToken(const std::string& id, std::vector<Role> roles,
                       const std::string& acts_for = "") {
    // 43 characters, different for each id.
    std::string secret = "tm_" + id;
    secret.resize(46, 'x');
    Token token;
    token.principal = id + "@test";
    token.roles = std::move(roles);
    token.acts_for = acts_for;
    token.secret_hash = access::HashSecret(secret);
    EXPECT_OK(catalog_->IssueToken("test", id, token));
    return secret;
  }

  // Calls a method of the stub: Call(steward_, &Stub::ApplyResources, request, &response).
  template <typename Method, typename Request, typename Response>
  absl::Status Call(const std::string& token, Method method, const Request& request,
                    Response* response) {
    grpc::ClientContext context;
    rpc::PrepareCall(&context, token, absl::Seconds(60));
    return status::FromGrpcStatus((stub_.get()->*method)(&context, request, response));
  }

  absl::StatusOr<v1::ApplyResourcesResponse> Apply(const std::string& token,
                                                   const v1::ApplyResourcesRequest& request) {
    v1::ApplyResourcesResponse response;
    absl::Status status = Call(token, &Stub::ApplyResources, request, &response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::ApplyResourcesResponse> ApplyText(const std::string& text) {
    return Apply(steward_, tidemark::testing::ParseText<v1::ApplyResourcesRequest>(text));
  }
  absl::StatusOr<v1::Resource> Get(const std::string& token, const std::string& name,
                                   uint64_t version = 0) {
    v1::GetResourceRequest request;
    request.set_name(name);
    request.set_version(version);
    v1::GetResourceResponse response;
    absl::Status status = Call(token, &Stub::GetResource, request, &response);
    if (!status.ok()) return status;
    return response.resource();
  }
  absl::StatusOr<v1::ListResourcesResponse> List(const v1::ListResourcesRequest& request,
                                                 const std::string& token = "") {
    v1::ListResourcesResponse response;
    absl::Status status =
        Call(token.empty() ? viewer_ : token, &Stub::ListResources, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  using Stub = v1::CatalogService::Stub;

  tidemark::testing::TempDir dir_;
  tidemark::testing::FakeClock clock_;
  std::unique_ptr<SqliteCatalogStore> store_;
  WatchHub hub_;
  ObservationIndex observations_;
  SearchIndex search_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<UseBook> uses_;
  MapCache cache_;
  std::unique_ptr<CatalogTokenLookup> lookup_;
  std::unique_ptr<access::TokenAuthorizer> authorizer_;
  rpc::StreamRegistry streams_;
  base::ThreadPool reads_{{.name = "read", .threads = 3, .queue_limit = 1024}};
  base::ThreadPool writes_{{.name = "write", .threads = 1, .queue_limit = 256}};
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<tidemark::testing::InProcessServer> server_;
  std::unique_ptr<v1::CatalogService::Stub> stub_;
  std::string admin_, steward_, service_token_, auditor_, viewer_;
};

}  // namespace tidemark::catalog::testing

#endif  // TIDEMARK_SERVICES_CATALOG_API_SERVICE_FIXTURE_H_
