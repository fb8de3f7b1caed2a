#include "clients/cli/chart/chart_from_answer.h"

#include <gtest/gtest.h>

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

// A row per text: keys, then the amount in cents; an empty amount is null.
v1::Result Answer(const std::vector<std::string>& keys,
                  const std::vector<std::vector<std::string>>& rows) {
  v1::Result result;
  result.set_row_count(rows.size());
  for (size_t k = 0; k < keys.size(); ++k) {
    v1::Column& column = *result.add_columns();
    column.set_name(keys[k]);
    column.set_kind(keys[k] == "period" ? v1::COLUMN_KIND_PERIOD : v1::COLUMN_KIND_DIMENSION);
    for (size_t r = 0; r < rows.size(); ++r) {
      column.mutable_dictionary()->add_members()->set_code(rows[r][k]);
      column.mutable_dictionary()->add_indexes(r);
    }
  }
  v1::Column& events = *result.add_columns();
  events.set_name("events");
  events.set_unit("count");
  events.set_kind(v1::COLUMN_KIND_STATISTIC);
  v1::Column& gross = *result.add_columns();
  gross.set_name("gross");
  gross.set_unit("CNY");
  gross.set_decimals(2);
  gross.set_kind(v1::COLUMN_KIND_MEASURE);
  for (const auto& row : rows) {
    events.mutable_integers()->add_values(1);
    const std::string& amount = row.back();
    gross.mutable_integers()->add_values(amount.empty() ? 0 : std::stoll(amount));
    gross.add_null_reasons(amount.empty() ? v1::NULL_REASON_NO_DATA : v1::NULL_REASON_UNSPECIFIED);
  }
  return result;
}

AnswerRows Rows(const v1::Result& result, NumberFormat format = {}) {
  AnswerRows rows(/*brief=*/true, format, /*for_people=*/true);
  rows.AddPage(result);
  return rows;
}

TEST(ChartFromAnswerTest, TheFirstMeasureIsDrawnUnlessAnotherIsNamed) {
  const AnswerRows rows = Rows(Answer({"category"}, {{"a", "12345"}, {"b", ""}}));
  const auto bars = BarsOf(rows, "");
  ASSERT_TRUE(bars.ok());
  EXPECT_EQ(bars->name, "gross");
  EXPECT_EQ(bars->unit, "CNY");
  EXPECT_EQ(bars->values[0].number, 123.45);
  EXPECT_EQ(bars->values[0].shown, "123.45");
  EXPECT_EQ(bars->values[1].number, std::nullopt);
  EXPECT_EQ(bars->values[1].reason, "NO_DATA");
  EXPECT_EQ(BarsOf(rows, "events")->values[1].number, 1);
  EXPECT_NE(BarsOf(rows, "net").status().message().find("want one of events, gross"),
            std::string::npos);
}

TEST(ChartFromAnswerTest, AmountsAreDrawnInTheUnitAndCountsAreNot) {
  NumberFormat format;
  format.amounts = *ParseMoneyUnit("万元");
  format.chinese = true;
  const AnswerRows rows = Rows(Answer({"category"}, {{"a", "1234500"}}), format);
  EXPECT_EQ(BarsOf(rows, "")->unit, "万元");
  EXPECT_EQ(BarsOf(rows, "")->values[0].number, 1.2345);
  EXPECT_EQ(BarsOf(rows, "")->values[0].shown, "1.23");
  EXPECT_EQ(BarsOf(rows, "events")->values[0].number, 1);
  EXPECT_EQ(BarsOf(rows, "events")->unit, "");
}

TEST(ChartFromAnswerTest, LinesHaveAGapWhereTheAnswerHasNoRow) {
  const auto lines =
      LinesOf(Rows(Answer({"period", "category"},
                          {{"2012", "a", "300"}, {"2010", "a", "100"}, {"2011", "b", "200"}})),
              "");
  ASSERT_TRUE(lines.ok());
  EXPECT_EQ(lines->labels, (std::vector<std::string>{"2010", "2011", "2012"}));
  ASSERT_EQ(lines->lines.size(), 2U);
  EXPECT_EQ(lines->lines[0].values[2].number, 3);
  EXPECT_EQ(lines->lines[0].values[1].reason, "NO_ROW");
  EXPECT_FALSE(LinesOf(Rows(Answer({"category"}, {{"a", "1"}})), "").ok());
}

