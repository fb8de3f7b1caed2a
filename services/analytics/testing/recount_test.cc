#include "services/analytics/testing/recount.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>

#include "clients/cpp/catalog/catalog_history.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "clients/cpp/query/canonical.h"
#include "common/fs/file_system.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"
#include "services/analytics/api/query_handler.h"
#include "services/analytics/store/memory_store.h"
#include "services/analytics/store/run_store.h"
#include "services/analytics/testing/random_query.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::analytics::testing {
namespace {

// A world, folded into the plain engine and into the columnar one, each behind a handler.
class Asked {
 public:
  Asked(uint64_t seed, size_t events, const std::string& zone)
      : world(MakeWorld(seed, events, zone)), history_({}) {
    catalog_client::CatalogBuilder catalog;
    WriteCatalog(world, &catalog);
    EXPECT_OK(catalog.AppendTo(&history_));
    EXPECT_OK(FoldInto(world, world.log_size(), &plain_));
    // Small enough that every world has runs, merged runs, sorted chunks and a growing one.
    RunStore::Options options;
    options.fs = fs_.get();
    options.dir = dir_.path();
    options.chunk_effects = 16;
    options.seal_effects = 64;
    options.max_run_effects = 256;
    options.merge_runs = 2;
    options.background = false;
    absl::StatusOr<std::unique_ptr<RunStore>> columnar = RunStore::Open(options);
    EXPECT_OK(columnar);
    columnar_ = *std::move(columnar);
    EXPECT_OK(FoldInto(world, world.log_size(), columnar_.get()));
    for (const StatStore* store :
         {static_cast<const StatStore*>(&plain_), static_cast<const StatStore*>(columnar_.get())}) {
      handlers_.push_back(std::make_unique<QueryHandler>(
          QueryHandler::Options{.store = store,
                                .catalog = &history_,
                                .catalog_reachable = [] { return true; },
                                .log_state = [] { return LogState{}; },
                                .cache = &cache_,
                                .clock = &clock_,
                                .replica = "test"}));
    }
  }

  // All pages of the answer must be those of the recount.
  void Compare(const v1::Query& query, uint64_t size, uint32_t page_size, const std::string& scope,
               Counters* counters) {
    SCOPED_TRACE(absl::StrCat(world.zone, " at ", size, " scope ", scope, ": ",
                              query::CanonicalText(query)));
    const RecountTable recount = Recount(world, query, size, scope);
    Count(query, recount, counters);
    rpc::CallContext call;
    call.caller.region_scope = scope;
    v1::QueryRequest request;
    *request.mutable_query() = query;
    request.mutable_as_of()->set_log_size(size);
    request.set_page_size(page_size);
    for (uint64_t offset = 0;;) {
      absl::StatusOr<std::optional<PageToken>> token = handlers_[0]->Token(call.caller, request);
      ASSERT_OK(token);
      v1::QueryResponse response, columnar;
      ASSERT_OK(handlers_[0]->Query(call, request, *token, &response));
      ASSERT_OK(handlers_[1]->Query(call, request, *token, &columnar));
      // Page tokens too: replicas with other engines continue each other's pages.
      ASSERT_EQ(response.result().SerializeAsString(), columnar.result().SerializeAsString());
      ASSERT_EQ(response.meta().next_page_token(), columnar.meta().next_page_token());
      ASSERT_EQ(Difference(recount, offset, response.result()), "");
      EXPECT_EQ(response.meta().total_row_count(), recount.rows.size());
      EXPECT_EQ(response.meta().snapshot().accepted_time_us(), world.NowAt(size));
      offset += response.result().row_count();
      ++(*counters)[offset == recount.rows.size() ? "page last" : "page inner"];
      if (response.meta().next_page_token().empty()) {
        EXPECT_EQ(offset, recount.rows.size());
        return;
      }
      ASSERT_GT(response.result().row_count(), 0u);
      request.set_page_token(response.meta().next_page_token());
    }
  }

