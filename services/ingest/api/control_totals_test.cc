// SubmitControlTotals and GetStatement over gRPC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "common/status/error.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/testing/ingest_service_fixture.h"

namespace tidemark::ingest {
namespace {

using ::testing::ElementsAre;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;
using Stub = v1::IngestService::Stub;

class ControlTotalsRpcTest : public IngestServiceTest {
 protected:
  static v1::ControlTotals Totals(uint64_t events, int64_t gross, int64_t refunds = 0,
                                  const std::string& source = "platform-1") {
    v1::ControlTotals totals;
    totals.set_source(source);
    SetDay(totals.mutable_day());
    totals.set_events(events);
    totals.set_gross(gross);
    totals.set_refunds(refunds);
    return totals;
  }
  // The day of every Event().
  static void SetDay(type::v1::Date* date) {
    date->set_year(2024);
    date->set_month(1);
    date->set_day(2);
  }
  absl::StatusOr<v1::SubmitControlTotalsResponse> Close(
      const std::vector<v1::ControlTotals>& totals) {
    v1::SubmitControlTotalsRequest request;
    for (const v1::ControlTotals& one : totals) *request.add_totals() = one;
    return Call(&Stub::SubmitControlTotals, request);
  }
  absl::StatusOr<v1::Statement> Statement(const std::string& source = "platform-1") {
    v1::GetStatementRequest request;
    request.set_source(source);
    SetDay(request.mutable_day());
    auto answer = Call(&Stub::GetStatement, request);
    if (!answer.ok()) return answer.status();
    return answer->statement();
  }
};

TEST_F(ControlTotalsRpcTest, ADayAsSentHasNoDifference) {
  ASSERT_OK(Submit({Event("a"), Event("b"), Event("c", "platform-2")}));
  ASSERT_OK_AND_ASSIGN(const auto closed, Close({Totals(2, 2468)}));
  EXPECT_EQ(closed.log_id(), server_.log->log_id());
  EXPECT_THAT(closed.leaves(), ElementsAre(4));
  EXPECT_THAT(closed.sources_without_closes_days(), ElementsAre("platform-1"));
  ASSERT_OK_AND_ASSIGN(const v1::Statement statement, Statement());
  EXPECT_EQ(statement.source(), "platform-1");
  EXPECT_EQ(statement.day().day(), 2);
  EXPECT_EQ(statement.log_id(), server_.log->log_id());
  EXPECT_EQ(statement.log_size(), 5u);
  EXPECT_EQ(statement.by_event_day().received(), 2u);
  EXPECT_EQ(statement.by_event_day().gross(), 2468);
  EXPECT_EQ(statement.close().leaf(), 4u);
  EXPECT_EQ(statement.close().totals().events(), 2u);
  EXPECT_EQ(statement.close().totals().day().year(), 2024);
  EXPECT_TRUE(statement.has_difference());
  EXPECT_EQ(statement.difference().events(), 0);
  EXPECT_EQ(statement.difference().gross(), 0);
  EXPECT_THAT(Close({Totals(2, 2468)})->leaves(), ElementsAre(4));
}

TEST_F(ControlTotalsRpcTest, TotalsAreHeldAgainstWhatStands) {
  v1::Event revised = Event("a");
  revised.set_revision(1);
  revised.set_amount(1000);
  ASSERT_OK(Submit({Event("a"), Event("b")}));
  ASSERT_OK(Submit({revised}));
  EXPECT_EQ(Statement()->standing().gross(), 2234);
  ASSERT_OK(Close({Totals(2, 2234)}));
  ASSERT_OK_AND_ASSIGN(const v1::Statement statement, Statement());
  EXPECT_EQ(statement.by_event_day().accepted(), 3u);
  EXPECT_EQ(statement.by_event_day().gross(), 3468);
  EXPECT_EQ(statement.standing().events(), 2u);
  EXPECT_EQ(statement.difference().events(), 0);
  EXPECT_EQ(statement.difference().gross(), 0);
}

TEST_F(ControlTotalsRpcTest, WhatIsMissingIsTheDifference) {
  ASSERT_OK(Submit({Event("a")}));
  ASSERT_OK(Close({Totals(3, 5000, 7)}));
  ASSERT_OK_AND_ASSIGN(const v1::Statement statement, Statement());
  EXPECT_EQ(statement.difference().events(), -2);
  EXPECT_EQ(statement.difference().gross(), 1234 - 5000);
  EXPECT_EQ(statement.difference().refunds(), -7);
}

TEST_F(ControlTotalsRpcTest, AFaultyEntryClosesNoDay) {
  v1::ControlTotals future = Totals(1, 1, 0, "platform-2");
  future.mutable_day()->set_year(2025);
  const auto refused = Close({Totals(1, 1), future});
  EXPECT_THAT(refused, ReasonIs("TIME_IN_FUTURE"));
  EXPECT_EQ(status::FieldOf(refused.status()), "totals[1].day");
  EXPECT_FALSE(Statement()->has_close());
  EXPECT_FALSE(Statement()->has_difference());
  v1::SubmitControlTotalsRequest request;
  *request.add_totals() = Totals(1, 1);
  request.set_request_id(std::string(65, 'x'));
  EXPECT_THAT(Call(&Stub::SubmitControlTotals, request), ReasonIs("REQUEST_ID_INVALID"));
  EXPECT_EQ(server_.log->state().size, 0u);
}

TEST_F(ControlTotalsRpcTest, AProducerClosesAndReadsItsOwnSourcesOnly) {
  server_.authorizer.Become(access::Bit(access::Role::kProducer), {"platform-1"});
  EXPECT_OK(Close({Totals(1, 1)}));
  EXPECT_THAT(Close({Totals(1, 1, 0, "platform-2")}), ReasonIs("SOURCE_NOT_ALLOWED"));
  EXPECT_OK(Statement());
  EXPECT_THAT(Statement("platform-2"), ReasonIs("SOURCE_NOT_ALLOWED"));
  EXPECT_THAT(Statement(""), ReasonIs("SOURCE_NOT_ALLOWED"));
}

TEST_F(ControlTotalsRpcTest, AStatementNamesWhatWasRefusedAndWhy) {
  v1::Event conflict = Event("a");
  conflict.set_amount(7);
  v1::Event region = Event("x");
  region.set_consumer_region("nowhere");
  v1::Event early = Event("y");
  early.set_event_time_us(1);
  ASSERT_OK(
      Submit({Event("a"), Event("a"), conflict, region, region, early, Event("z", "nobody")}));
  ASSERT_OK_AND_ASSIGN(v1::Statement statement, Statement());
  const v1::DayCounts& by_event = statement.by_event_day();
  EXPECT_EQ(by_event.received(), 5u);
  EXPECT_EQ(by_event.accepted(), 1u);
  EXPECT_EQ(by_event.duplicates(), 1u);
  EXPECT_EQ(by_event.conflicts(), 1u);
  EXPECT_EQ(by_event.rejected(), 2u);
  ASSERT_EQ(by_event.rejections_size(), 1);
  EXPECT_EQ(by_event.rejections(0).reason(), "UNKNOWN_REGION");
  EXPECT_EQ(by_event.rejections(0).field(), "consumer_region");
  EXPECT_EQ(by_event.rejections(0).count(), 2u);
  // The one from 1970 has no day of its own.
  EXPECT_EQ(statement.by_arrival_day().rejected(), 3u);
  ASSERT_EQ(statement.by_arrival_day().rejections_size(), 2);
  EXPECT_EQ(statement.by_arrival_day().rejections(1).reason(), "BEFORE_OBSERVATORY_START");
  // A source that there is not.
  ASSERT_OK_AND_ASSIGN(statement, Statement(""));
  EXPECT_EQ(statement.by_arrival_day().rejected(), 1u);
  EXPECT_EQ(statement.by_event_day().received(), 0u);
  EXPECT_THAT(Statement("nobody"), ReasonIs("UNKNOWN_SOURCE"));
}

TEST_F(ControlTotalsRpcTest, NobodyAddsToTheStatementsOfOthers) {
  server_.authorizer.Become(access::Bit(access::Role::kProducer), {"platform-2"});
  v1::Event bad = Event("x");
  bad.set_consumer_region("nowhere");
  ASSERT_OK(Submit({Event("a"), bad}));
  server_.authorizer.Become(access::Bit(access::Role::kService));
  EXPECT_EQ(Statement()->by_arrival_day().received(), 0u);
  EXPECT_EQ(Statement("")->by_arrival_day().rejected(), 2u);
}

TEST_F(ControlTotalsRpcTest, WhatIsOnlyValidatedIsNotCounted) {
  v1::SubmitEventsRequest request;
  *request.add_events() = Event("a");
  *request.add_events() = Event("b");
  request.mutable_events(1)->set_consumer_region("nowhere");
  request.set_validate_only(true);
  ASSERT_OK(Submit(request));
  EXPECT_EQ(Statement()->by_arrival_day().received(), 0u);
}

TEST_F(ControlTotalsRpcTest, ARequestForAStatementIsChecked) {
  v1::GetStatementRequest request;
  request.set_source("platform-1");
  EXPECT_THAT(Call(&Stub::GetStatement, request), ReasonIs("INVALID_DATE"));
  request.set_source(std::string(129, 'x'));
  EXPECT_THAT(Call(&Stub::GetStatement, request), ReasonIs("TOO_LONG"));
}

TEST_F(ControlTotalsRpcTest, TotalsJudgedByAnOlderViewAreJudgedAgain) {
  ASSERT_OK(Submit({Event("a")}));
  server_.log->MarkCatalog({.version = 2});
  while (server_.log->state().marked_version < 2) std::this_thread::yield();
  server_.views.SetOnce(IngestServer::MakeView(1));
  server_.views.Set(IngestServer::MakeView(2));
  EXPECT_OK(Close({Totals(1, 1)}));
}

}  // namespace
}  // namespace tidemark::ingest
