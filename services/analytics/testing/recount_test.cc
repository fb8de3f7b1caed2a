#include "services/analytics/testing/recount.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>

#include "clients/cpp/query/canonical.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"
#include "services/analytics/api/query_handler.h"
#include "services/analytics/query/vocabulary.h"
#include "services/analytics/testing/folded_world.h"
#include "services/analytics/testing/random_query.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::analytics::testing {
namespace {

// A world, folded into the plain engine and into the columnar one, each behind a handler.
class Asked {
  FoldedWorld folded_;

 public:
  const World& world;

  Asked(uint64_t seed, size_t events, const std::string& zone)
      : folded_(seed, events, zone), world(folded_.world) {
    for (const StatStore* store : folded_.stores()) {
      handlers_.push_back(std::make_unique<QueryHandler>(
          QueryHandler::Options{.store = store,
                                .catalog = &folded_.history(),
                                .catalog_reachable = [] { return true; },
                                .log_state = [] { return LogState{}; },
                                .cache = &cache_,
                                .clock = &clock_,
                                .executor = &pool_,
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
    CountGeography(query, recount, size, scope, counters);
    rpc::CallContext call;
    call.caller.region_scope = scope;
    v1::QueryRequest request;
    *request.mutable_query() = query;
    request.mutable_as_of()->set_log_size(size);
    // A dozen pages at most: each is planned anew, and more would only say the same.
    const auto dozenth = static_cast<uint32_t>(recount.rows.size() / 12);
    request.set_page_size(page_size == 0 ? 0 : std::max(page_size, dozenth));
    for (uint64_t offset = 0;;) {
      absl::StatusOr<std::optional<PageToken>> token = handlers_[0]->Check(call.caller, request);
      ASSERT_OK(token);
      ASSERT_OK_AND_ASSIGN(const v1::QueryResponse response, Ask(0, call, request, *token));
      ASSERT_OK_AND_ASSIGN(const v1::QueryResponse columnar, Ask(1, call, request, *token));
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

  // Whether what nobody asked a geography of is another answer for it.
  void CountGeography(const v1::Query& query, const RecountTable& recount, uint64_t size,
                      const std::string& scope, Counters* counters) const {
    const bool compares =
        query.comparisons_size() + query.cagr_years_size() != 0 || !query.index_base().empty();
    if (query.geography() != v1::GEOGRAPHY_UNSPECIFIED || !compares) return;
    v1::Query other = query;
    other.set_geography(v1::GEOGRAPHY_AT_EVENT);
    if (Recount(world, other, size, scope).rows == recount.rows) return;
    ++(*counters)["later geography matters"];
    if (query.panel() == v1::PANEL_MATCHED) ++(*counters)["later geography matters matched"];
    if (query.contributions_size() != 0) ++(*counters)["later geography matters contribution"];
    if (query.shares_size() != 0) ++(*counters)["later geography matters share"];
    if (!query.index_base().empty()) ++(*counters)["later geography matters index"];
    if (query.cagr_years_size() != 0) ++(*counters)["later geography matters cagr"];
    for (const int comparison : query.comparisons())
      ++(*counters)["later geography matters " + v1::Comparison_Name(comparison)];
  }

  v1::Result Answer(const v1::QueryRequest& request) {
    const auto response = Ask(1, rpc::CallContext(), request, std::nullopt);
    EXPECT_OK(response);
    return response->result();
  }

  absl::StatusOr<v1::QueryResponse> Ask(int handler, const rpc::CallContext& call,
                                        const v1::QueryRequest& request,
                                        const std::optional<PageToken>& token) {
    absl::StatusOr<v1::QueryResponse> answer;
    handlers_[handler]->Query(call, request, token, QueryHandler::Where::kExecutor,
                              [&](const absl::StatusOr<std::string>& got) {
                                if (!got.ok()) {
                                  answer = got.status();
                                } else {
                                  answer.emplace();
                                  EXPECT_TRUE(answer->ParseFromString(*got));
                                }
                              });
    return answer;
  }

  redis::NullCache cache_;
  tidemark::testing::FakeClock clock_;
  base::ThreadPool pool_{{.name = "test"}};
  std::vector<std::unique_ptr<QueryHandler>> handlers_;
};

// Names of the values of an enumeration of the contract but the one that says it is missing.
template <typename Describe>
std::vector<std::string> NamesOf(Describe describe) {
  std::vector<std::string> names;
  const auto* descriptor = describe();
  for (int i = 0; i < descriptor->value_count(); ++i) {
    if (descriptor->value(i)->number() != 0) names.push_back(descriptor->value(i)->name());
  }
  return names;
}

// What the queries must have met: every word of the product, and what makes them hard.
std::vector<std::string> Wanted() {
  std::vector<std::string> wanted;
  for (const MeasureWord& word : MeasureWords()) {
    wanted.push_back(absl::StrCat("measure ", word.name));
  }
  for (const DimensionWord& word : DimensionWords()) {
    wanted.push_back(absl::StrCat("dimension ", word.name));
    wanted.push_back(absl::StrCat("filter ", word.name));
    wanted.push_back(absl::StrCat("filter ", word.name, " excluding"));
    if (word.codes == CodeKind::kRegions) {
      for (const std::string_view level : RegionLevelNames().subspan(1)) {
        wanted.push_back(absl::StrCat("dimension ", word.name, "@", level));
      }
    }
    // The worlds' categories are four levels deep.
    for (int level = 1; word.codes == CodeKind::kCategories && level <= 5; ++level) {
      wanted.push_back(absl::StrCat("dimension ", word.name, "@", level));
    }
  }
  const std::vector<std::string> grains = NamesOf(v1::Grain_descriptor);
  for (const std::string& name : grains) wanted.push_back("grain " + name);
  for (const std::string& name : NamesOf(v1::Comparison_descriptor)) {
    wanted.push_back("later geography matters " + name);
    // Years to date are of months, quarters and half-years.
    const bool to_date = name.find("YTD") != std::string::npos;
    for (const std::string& grain : grains) {
      const bool in_year = grain == "GRAIN_MONTH" || grain == "GRAIN_QUARTER" ||
                           grain == "GRAIN_HALF_YEAR" || grain == "GRAIN_ALL";
      if (to_date && !in_year) continue;
      wanted.push_back(absl::StrCat("comparison ", name, " ", grain));
    }
  }
  for (int reason = v1::NULL_REASON_NO_BASE; reason <= v1::NULL_REASON_NO_CHANGE; ++reason) {
    wanted.push_back("null " + v1::NullReason_Name(static_cast<v1::NullReason>(reason)));
  }
  for (const std::string& name : NamesOf(v1::MemberKind_descriptor)) {
    wanted.push_back("member " + name);
  }
  for (const char* what : {"filter order",
                           "filter order excluding",
                           "filter group",
                           "filter unknown",
                           "flag PARTIAL",
                           "flag WEEK_53",
                           "flag LEFT_CENSORED",
                           "share of all",
                           "share of dimension",
                           "share of level",
                           "rank",
                           "rank ascending",
                           "page inner",
                           "page last",
                           "limited",
                           "ordered",
                           "range first",
                           "range last",
                           "range of one period",
                           "range cumulative",
                           "total",
                           "empty answer",
                           "null NULL_REASON_NOT_POSITIVE",
                           "cagr",
                           "index",
                           "contribution",
                           "contribution prev",
                           "location quotient",
                           "year to date matched",
                           "growth -1",
                           "growth to date",
                           "growth to date matched",
                           "panel matched",
                           "later geography matters matched",
                           "later geography matters contribution",
                           "later geography matters share",
                           "later geography matters index",
                           "later geography matters cagr",
                           "geography GEOGRAPHY_UNSPECIFIED compared",
                           "geography GEOGRAPHY_AT_EVENT compared",
                           "geography GEOGRAPHY_FIXED",
                           "geography GEOGRAPHY_FIXED compared",
                           "geography GEOGRAPHY_PERIOD_END",
                           "geography GEOGRAPHY_PERIOD_END compared",
                           "as of an earlier size",
                           "region scope"}) {
    wanted.emplace_back(what);
  }
  return wanted;
}

TEST(RecountTest, RandomQueriesEqualARecountOverAllEvents) {
  constexpr int kWorlds = 7, kQueries = 100;
  Counters counters;
  std::mt19937_64 random(20240229);
  uint64_t seed = 1;
  int asked_queries = 0;
  for (const std::string& zone : NaiveCalendar::ZoneNames()) {
    for (int w = 0; w < kWorlds; ++w) {
      Asked asked(seed++, w % 2 == 0 ? 250 : 450, zone);
      for (int q = 0; q < kQueries && !HasFatalFailure(); ++q, ++asked_queries) {
        const uint64_t size =
            random() % 3 == 0 ? 1 + random() % asked.world.log_size() : asked.world.log_size();
        const v1::Query query = RandomQuery(asked.world, &random, size);
        const uint32_t page_size = random() % 2 == 0 ? 0 : 1 + random() % 20;
        const std::string scope = random() % 8 != 0   ? ""
                                  : random() % 2 == 0 ? "regions/cn-33"
                                                      : "regionGroups/pilots";
        if (size < asked.world.log_size()) ++counters["as of an earlier size"];
        if (!scope.empty()) ++counters["region scope"];
        asked.Compare(query, size, page_size, scope, &counters);
      }
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GE(asked_queries, 3'000);
  for (const std::string& what : Wanted()) EXPECT_GT(counters[what], 0) << what;
  EXPECT_GT(counters["rows"], 100'000);
  EXPECT_GT(counters["later geography matters"], 100);
  RecordProperty("later geography matters", counters["later geography matters"]);
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
