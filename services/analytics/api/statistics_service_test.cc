#include "services/analytics/api/statistics_service.h"

#include <map>
#include <set>

#include "services/analytics/api/service_fixture_test.h"
#include "tidemark/analytics/v1/statistics_service.grpc.pb.h"

namespace tidemark::analytics {
namespace {

class StatisticsServiceTest : public AnalyticsServiceTest {
 protected:
  StatisticsServiceTest() { ServeStatistics({.token_name = "t", .principal = "p"}); }

  void ServeStatistics(rpc::Caller caller) { ServeStatistics(std::move(caller), &store_); }
  // `store`: the one that the fixture serves queries of.
  void ServeStatistics(rpc::Caller caller, const StatStore* store) {
    statistics_server_.reset();
    statistics_authorizer_ = std::make_unique<tidemark::testing::FakeAuthorizer>(std::move(caller));
    statistics_ = NewStatisticsService({.runner = {.queries = handler_.get(),
                                                   .waiter = &waiter_,
                                                   .store = store,
                                                   .source_days = &source_days_,
                                                   .clock = &clock_,
                                                   .executor = &pool_,
                                                   .patience = patience_},
                                        .authorizer = statistics_authorizer_.get(),
                                        .streams = &streams_});
    statistics_server_ = std::make_unique<tidemark::testing::InProcessServer>(
        std::vector<grpc::Service*>{statistics_.get()});
    statistics_stub_ = v1::StatisticsService::NewStub(statistics_server_->channel());
  }

  absl::StatusOr<v1::GetAvailabilityResponse> Availability(const std::string& request) {
    grpc::ClientContext context;
    v1::GetAvailabilityResponse response;
    const grpc::Status status = statistics_stub_->GetAvailability(
        &context, ParseText<v1::GetAvailabilityRequest>(request), &response);
    if (!status.ok()) return status::FromGrpcStatus(status);
    return response;
  }

  static const v1::Column& ColumnOf(const v1::Result& result, std::string_view name) {
    for (const v1::Column& column : result.columns()) {
      if (column.name() == name) return column;
    }
    ADD_FAILURE() << "no column " << name;
    return result.columns(0);
  }
  static std::string TextOf(const v1::Column& column, int row) {
    const v1::Member& member =
        column.dictionary().members(static_cast<int>(column.dictionary().indexes(row)));
    return member.kind() == v1::MEMBER_KIND_UNKNOWN ? "?" : member.code();
  }