TEST(ChartFromAnswerTest, AHeatMapOfFlowsGoesFromTo) {
  const auto heat = HeatOf(Rows(Answer({"period", "from", "to"},
                                       {{"2024", "x", "y", "100"}, {"2024", "y", "x", "200"}})),
                           "");
  ASSERT_TRUE(heat.ok());
  EXPECT_EQ(heat->name, "gross, 2024");
  EXPECT_EQ(heat->rows, (std::vector<std::string>{"x", "y"}));
  // In the order of the rows, though y comes first.
  EXPECT_EQ(heat->columns, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(heat->cells[0][1].number, 1);
  EXPECT_EQ(heat->cells[0][0].reason, "NO_ROW");
  const auto three = HeatOf(
      Rows(Answer({"period", "from", "to"}, {{"2024", "x", "y", "100"}, {"2023", "y", "x", "2"}})),
      "");
  EXPECT_NE(three.status().message().find("have 3"), std::string::npos);
}

TEST(ChartFromAnswerTest, TheSuitingFormFollowsTheKeys) {
  EXPECT_EQ(*SuitingForm(Rows(Answer({}, {{"1"}}))), ChartForm::kBars);
  EXPECT_EQ(*SuitingForm(Rows(Answer({"category"}, {{"a", "1"}}))), ChartForm::kBars);
  EXPECT_EQ(*SuitingForm(Rows(Answer({"period", "category"}, {{"1", "a", "1"}, {"2", "a", "1"}}))),
            ChartForm::kHeatMap);
  std::vector<std::vector<std::string>> days(25, {"", "1"});
  for (size_t i = 0; i < days.size(); ++i) days[i][0] = "day" + std::to_string(i);
  EXPECT_EQ(*SuitingForm(Rows(Answer({"period"}, days))), ChartForm::kSparkline);
  EXPECT_FALSE(SuitingForm(Rows(Answer({"a", "b", "c"}, {{"1", "2", "3", "4"}}))).ok());
}

TEST(AnswerRowsTest, ProgramsGetAllDigitsInTheUnit) {
  NumberFormat format;
  format.amounts = *ParseMoneyUnit("yi");
  AnswerRows rows(/*brief=*/false, format, /*for_people=*/false);
  rows.AddPage(Answer({"category"}, {{"a", "12345"}}));
  EXPECT_EQ(rows.columns()[2].head, "gross (100 million CNY)");
  EXPECT_EQ(rows.rows()[0][2].text.value, "0.0000012345");
  EXPECT_EQ(rows.columns()[1].head, "events");
  EXPECT_EQ(rows.rows()[0][1].text.value, "1");
  format.decimals = 6;
  AnswerRows rounded(/*brief=*/false, format, /*for_people=*/false);
  rounded.AddPage(Answer({"category"}, {{"a", "12350"}}));
  EXPECT_EQ(rounded.rows()[0][2].text.value, "0.000001");
}

TEST(ChartFromAnswerTest, FlagsAreToldByRow) {
  v1::Result result = Answer(
      {"period", "category"},
      {{"2011-11", "a", "1"}, {"2011-12", "a", "2"}, {"2011-11", "b", "3"}, {"2011-12", "b", "4"}});
  EXPECT_TRUE(FlagLines(Rows(result)).empty());
  v1::Column& flags = *result.add_columns();
  flags.set_name("flags");
  flags.set_kind(v1::COLUMN_KIND_FLAGS);
  const std::vector<std::string> texts = {"", "CARRIED PARTIAL", "", "CARRIED"};
  for (size_t i = 0; i < texts.size(); ++i) {
    flags.mutable_dictionary()->add_members()->set_code(texts[i]);
    flags.mutable_dictionary()->add_indexes(i);
  }
  EXPECT_EQ(FlagLines(Rows(result)), (std::vector<std::string>{"CARRIED: 2011-12 × a, 2011-12 × b",
                                                               "PARTIAL: 2011-12 × a"}));
  for (auto& member : *flags.mutable_dictionary()->mutable_members()) member.set_code("PARTIAL");
  EXPECT_EQ(FlagLines(Rows(result)), (std::vector<std::string>{"PARTIAL: all"}));
}

}  // namespace
}  // namespace tidemark::cli