  v1::Result Answer(const v1::QueryRequest& request) {
    v1::QueryResponse response;
    EXPECT_OK(handlers_[1]->Query(rpc::CallContext(), request, std::nullopt, &response));
    return response.result();
  }

  const World world;

 private:
  tidemark::testing::TempDir dir_;
  std::unique_ptr<fs::FileSystem> fs_ = fs::NewPosixFileSystem();
  MemoryStore plain_;
  std::unique_ptr<RunStore> columnar_;
  catalog_client::CatalogHistory history_;
  redis::NullCache cache_;
  tidemark::testing::FakeClock clock_;
  std::vector<std::unique_ptr<QueryHandler>> handlers_;
};

TEST(RecountTest, RandomQueriesEqualARecountOverAllEvents) {
  Counters counters;
  std::mt19937_64 random(20240229);
  uint64_t seed = 1;
  for (const std::string& zone : NaiveCalendar::ZoneNames()) {
    for (int w = 0; w < 2; ++w) {
      Asked asked(seed++, w == 0 ? 250 : 450, zone);
      for (int q = 0; q < 30 && !HasFatalFailure(); ++q) {
        const v1::Query query = RandomQuery(asked.world, &random);
        const uint64_t size =
            random() % 3 == 0 ? 1 + random() % asked.world.log_size() : asked.world.log_size();
        const uint32_t page_size = random() % 2 == 0 ? 0 : 1 + random() % 20;
        const std::string scope = random() % 8 != 0   ? ""
                                  : random() % 2 == 0 ? "regions/cn-33"
                                                      : "regionGroups/pilots";
        asked.Compare(query, size, page_size, scope, &counters);
      }
      if (HasFatalFailure()) return;
    }
  }
  for (const char* what : {"grain GRAIN_HOUR",
                           "grain GRAIN_DAY",
                           "grain GRAIN_WEEK",
                           "grain GRAIN_MONTH",
                           "grain GRAIN_QUARTER",
                           "grain GRAIN_HALF_YEAR",
                           "grain GRAIN_YEAR",
                           "grain GRAIN_ALL",
                           "null NULL_REASON_NO_BASE",
                           "null NULL_REASON_PARTIAL_PERIOD",
                           "null NULL_REASON_NO_DATA",
                           "null NULL_REASON_ZERO_DENOMINATOR",
                           "null NULL_REASON_NOT_RANKED",
                           "null NULL_REASON_ZERO_BASE",
                           "null NULL_REASON_NEGATIVE_BASE",
                           "member MEMBER_KIND_UNALLOCATED",
                           "member MEMBER_KIND_UNKNOWN",
                           "flag PARTIAL",
                           "flag WEEK_53",
                           "flag LEFT_CENSORED",
                           "share of all",
                           "share of dimension",
                           "share of level",
                           "rank",
                           "filter group",
                           "filter excluding",
                           "filter unknown",
                           "page inner",
                           "limited",
                           "ordered"}) {
    EXPECT_GT(counters[what], 0) << what;
  }
  EXPECT_GT(counters["rows"], 5'000);
}

// What the test above relies on: that the comparison sees small things.
TEST(RecountTest, DifferenceNoticesALostEventAndAShiftedPage) {
  Asked asked(99, 300, "Asia/Shanghai");
  v1::Query query;
  query.add_measures()->set_name("events");
  query.add_dimensions()->set_name("product");
  v1::QueryRequest request;
  *request.mutable_query() = query;
  const v1::Result result = asked.Answer(request);
  World world = asked.world;
  EXPECT_EQ(Difference(Recount(world, query, world.log_size()), 0, result), "");
  EXPECT_NE(Difference(Recount(world, query, world.log_size()), 1, result), "");
  const auto lost = std::find_if(world.events.begin(), world.events.end(), [](const auto& event) {
    return !event.taken_back && event.fields.at("source") == "shop-a";
  });
  world.events.erase(lost);
  EXPECT_NE(Difference(Recount(world, query, world.log_size()), 0, result), "");
}

}  // namespace
}  // namespace tidemark::analytics::testing