  // For a test that folds into it; before the service, which looks at its store by itself.
  MemoryStore growing_;
  std::unique_ptr<tidemark::testing::FakeAuthorizer> statistics_authorizer_;
  rpc::StreamRegistry streams_;
  std::unique_ptr<grpc::Service> statistics_;
  std::unique_ptr<tidemark::testing::InProcessServer> statistics_server_;
  std::unique_ptr<v1::StatisticsService::Stub> statistics_stub_;
};

TEST_F(StatisticsServiceTest, AvailabilityHasTheCellsOfTheQueryAndTheirSummary) {
  ASSERT_OK_AND_ASSIGN(const v1::GetAvailabilityResponse told,
                       Availability(R"pb(place { name: "provider_region" })pb"));
  ASSERT_OK_AND_ASSIGN(const v1::QueryResponse asked,
                       Ask(R"pb(query {
                                  measures { name: "events" }
                                  grain: GRAIN_MONTH
                                  dimensions { name: "provider_region" }
                                })pb"));
  EXPECT_THAT(told.cells(), EqualsProto(asked.result()));
  EXPECT_EQ(told.meta().snapshot().log_size(), asked.meta().snapshot().log_size());
  ASSERT_GT(told.cells().row_count(), 10u);

  std::map<std::string, std::map<std::string, int64_t>> months;
  for (int row = 0; row < static_cast<int>(told.cells().row_count()); ++row) {
    months[TextOf(ColumnOf(told.cells(), "provider_region"), row)]
          [TextOf(ColumnOf(told.cells(), "period"), row)] =
              ColumnOf(told.cells(), "events").integers().values(row);
  }
  ASSERT_EQ(told.places().row_count(), months.size());
  for (int row = 0; row < static_cast<int>(months.size()); ++row) {
    const auto& of_place = months[TextOf(ColumnOf(told.places(), "provider_region"), row)];
    const std::string first = of_place.begin()->first, last = of_place.rbegin()->first;
    EXPECT_EQ(TextOf(ColumnOf(told.places(), "first_period"), row), first);
    EXPECT_EQ(TextOf(ColumnOf(told.places(), "last_period"), row), last);
    const auto number = [](const std::string& month) {
      return std::stoi(month.substr(0, 4)) * 12 + std::stoi(month.substr(5));
    };
    const auto with_events = static_cast<int64_t>(of_place.size());
    EXPECT_EQ(ColumnOf(told.places(), "periods").integers().values(row), with_events);
    EXPECT_EQ(ColumnOf(told.places(), "gaps").integers().values(row),
              number(last) - number(first) + 1 - with_events);
    int64_t events = 0;
    for (const auto& [month, count] : of_place) events += count;
    EXPECT_EQ(ColumnOf(told.places(), "events").integers().values(row), events);
  }
}

TEST_F(StatisticsServiceTest, NamesTheFieldThatIsWrong) {
  const auto field = [this](const std::string& request) {
    return status::FieldOf(Availability(request).status());
  };
  EXPECT_EQ(field(R"pb(place { name: "category" })pb"), "place.name");
  EXPECT_EQ(field(R"pb(place { name: "provider_region" level: "town" })pb"), "place.level");
  EXPECT_EQ(field(R"pb(grain: GRAIN_ALL)pb"), "grain");
  EXPECT_EQ(field(R"pb(range { first: "2024-13" })pb"), "range.first");
  EXPECT_EQ(field(R"pb(filters { dimension: "channel" codes: "onlin" })pb"), "filters[0].codes[0]");
  EXPECT_EQ(field(R"pb(read { label_language: "z_h" })pb"), "read.label_language");
  EXPECT_EQ(field(R"pb(read { log_id: "x" })pb"), "read.log_id");
}

TEST_F(StatisticsServiceTest, WaitsForTheFoldAndSaysWhereItIs) {
  const absl::Status behind = Availability("read { min_log_size: 100000 }").status();
  EXPECT_THAT(behind, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(behind, ReasonIs("BEHIND"));
}

TEST_F(StatisticsServiceTest, AConfinedCallerSeesItsRegionOnly) {
  ASSERT_OK_AND_ASSIGN(const v1::GetAvailabilityResponse all, Availability(""));
  const std::string place = TextOf(ColumnOf(all.places(), "consumer_region"), 0);
  ServeStatistics({.token_name = "t", .principal = "p", .region_scope = "regions/" + place});
  ASSERT_OK_AND_ASSIGN(const v1::GetAvailabilityResponse own, Availability(""));
  EXPECT_LT(own.places().row_count(), all.places().row_count());
  EXPECT_EQ(own.cells().notes(0).code(), "REGION_SCOPE");
}

TEST_F(StatisticsServiceTest, ExplainsHowAQueryIsAnswered) {
  const auto explain = [this](const std::string& text) -> absl::StatusOr<v1::ExplainResponse> {
    grpc::ClientContext context;
    v1::ExplainResponse response;
    const grpc::Status status =
        statistics_stub_->Explain(&context, ParseText<v1::ExplainRequest>(text), &response);
    if (!status.ok()) return status::FromGrpcStatus(status);
    return response;
  };
  const std::string query = R"pb(query {
                                   measures { name: "consumers" }
                                   grain: GRAIN_YEAR
                                   range { first: "2016" last: "2017" }
                                   dimensions { name: "consumer_region" level: "province" }
                                   filters {
                                     dimension: "source"
                                     codes: [ "shop-a", "shop-b" ]
                                   }
                                   comparisons: COMPARISON_YOY
                                 })pb";
  ASSERT_OK_AND_ASSIGN(const v1::ExplainResponse told, explain(query));
  ASSERT_OK_AND_ASSIGN(const v1::QueryResponse answer, Ask(query + " bypass_cache: true"));
  EXPECT_EQ(told.meta().canonical_query(), answer.meta().canonical_query());
  EXPECT_EQ(told.meta().total_row_count(), answer.meta().total_row_count());
  EXPECT_EQ(told.meta().effects_scanned(), answer.meta().effects_scanned());
  EXPECT_EQ(told.read().effects_scanned(), answer.meta().effects_scanned());
  ASSERT_EQ(told.measures_size(), 2);
  EXPECT_FALSE(told.measures(0).quotient());
  EXPECT_TRUE(told.measures(1).added()) << "identified_share stands beside consumers";
  EXPECT_EQ(told.dimensions(0).level(), "province");
  EXPECT_GT(told.dimensions(0).groups(), 1u);
  // Those of TEST sources never count.
  ASSERT_GE(told.filters_size(), 1);
  EXPECT_EQ(told.periods().shown(), 2u);
  EXPECT_EQ(told.periods().bases(), 1u);
  std::set<std::string> sources;
  for (const v1::ExplainedSource& source : told.sources()) {
    sources.insert(source.source());
    EXPECT_LE(source.complete_days(), source.expected_days());
  }
  EXPECT_EQ(sources, (std::set<std::string>{"shop-a", "shop-b"}));
  EXPECT_EQ(told.stages_size(), 5);
  EXPECT_THAT(told.cache().key(), SizeIs(64));
  // The same question has the same key, another has another.
  ASSERT_OK_AND_ASSIGN(const v1::ExplainResponse again, explain(query));
  EXPECT_EQ(again.cache().key(), told.cache().key());
  EXPECT_EQ(status::FieldOf(explain("query { measures { name: \"nett\" } }").status()),
            "query.measures[0].name");
  EXPECT_EQ(status::FieldOf(explain("").status()), "query");
}

// What a client knows of a table: its rows by their keys.
class WatchedTable {
 public:
  void Take(const v1::WatchResponse& message) {
    for (int row = 0; row < static_cast<int>(message.removed().row_count()); ++row) {
      EXPECT_EQ(rows_.erase(KeyOf(message.removed(), row)), 1u);
    }
    for (int row = 0; row < static_cast<int>(message.changed().row_count()); ++row) {
      rows_[KeyOf(message.changed(), row)] = TextOf(message.changed(), row);
    }
    EXPECT_EQ(rows_.size(), message.meta().total_row_count());
  }
  static std::map<std::string, std::string> RowsOf(const v1::Result& result) {
    WatchedTable table;
    for (int row = 0; row < static_cast<int>(result.row_count()); ++row) {
      table.rows_[KeyOf(result, row)] = TextOf(result, row);
    }
    return table.rows_;
  }
  const std::map<std::string, std::string>& rows() const { return rows_; }

