#include "clients/cli/commands/statement_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace tidemark::cli {
namespace {

ingest::v1::Statement Sample() {
  ingest::v1::Statement statement;
  statement.set_source("商店");
  statement.mutable_day()->set_year(2024);
  statement.mutable_day()->set_month(3);
  statement.mutable_day()->set_day(5);
  ingest::v1::DayCounts& counts = *statement.mutable_by_event_day();
  counts.set_received(1207);
  counts.set_accepted(1204);
  counts.set_duplicates(1);
  counts.set_rejected(2);
  counts.set_gross(8831050);
  counts.set_refunds(5);
  statement.mutable_standing()->set_events(1203);
  statement.mutable_standing()->set_gross(8830050);
  statement.mutable_standing()->set_refunds(5);
  ingest::v1::RejectionCount& rejection = *counts.add_rejections();
  rejection.set_reason("UNKNOWN_REGION");
  rejection.set_field("consumer_region");
  rejection.set_count(2);
  ingest::v1::DayCounts& arrived = *statement.mutable_by_arrival_day();
  arrived.set_received(3);
  arrived.set_rejected(3);
  rejection.set_count(2);
  *arrived.add_rejections() = rejection;
  arrived.mutable_rejections(0)->set_count(3);
  return statement;
}

std::string Csv(const ingest::v1::Statement& statement, int scale) {
  std::ostringstream out;
  StatementTable(statement, scale).Print(OutputFormat::kCsv, out);
  return out.str();
}

TEST(StatementTableTest, AnOpenDayHasNoDifference) {
  EXPECT_EQ(Csv(Sample(), 2),
            "count,by_event_day,by_arrival_day,standing,closed,difference\r\n"
            "received,1207,3,,,\r\n"
            "accepted,1204,0,1203,,\r\n"
            "duplicates,1,0,,,\r\n"
            "conflicts,0,0,,,\r\n"
            "rejected,2,3,,,\r\n"
            "rejected UNKNOWN_REGION consumer_region,2,3,,,\r\n"
            "gross,88310.50,0.00,88300.50,,\r\n"
            "refunds,0.05,0.00,0.05,,\r\n");
  EXPECT_EQ(StatementVerdict(Sample(), 2), "商店 2024-03-05: open");
}

TEST(StatementTableTest, AClosedDayIsComparedWithItsTotals) {
  ingest::v1::Statement statement = Sample();
  statement.mutable_close()->set_leaf(17);
  statement.mutable_close()->mutable_totals()->set_events(1204);
  statement.mutable_close()->mutable_totals()->set_gross(8831050);
  statement.mutable_close()->mutable_totals()->set_refunds(5);
  statement.mutable_difference()->set_events(-1);
  statement.mutable_difference()->set_gross(-1000);
  const std::string csv = Csv(statement, 3);
  EXPECT_THAT(csv, ::testing::HasSubstr("accepted,1204,0,1203,1204,-1\r\n"));
  EXPECT_THAT(csv, ::testing::HasSubstr("gross,8831.050,0.000,8830.050,8831.050,-1.000\r\n"));
  EXPECT_THAT(csv, ::testing::HasSubstr("refunds,0.005,0.000,0.005,0.005,0.000\r\n"));
  EXPECT_EQ(
      StatementVerdict(statement, 3),
      "商店 2024-03-05: closed by leaf 17, differs by -1 events, -1.000 gross, 0.000 refunds");
  statement.mutable_difference()->Clear();
  EXPECT_EQ(StatementVerdict(statement, 3), "商店 2024-03-05: closed by leaf 17, no difference");
}

}  // namespace
}  // namespace tidemark::cli
