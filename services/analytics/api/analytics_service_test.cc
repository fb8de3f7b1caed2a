// The service over gRPC: real server, plain engine, a catalog made by hand.
#include "services/analytics/api/analytics_service.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <set>

#include "clients/cpp/catalog/catalog_history.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/base/mutex.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/testing/in_process_server.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "services/analytics/store/memory_store.h"
#include "services/analytics/testing/recount.h"
#include "services/analytics/testing/world.h"
#include "tidemark/analytics/v1/analytics_service.grpc.pb.h"

namespace tidemark::analytics {
namespace {

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
    base::MutexLock lock(mutex_);
    const auto it = values_.find(std::string(key));
    if (it == values_.end()) return std::nullopt;
    return it->second;
  }
  void Put(std::string_view key, std::string_view value) override {
    base::MutexLock lock(mutex_);
    values_[std::string(key)] = std::string(value);
  }
  redis::CacheCounters counters() const override { return {}; }
  bool enabled() const override { return true; }
  size_t size() {
    base::MutexLock lock(mutex_);
    return values_.size();
  }
  void Poison() {
    base::MutexLock lock(mutex_);
    for (auto& [key, value] : values_) value = "x";
  }

 private:
  base::Mutex mutex_;
  std::map<std::string, std::string> values_ ABSL_GUARDED_BY(mutex_);
};

class AnalyticsServiceTest : public ::testing::Test {
 protected:
  AnalyticsServiceTest() : world_(testing::MakeWorld(7, 400, "Asia/Shanghai")), history_({}) {
    catalog_client::CatalogBuilder catalog;
    testing::WriteCatalog(world_, &catalog);
    EXPECT_OK(catalog.AppendTo(&history_));
    Fold(world_.log_size());
    Serve({.token_name = "t", .principal = "p"});
  }

  void Fold(uint64_t size) { ASSERT_OK(testing::FoldInto(world_, size, &store_)); }