 private:
  static std::string KeyOf(const v1::Result& result, int row) {
    std::string key;
    for (const v1::Column& column : result.columns()) {
      if (column.kind() != v1::COLUMN_KIND_PERIOD && column.kind() != v1::COLUMN_KIND_DIMENSION) {
        continue;
      }
      const auto& dictionary = column.dictionary();
      const v1::Member& member = dictionary.members(static_cast<int>(dictionary.indexes(row)));
      absl::StrAppend(&key, member.kind(), member.code(), "/");
    }
    return key;
  }
  static std::string TextOf(const v1::Result& result, int row) {
    std::string text;
    for (const v1::Column& column : result.columns()) {
      // A message without nulls in the column has no reasons.
      const int reason = column.null_reasons_size() == 0 ? 0 : column.null_reasons(row);
      if (reason != 0) absl::StrAppend(&text, "null ", reason, ";");
      if (column.has_integers()) absl::StrAppend(&text, column.integers().values(row), ";");
      if (column.has_doubles()) absl::StrAppend(&text, column.doubles().values(row), ";");
      if (!column.has_dictionary()) continue;
      const auto& dictionary = column.dictionary();
      absl::StrAppend(&text, dictionary.members(static_cast<int>(dictionary.indexes(row))).code(),
                      ";");
    }
    return text;
  }
  std::map<std::string, std::string> rows_;
};

constexpr char kWatched[] = R"pb(query {
                                   measures { name: "net" }
                                   measures { name: "consumers" }
                                   grain: GRAIN_QUARTER
                                   dimensions { name: "source" }
                                   comparisons: COMPARISON_PREV
                                 })pb";

TEST_F(StatisticsServiceTest, AWatchTellsWhatChangesUntilItEqualsTheAnswer) {
  ASSERT_OK(testing::FoldInto(world_, 100, &growing_));
  Serve({.token_name = "t", .principal = "p"}, &growing_);
  ServeStatistics({.token_name = "t", .principal = "p"}, &growing_);
  grpc::ClientContext context;
  auto request = ParseText<v1::WatchRequest>(kWatched);
  request.set_interval_ms(100);
  const auto reader = statistics_stub_->Watch(&context, request);
  WatchedTable table;
  v1::WatchResponse message;
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.changed().row_count(), message.meta().total_row_count());
  const uint64_t all = message.changed().row_count();
  table.Take(message);
  bool small = false;
  for (const uint64_t size : {uint64_t{130}, uint64_t{260}, world_.log_size()}) {
    ASSERT_OK(testing::FoldInto(world_, size, &growing_));
    while (message.meta().snapshot().log_size() < growing_.folded_size()) {
      ASSERT_TRUE(reader->Read(&message));
      table.Take(message);
      small |= message.changed().row_count() < message.meta().total_row_count();
    }
    const std::string asked = absl::StrCat(kWatched, " bypass_cache: true");
    ASSERT_OK_AND_ASSIGN(const v1::QueryResponse answer, Ask(asked));
    EXPECT_EQ(table.rows(), WatchedTable::RowsOf(answer.result())) << size;
  }
  EXPECT_GT(all, 2u);
  EXPECT_TRUE(small) << "unchanged rows were told again";
  context.TryCancel();
}

TEST_F(StatisticsServiceTest, WatchesAreRefusedAndEndWithAReason) {
  const auto error = [this](const std::string& text) {
    grpc::ClientContext context;
    const auto reader = statistics_stub_->Watch(&context, ParseText<v1::WatchRequest>(text));
    v1::WatchResponse message;
    EXPECT_FALSE(reader->Read(&message));
    return status::FromGrpcStatus(reader->Finish());
  };
  EXPECT_THAT(error(absl::StrCat(kWatched, " interval_ms: 99")), ReasonIs("INTERVAL_INVALID"));
  EXPECT_THAT(error(""), ReasonIs("MISSING"));
  EXPECT_EQ(status::FieldOf(error("query { measures { name: \"nett\" } }")),
            "query.measures[0].name");
}

TEST_F(StatisticsServiceTest, WatchesEndWhenTheServerDrains) {
  grpc::ClientContext context;
  const auto reader = statistics_stub_->Watch(&context, ParseText<v1::WatchRequest>(kWatched));
  v1::WatchResponse message;
  ASSERT_TRUE(reader->Read(&message));
  streams_.CloseAll(absl::UnavailableError("the server stops"));
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace tidemark::analytics
