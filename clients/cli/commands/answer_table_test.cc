#include "clients/cli/commands/answer_table.h"

#include <gtest/gtest.h>

#include <optional>
#include <sstream>

#include "clients/cli/table/money_unit.h"
#include "tidemark/analytics/v1/result.pb.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

v1::Result Sample() {
  v1::Result result;
  result.set_row_count(2);
  v1::Column& region = *result.add_columns();
  region.set_name("consumer_region");
  region.set_kind(v1::COLUMN_KIND_DIMENSION);
  auto& members = *region.mutable_dictionary();
  v1::Member& ningbo = *members.add_members();
  ningbo.set_code("cn-3302");
  ningbo.set_label("宁波");
  members.add_members()->set_kind(v1::MEMBER_KIND_UNKNOWN);
  members.add_indexes(0);
  members.add_indexes(1);
  v1::Column& net = *result.add_columns();
  net.set_name("net");
  net.set_unit("GBP");
  net.set_decimals(3);
  net.mutable_integers()->add_values(-1234567);
  net.mutable_integers()->add_values(5);
  v1::Column& growth = *result.add_columns();
  growth.set_name("yoy(net)");
  growth.set_unit("ratio");
  growth.mutable_doubles()->add_values(0.5);
  growth.mutable_doubles()->add_values(0);
  growth.add_null_reasons(v1::NULL_REASON_UNSPECIFIED);
  growth.add_null_reasons(v1::NULL_REASON_NO_BASE);
  v1::Column& status = *result.add_columns();
  status.set_name("status");
  status.set_kind(v1::COLUMN_KIND_STATUS);
  status.mutable_dictionary()->add_members()->set_code("A");
  status.mutable_dictionary()->add_indexes(0);
  status.mutable_dictionary()->add_indexes(0);
  return result;
}

TEST(AnswerTableTest, TableIsForPeople) {
  AnswerTable table(true);
  table.AddPage(Sample());
  std::ostringstream out;
  table.Print(OutputFormat::kTable, out);
  EXPECT_EQ(out.str(),
            "consumer_region         net   yoy(net)\n"
            "宁波 (cn-3302)   -1,234.567    50.00 %\n"
            "UNKNOWN               0.005  - NO_BASE\n");
  EXPECT_EQ(table.units(), "GBP");
}

TEST(AnswerTableTest, PeopleReadTitlesAndProgramsNames) {
  v1::Result result = Sample();
  result.mutable_columns(0)->set_title("消费者地区");
  result.mutable_columns(1)->set_title("净消费额");
  result.mutable_columns(1)->set_unit("CNY");
  for (const bool for_people : {true, false}) {
    AnswerTable table(true, for_people, {.amounts = *ParseMoneyUnit("万元"), .chinese = true});
    table.AddPage(result);
    std::ostringstream out;
    table.Print(for_people ? OutputFormat::kTable : OutputFormat::kCsv, out);
    const std::string head = out.str().substr(0, out.str().find('\n'));
    if (for_people) {
      EXPECT_EQ(head, "消费者地区      净消费额 (万元)   yoy(net)");
    } else {
      EXPECT_TRUE(head.starts_with("consumer_region,net (万元),yoy(net)")) << head;
    }
  }
}

TEST(AnswerTableTest, PureNumbersAreNotInPerCent) {
  v1::Result result;
  result.set_row_count(3);
  for (const char* unit : {"ratio", "number"}) {
    v1::Column& column = *result.add_columns();
    column.set_name(unit);
    column.set_unit(unit);
    for (const double value : {13.353526, 0.47514, -1234.5})
      column.mutable_doubles()->add_values(value);
  }
  AnswerTable table(true);
  table.AddPage(result);
  std::ostringstream people, programs;
  table.Print(OutputFormat::kTable, people);
  EXPECT_EQ(people.str(),
            "       ratio       number\n"
            "   1335.35 %      13.3535\n"
            "     47.51 %       0.4751\n"
            "-123450.00 %  -1,234.5000\n");
  EXPECT_EQ(table.units(), "");
  table.Print(OutputFormat::kCsv, programs);
  EXPECT_EQ(programs.str(),
            "ratio,number\r\n13.353526,13.353526\r\n0.47514,0.47514\r\n"
            "-1234.5,-1234.5\r\n");
}

TEST(AnswerTableTest, NumbersAreRoundedAsAskedAndZeroHasNoSign) {
  v1::Result result;
  result.set_row_count(1);
  v1::Column& slope = *result.add_columns();
  slope.set_unit("number");
  slope.mutable_doubles()->add_values(-0.00004);
  const auto shown = [&](std::optional<uint32_t> decimals) {
    NumberFormat format;
    format.ratio_decimals = decimals;
    AnswerRows rows(/*brief=*/true, format, /*for_people=*/true);
    rows.AddPage(result);
    return rows.rows()[0][0].text.shown;
  };
  EXPECT_EQ(shown(std::nullopt), "0.0000");
  EXPECT_EQ(shown(5), "-0.00004");
}