  void Serve(rpc::Caller caller) {
    server_.reset();
    handler_ = std::make_unique<QueryHandler>(
        QueryHandler::Options{.store = &store_,
                              .catalog = &history_,
                              .catalog_reachable = [this] { return catalog_reachable_.load(); },
                              .log_state = [this] { return State(); },
                              .cache = &cache_,
                              .clock = &clock_,
                              .replica = "replica-1",
                              .cache_from = absl::ZeroDuration()});
    authorizer_ = std::make_unique<tidemark::testing::FakeAuthorizer>(std::move(caller));
    service_ =
        NewAnalyticsService({.queries = handler_.get(),
                             .waiter = &waiter_,
                             .store = &store_,
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
  LogState State() { return {world_.log_size() + 5, reachable_.load(), checkpoint_.load()}; }

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

  const testing::World world_;
  MemoryStore store_;
  catalog_client::CatalogHistory history_;
  MapCache cache_;
  base::SystemClock clock_;
  std::atomic<bool> reachable_ = true;
  std::atomic<bool> catalog_reachable_ = true;
  std::atomic<uint64_t> checkpoint_ = 0;
  absl::Duration patience_ = absl::Milliseconds(20);
  FoldWaiter waiter_{{.clock = &clock_}};
  base::ThreadPool pool_{{.name = "test", .threads = 4}};
  std::unique_ptr<QueryHandler> handler_;
  std::unique_ptr<tidemark::testing::FakeAuthorizer> authorizer_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<tidemark::testing::InProcessServer> server_;
  std::unique_ptr<v1::AnalyticsService::Stub> stub_;
};

constexpr char kMonthly[] = R"pb(
  measures { name: "net" }
  measures { name: "consumers" }
  dimensions { name: "consumer_region" level: "province" }
  grain: GRAIN_MONTH
  comparisons: COMPARISON_PREV
)pb";

std::string Query(const std::string& query, const std::string& rest = "") {
  return "query {" + query + "} " + rest;
}

TEST_F(AnalyticsServiceTest, AnswersAndSaysFromWhere) {
  ASSERT_OK_AND_ASSIGN(const v1::QueryResponse response, Ask(Query(kMonthly)));
  const auto query = ParseText<v1::Query>(kMonthly);
  const testing::RecountTable recount = testing::Recount(world_, query, world_.log_size());
  EXPECT_EQ(testing::Difference(recount, 0, response.result()), "");
  const v1::QueryMeta& meta = response.meta();
  EXPECT_EQ(meta.snapshot().log_id(), world_.log_id);
  EXPECT_EQ(meta.snapshot().log_size(), world_.log_size());
  EXPECT_EQ(meta.snapshot().catalog_version(), 1u);
  EXPECT_EQ(meta.canonical_query(),
            "net, consumers by month, consumer_region@province compare prev");
  EXPECT_EQ(meta.replica(), "replica-1");
  EXPECT_EQ(meta.total_row_count(), recount.rows.size());
  EXPECT_EQ(meta.folded_size(), world_.log_size());
  EXPECT_TRUE(meta.log_reachable());
  EXPECT_TRUE(meta.catalog_reachable());
  EXPECT_EQ(response.result().region_role(), v1::REGION_ROLE_BUYER_RESIDENCE);
  reachable_ = false;
  catalog_reachable_ = false;
  EXPECT_FALSE(Ask(Query(kMonthly))->meta().log_reachable());
  EXPECT_FALSE(Ask(Query(kMonthly))->meta().catalog_reachable());
}

TEST_F(AnalyticsServiceTest, CacheDoesNotChangeABit) {
  ASSERT_OK_AND_ASSIGN(const auto computed, Ask(Query(kMonthly)));
  EXPECT_EQ(computed.meta().cache(), v1::CACHE_STATE_MISS);
  ASSERT_OK_AND_ASSIGN(const auto cached, Ask(Query(kMonthly)));
  EXPECT_EQ(cached.meta().cache(), v1::CACHE_STATE_HIT);
  ASSERT_OK_AND_ASSIGN(const auto anew, Ask(Query(kMonthly, "bypass_cache: true")));
  EXPECT_EQ(anew.meta().cache(), v1::CACHE_STATE_BYPASSED);
  EXPECT_EQ(computed.result().SerializeAsString(), cached.result().SerializeAsString());
  EXPECT_EQ(computed.result().SerializeAsString(), anew.result().SerializeAsString());
  cache_.Poison();
  ASSERT_OK_AND_ASSIGN(const auto poisoned, Ask(Query(kMonthly)));
  EXPECT_EQ(poisoned.meta().cache(), v1::CACHE_STATE_MISS);
  EXPECT_EQ(computed.result().SerializeAsString(), poisoned.result().SerializeAsString());
}

TEST_F(AnalyticsServiceTest, CacheHitsWhileTheLogGrowsInOtherMonthsOnly) {
  const std::string old = R"pb(measures { name: "net" }
                               range { last: "2015-06" })pb";
  const auto query = ParseText<v1::Query>(old);
  // A snapshot whose months up to June 2015 got nothing more afterwards, and one before.
  uint64_t last = 0;
  for (const auto& event : world_.events) {
    if (event.time_us >= 1'435'680'000'000'000) continue;  // 2015-07-01 in Shanghai is earlier
    last = std::max({last, event.leaf + 1, event.taken_back.value_or(0) + 1});
  }
  ASSERT_LT(last, world_.log_size());
  const auto at = [](uint64_t size) { return absl::StrCat("as_of { log_size: ", size, "}"); };
  EXPECT_EQ(Ask(Query(old, at(last)))->meta().cache(), v1::CACHE_STATE_MISS);
  for (const uint64_t size : {last + 1, world_.log_size()}) {
    ASSERT_OK_AND_ASSIGN(const auto response, Ask(Query(old, at(size))));
    EXPECT_EQ(testing::Difference(testing::Recount(world_, query, size), 0, response.result()), "");
    EXPECT_EQ(response.meta().snapshot().log_size(), size);
  }
  EXPECT_EQ(Ask(Query(old))->meta().cache(), v1::CACHE_STATE_HIT);
  EXPECT_EQ(Ask(Query(old, at(last - 1)))->meta().cache(), v1::CACHE_STATE_MISS);
}

TEST_F(AnalyticsServiceTest, PagesFollowEachOtherAtTheSnapshotOfTheFirst) {
  const auto query = ParseText<v1::Query>(kMonthly);
  const testing::RecountTable recount = testing::Recount(world_, query, world_.log_size() - 40);
  auto request = ParseText<v1::QueryRequest>(Query(kMonthly, "page_size: 7"));
  request.mutable_as_of()->set_log_size(world_.log_size() - 40);
  uint64_t offset = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page, Ask(request));
    EXPECT_LE(page.result().row_count(), 7u);
    EXPECT_EQ(testing::Difference(recount, offset, page.result()), "");
    EXPECT_EQ(page.meta().snapshot().log_size(), world_.log_size() - 40);
    offset += page.result().row_count();
    request.clear_as_of();
    request.set_page_token(page.meta().next_page_token());
    request.set_page_size(7);
  } while (!request.page_token().empty());
  EXPECT_EQ(offset, recount.rows.size());
}

