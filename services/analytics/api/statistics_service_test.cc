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

  void ServeStatistics(rpc::Caller caller) {
    statistics_server_.reset();
    statistics_authorizer_ = std::make_unique<tidemark::testing::FakeAuthorizer>(std::move(caller));
    statistics_ = NewStatisticsService(
        {.runner = {.queries = handler_.get(),
                    .waiter = &waiter_,
                    .store = &store_,
                    .source_days = &source_days_,
                    .log_state = [this] { return State(); },
                    .catalog_reachable = [this] { return catalog_reachable_.load(); },
                    .clock = &clock_,
                    .executor = &pool_,
                    .patience = patience_,
                    .replica = "replica-1"},
         .authorizer = statistics_authorizer_.get()});
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

  std::unique_ptr<tidemark::testing::FakeAuthorizer> statistics_authorizer_;
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

}  // namespace
}  // namespace tidemark::analytics