v1::Column& AddStatistic(const char* name, v1::Result* result) {
  v1::Column& column = *result->add_columns();
  column.set_name(name);
  column.set_kind(v1::COLUMN_KIND_STATISTIC);
  return column;
}

NumberFormat AmountsIn(std::string_view unit, bool chinese) {
  NumberFormat format;
  format.amounts = *ParseMoneyUnit(unit);
  format.chinese = chinese;
  return format;
}

std::string Printed(const v1::Result& result, const NumberFormat& format, OutputFormat output) {
  const bool for_people = output == OutputFormat::kTable;
  AnswerTable table(for_people, format);
  table.AddPage(result);
  std::ostringstream out;
  table.Print(output, out);
  return out.str();
}

TEST(AnswerTableTest, AmountsOfACatalogUnitAreShownInTheOneAskedFor) {
  v1::Result result;
  result.set_row_count(1);
  v1::Column& value = AddStatistic("value", &result);
  value.set_unit("10^8 CNY");
  value.mutable_doubles()->add_values(65.52);
  EXPECT_EQ(Printed(result, {}, OutputFormat::kTable), "value\n65.52\n");
  EXPECT_EQ(Printed(result, AmountsIn("yi", true), OutputFormat::kTable),
            "value (亿元)\n       65.52\n");
  EXPECT_EQ(Printed(result, AmountsIn("wan", true), OutputFormat::kTable),
            "value (万元)\n  655,200.00\n");
  EXPECT_EQ(Printed(result, AmountsIn("billion", false), OutputFormat::kCsv),
            "value (billion CNY)\r\n6.552\r\n");
  AnswerTable table(true);
  table.AddPage(result);
  EXPECT_EQ(table.units(), "10^8 CNY");
}

// As targets have them, whose values have the unit that the row tells.
TEST(AnswerTableTest, AmountsOfRowsOfSeveralUnitsFollowTheUnitOfTheirRow) {
  v1::Result result;
  result.set_row_count(3);
  v1::Column& units = AddStatistic("unit", &result);
  v1::Column& goals = AddStatistic("goal", &result);
  v1::Column& ranks = AddStatistic("rank", &result);
  ranks.set_kind(v1::COLUMN_KIND_RANK);
  for (const char* unit : {"10^8 CNY", "percent", "CNY"}) {
    units.mutable_dictionary()->add_indexes(units.dictionary().members_size());
    units.mutable_dictionary()->add_members()->set_code(unit);
    goals.mutable_doubles()->add_values(125);
    ranks.mutable_integers()->add_values(20000);
  }
  EXPECT_EQ(Printed(result, {}, OutputFormat::kTable),
            "unit        goal    rank\n"
            "10^8 CNY  125.00  20,000\n"
            "percent   125.00  20,000\n"
            "CNY       125.00  20,000\n");
  EXPECT_EQ(Printed(result, AmountsIn("wan", true), OutputFormat::kTable),
            "unit             goal    rank\n"
            "万元     1,250,000.00  20,000\n"
            "percent        125.00  20,000\n"
            "万元             0.01  20,000\n");
  EXPECT_EQ(Printed(result, AmountsIn("wan", false), OutputFormat::kCsv),
            "unit,goal,rank\r\n10 thousand CNY,1250000,20000\r\npercent,125,20000\r\n"
            "10 thousand CNY,0.0125,20000\r\n");
}

TEST(AnswerTableTest, CsvIsExactAndHasEveryColumn) {
  AnswerTable table(false);
  table.AddPage(Sample());
  table.AddPage(Sample());
  std::ostringstream out;
  table.Print(OutputFormat::kCsv, out);
  EXPECT_EQ(out.str(),
            "consumer_region,net,yoy(net),yoy(net)_null_reason,status\r\n"
            "cn-3302,-1234.567,0.5,,A\r\nUNKNOWN,0.005,,NO_BASE,A\r\n"
            "cn-3302,-1234.567,0.5,,A\r\nUNKNOWN,0.005,,NO_BASE,A\r\n");
}

TEST(AnswerTableTest, AReasonMayComeWithALaterPage) {
  v1::Result first = Sample();
  first.mutable_columns(2)->set_null_reasons(1, v1::NULL_REASON_UNSPECIFIED);
  AnswerTable table(true);
  table.AddPage(first);
  table.AddPage(Sample());
  std::ostringstream out;
  table.Print(OutputFormat::kCsv, out);
  EXPECT_EQ(out.str(),
            "consumer_region,net,yoy(net),yoy(net)_null_reason\r\n"
            "cn-3302,-1234.567,0.5,\r\nUNKNOWN,0.005,0,\r\n"
            "cn-3302,-1234.567,0.5,\r\nUNKNOWN,0.005,,NO_BASE\r\n");
}

}  // namespace
}  // namespace tidemark::cli