TEST_F(AnalyticsServiceTest, TamperedAndForeignTokensAreRefused) {
  ASSERT_OK_AND_ASSIGN(const auto first, Ask(Query(kMonthly, "page_size: 3")));
  const std::string token = first.meta().next_page_token();
  ASSERT_NE(token, "");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string tampered = token;
    tampered[i] = tampered[i] == 'A' ? 'B' : 'A';
    const auto answer = Ask(Query(kMonthly, "page_token: '" + tampered + "'"));
    // The last character of base64 has bits that do not count.
    if (i + 1 == token.size() && answer.ok()) continue;
    EXPECT_THAT(answer, AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("page_token")),
                              ReasonIs("PAGE_TOKEN_INVALID")))
        << i;
  }
  EXPECT_THAT(Ask(Query("measures { name: 'gross' }", "page_token: '" + token + "'")),
              ReasonIs("PAGE_TOKEN_INVALID"));
  const std::string question = std::string("\n") + first.meta().canonical_query();
  PageToken foreign{std::string(32, 'f'), 5, 3};
  EXPECT_THAT(Ask(Query(kMonthly, "page_token: '" + foreign.Encode(question) + "'")),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), ReasonIs("LOG_ID_MISMATCH")));
}

TEST_F(AnalyticsServiceTest, AsOfSizeTimeAndCheckpoint) {
  const auto query = ParseText<v1::Query>(kMonthly);
  const auto check = [&](const std::string& as_of, uint64_t size) {
    ASSERT_OK_AND_ASSIGN(const auto response, Ask(Query(kMonthly, "as_of {" + as_of + "}")));
    EXPECT_EQ(response.meta().snapshot().log_size(), size) << as_of;
    EXPECT_EQ(testing::Difference(testing::Recount(world_, query, size), 0, response.result()), "")
        << as_of;
  };
  check(absl::StrCat("log_size: ", 100), 100);
  const uint64_t block = world_.block_ends[2];
  const int64_t accepted = world_.accepted_us[block - 1];
  check(absl::StrCat("accepted_time_us: ", accepted), block);
  check(absl::StrCat("accepted_time_us: ", accepted - 1), world_.block_ends[1]);
  EXPECT_THAT(Ask(Query(kMonthly, "as_of { newest_checkpoint: true }")),
              AllOf(StatusIs(absl::StatusCode::kUnavailable), ReasonIs("NO_CHECKPOINT")));
  checkpoint_ = 120;
  check("newest_checkpoint: true", 120);
  EXPECT_THAT(Ask(Query(kMonthly, absl::StrCat("as_of { log_size: ", world_.log_size() + 1, "}"))),
              AllOf(StatusIs(absl::StatusCode::kOutOfRange), ReasonIs("AS_OF_AHEAD")));
  EXPECT_THAT(Ask(Query(kMonthly, "as_of {}")), ReasonIs("AS_OF_INVALID"));
  EXPECT_THAT(Ask(Query(kMonthly, "as_of { newest_checkpoint: false }")),
              ReasonIs("AS_OF_INVALID"));
  EXPECT_THAT(Ask(Query(kMonthly, "as_of { log_size: 5 } min_log_size: 9")),
              ReasonIs("AS_OF_INVALID"));
  EXPECT_THAT(Ask(Query(kMonthly, "as_of { log_size: 0 }")), ReasonIs("NO_OBSERVATORY"));
}

