// The service over gRPC for tests: real server, plain engine, a catalog made by hand.
#ifndef TIDEMARK_SERVICES_ANALYTICS_API_SERVICE_FIXTURE_TEST_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_SERVICE_FIXTURE_TEST_H_

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "clients/cpp/catalog/catalog_history.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/base/mutex.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/testing/in_process_server.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "services/analytics/api/analytics_service.h"
#include "services/analytics/store/memory_store.h"
#include "services/analytics/testing/recount.h"
#include "services/analytics/testing/world.h"
#include "tidemark/analytics/v1/analytics_service.grpc.pb.h"

namespace tidemark::analytics {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::tidemark::testing::EqualsProto;
using ::tidemark::testing::ParseText;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

// A cache that remembers everything it is given.
class MapCache final : public redis::Cache {
 public:
  std::optional<std::string> Get(std::string_view key) override {
    if (away_) return std::nullopt;
    base::MutexLock lock(mutex_);
    const auto it = values_.find(std::string(key));
    if (it == values_.end()) return std::nullopt;
    return it->second;
  }
  void Put(std::string_view key, std::string_view value) override {
    base::MutexLock lock(mutex_);
    values_[std::string(key)] = std::string(value);
  }
  redis::CacheCounters counters() const override { return {.open = away_.load()}; }
  bool enabled() const override { return true; }
  void Poison() {
    base::MutexLock lock(mutex_);
    for (auto& [key, value] : values_) value = "x";
  }
  // As one that is left alone after failures.
  void GoAway() { away_ = true; }

 private:
  base::Mutex mutex_;
  std::map<std::string, std::string> values_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> away_ = false;
};

class AnalyticsServiceTest : public ::testing::Test {
 protected:
  AnalyticsServiceTest() : world_(testing::MakeWorld(7, 400, "Asia/Shanghai")), history_({}) {
    testing::WriteCatalog(world_, &catalog_);
    EXPECT_OK(catalog_.AppendTo(&history_));
    Fold(world_.log_size());
    Serve({.token_name = "t", .principal = "p"});
  }

  void Fold(uint64_t size) { ASSERT_OK(testing::FoldInto(world_, size, &store_)); }

  void Serve(rpc::Caller caller) { Serve(std::move(caller), &store_); }
  // `store` must outlive the fixture's use of it.
  void Serve(rpc::Caller caller, const StatStore* store) {
    server_.reset();
    handler_ = std::make_unique<QueryHandler>(
        QueryHandler::Options{.store = store,
                              .catalog = &history_,
                              .catalog_reachable = [this] { return catalog_reachable_.load(); },
                              .log_state = [this] { return State(); },
                              .grant_checker = grant_checker_,
                              .source_days = &source_days_,
                              .official = official_,
                              .cache = &cache_,
                              .clock = &clock_,
                              .executor = &pool_,
                              .replica = "replica-1",
                              .cache_from = cache_from_});
    authorizer_ = std::make_unique<tidemark::testing::FakeAuthorizer>(std::move(caller));
    service_ =
        NewAnalyticsService({.queries = handler_.get(),
                             .waiter = &waiter_,
                             .store = store,
                             .links = &links_,
                             .source_days = &source_days_,
                             .log_state = [this] { return State(); },
                             .catalog_reachable = [this] { return catalog_reachable_.load(); },
                             .clock = &clock_,
                             .authorizer = authorizer_.get(),
                             .query_executor = &pool_,
                             .executor = &pool_,
                             .patience = patience_,
                             .replica = "replica-1",
                             .version = "0.1.0"});
    server_ = std::make_unique<tidemark::testing::InProcessServer>(
        std::vector<grpc::Service*>{service_.get()});
    stub_ = v1::AnalyticsService::NewStub(server_->channel());
  }
  LogState State() {
    return {.log_size = world_.log_size() + not_folded_.load(),
            .reachable = reachable_.load(),
            .stall = stall_,
            .folded_checkpoint = checkpoint_.load(),
            .first_size = first_size_.load()};
  }

  absl::StatusOr<v1::QueryResponse> Ask(const v1::QueryRequest& request) {
    grpc::ClientContext context;
    v1::QueryResponse response;
    const grpc::Status status = stub_->Query(&context, request, &response);
    if (!status.ok()) return status::FromGrpcStatus(status);
    return response;
  }
  absl::StatusOr<v1::QueryResponse> Ask(const std::string& request) {
    return Ask(ParseText<v1::QueryRequest>(request));
  }

  std::string next_;  // page token
  const testing::World world_;
  MemoryStore store_;
  const LinkFold links_{&store_};
  catalog_client::CatalogBuilder catalog_;
  catalog_client::CatalogHistory history_;
  const SourceDayFold source_days_{&store_, &links_, &history_};
  MapCache cache_;
  base::SystemClock clock_;
  std::atomic<bool> reachable_ = true;
  // Changed between calls only.
  absl::Status stall_;
  std::atomic<bool> catalog_reachable_ = true;
  std::atomic<uint64_t> checkpoint_ = 0;
  std::atomic<uint64_t> first_size_ = 0;
  // Records that the log has and the world lacks.
  std::atomic<uint64_t> not_folded_ = 5;
  absl::Duration cache_from_ = absl::ZeroDuration();
  absl::Duration patience_ = absl::Milliseconds(20);
  FoldWaiter waiter_{{.clock = &clock_}};
  base::ThreadPool pool_{{.name = "test", .threads = 4}};
  const grants::GrantChecker* grant_checker_ = nullptr;
  CatalogReader* official_ = nullptr;
  std::unique_ptr<QueryHandler> handler_;
  std::unique_ptr<tidemark::testing::FakeAuthorizer> authorizer_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<tidemark::testing::InProcessServer> server_;
  std::unique_ptr<v1::AnalyticsService::Stub> stub_;
};

inline constexpr char kMonthly[] = R"pb(
  measures { name: "net" }
  measures { name: "consumers" }
  dimensions { name: "consumer_region" level: "province" }
  grain: GRAIN_MONTH
  comparisons: COMPARISON_PREV
)pb";

inline std::string Query(const std::string& query, const std::string& rest = "") {
  return "query {" + query + "} " + rest;
}

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_SERVICE_FIXTURE_TEST_H_