TEST_F(AnalyticsServiceTest, ReplicaThatIsBehindSaysHowFarItIs) {
  const absl::Status status =
      Ask(Query(kMonthly, absl::StrCat("min_log_size: ", world_.log_size() + 1))).status();
  EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kUnavailable), ReasonIs("BEHIND")));
  EXPECT_EQ(status::MetadataOf(status, "log_size"), absl::StrCat(world_.log_size()));
  EXPECT_OK(Ask(Query(kMonthly, absl::StrCat("min_log_size: ", world_.log_size()))));
}

TEST_F(AnalyticsServiceTest, WaitsForTheFold) {
  patience_ = absl::Seconds(60);
  MemoryStore behind;
  const uint64_t half = world_.block_ends[world_.block_ends.size() / 2];
  ASSERT_OK(testing::FoldInto(world_, half, &behind));
  QueryHandler handler({.store = &behind,
                        .catalog = &history_,
                        .catalog_reachable = [] { return true; },
                        .log_state = [] { return LogState{}; },
                        .cache = &cache_,
                        .clock = &clock_,
                        .replica = "behind"});
  const auto service = NewAnalyticsService({.queries = &handler,
                                            .waiter = &waiter_,
                                            .store = &behind,
                                            .log_state = [] { return LogState{}; },
                                            .catalog_reachable = [] { return true; },
                                            .clock = &clock_,
                                            .authorizer = authorizer_.get(),
                                            .query_executor = &pool_,
                                            .executor = &pool_,
                                            .patience = patience_});
  tidemark::testing::InProcessServer server({service.get()});
  stub_ = v1::AnalyticsService::NewStub(server.channel());
  absl::StatusOr<v1::QueryResponse> response;
  std::thread asker(
      [&] { response = Ask(Query(kMonthly, absl::StrCat("min_log_size: ", world_.log_size()))); });
  ASSERT_OK(testing::FoldInto(world_, world_.log_size(), &behind));
  waiter_.Notify();
  asker.join();
  ASSERT_OK(response);
  EXPECT_EQ(response->meta().snapshot().log_size(), world_.log_size());
}

TEST_F(AnalyticsServiceTest, BadRequestsNameTheField) {
  const auto refused = [&](const std::string& request, const char* field) {
    const auto answer = Ask(request);
    EXPECT_THAT(answer, StatusIs(absl::StatusCode::kInvalidArgument)) << request;
    EXPECT_EQ(status::FieldOf(answer.status()), field) << request;
  };
  refused("", "query");
  refused("query {}", "query.measures");
  refused(Query("measures { name: 'nett' }"), "query.measures[0].name");
  refused(Query(kMonthly, "page_size: 100001"), "page_size");
  refused(Query(kMonthly, "page_token: '!'"), "page_token");
  refused(Query(kMonthly, "label_language: 'zh_CN'"), "label_language");
  auto request = ParseText<v1::QueryRequest>(Query(kMonthly));
  request.mutable_query()->set_grain(static_cast<v1::Grain>(99));
  EXPECT_THAT(Ask(request), ReasonIs("UNKNOWN_GRAIN"));
  request = ParseText<v1::QueryRequest>(Query(kMonthly));
  request.mutable_query()->add_comparisons(static_cast<v1::Comparison>(9));
  EXPECT_THAT(Ask(request), ReasonIs("UNKNOWN_COMPARISON"));
  const auto garbage = tidemark::testing::CallRaw(
      server_->channel(), absl::StrCat("/", kAnalyticsServiceName, "/Query"), "\xFF\xFF garbage");
  EXPECT_THAT(garbage, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("QueryRequest")));
}

TEST_F(AnalyticsServiceTest, RegionScopeIsAWall) {
  Serve({.token_name = "t", .principal = "p", .region_scope = "regions/cn-33"});
  ASSERT_OK_AND_ASSIGN(const auto inside, Ask(Query(kMonthly)));
  const auto query = ParseText<v1::Query>(kMonthly);
  EXPECT_EQ(testing::Difference(testing::Recount(world_, query, world_.log_size(), "regions/cn-33"),
                                0, inside.result()),
            "");
  EXPECT_EQ(inside.result().notes(0).code(), "REGION_SCOPE");
  Serve({.token_name = "t", .principal = "p"});
  // Not the answer of the one with the scope, although the query is the same.
  ASSERT_OK_AND_ASSIGN(const auto outside, Ask(Query(kMonthly)));
  EXPECT_EQ(outside.result().notes_size(), 0);
  Serve({.token_name = "t", .principal = "p", .region_scope = "regions/nowhere"});
  EXPECT_THAT(Ask(Query(kMonthly)), StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(AnalyticsServiceTest, VocabularyHasBothLanguages) {
  for (const char* language : {"", "en", "zh", "zh-Hans"}) {
    grpc::ClientContext context;
    v1::GetVocabularyRequest request;
    request.set_language(language);
    v1::GetVocabularyResponse response;
    ASSERT_TRUE(stub_->GetVocabulary(&context, request, &response).ok());
    EXPECT_THAT(response.measures(), SizeIs(17));
    EXPECT_THAT(response.dimensions(), SizeIs(19));
    EXPECT_THAT(response.grains(), SizeIs(8));
    EXPECT_THAT(response.comparisons(), SizeIs(2));
    for (const auto* terms : {&response.measures(), &response.dimensions(), &response.grains(),
                              &response.comparisons()}) {
      for (const v1::Term& term : *terms) {
        EXPECT_NE(term.name(), "");
        EXPECT_NE(term.title(), "") << term.name();
        EXPECT_NE(term.definition(), "") << term.name();
      }
    }
  }
  grpc::ClientContext context;
  v1::GetVocabularyRequest request;
  request.set_language("fr");
  v1::GetVocabularyResponse response;
  EXPECT_EQ(stub_->GetVocabulary(&context, request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(AnalyticsServiceTest, EveryWordOfTheVocabularyCanBeAsked) {
  grpc::ClientContext context;
  v1::GetVocabularyResponse words;
  ASSERT_TRUE(stub_->GetVocabulary(&context, {}, &words).ok());
  for (const v1::Term& measure : words.measures()) {
    const std::string quantile = measure.name() == "quantile" ? " quantile: 5000" : "";
    EXPECT_OK(Ask(Query("measures { name: '" + measure.name() + "'" + quantile + "}")));
  }
  for (const v1::Term& dimension : words.dimensions()) {
    for (const std::string& level : dimension.levels()) {
      EXPECT_OK(Ask(Query("measures { name: 'net' } dimensions { name: '" + dimension.name() +
                          "' level: '" + level + "' }")));
    }
  }
}

TEST_F(AnalyticsServiceTest, FoldStatusShowsTheState) {
  grpc::ClientContext context;
  v1::GetFoldStatusResponse response;
  ASSERT_TRUE(stub_->GetFoldStatus(&context, {}, &response).ok());
  EXPECT_EQ(response.snapshot().log_id(), world_.log_id);
  EXPECT_EQ(response.snapshot().log_size(), world_.log_size());
  EXPECT_EQ(response.log_size(), world_.log_size() + 5);
  EXPECT_TRUE(response.log_reachable());
  EXPECT_GT(response.effects(), 0u);
  EXPECT_EQ(response.replica(), "replica-1");
  EXPECT_EQ(response.version(), "0.1.0");
}

}  // namespace
}  // namespace tidemark::analytics
