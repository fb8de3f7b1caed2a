#include "clients/cli/chart/terminal_charts.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cli/table/display_width.h"

namespace tidemark::cli {
namespace {

ChartValue V(double number) { return {number, absl::StrCat(number), ""}; }
ChartValue Gap(const char* reason) { return {std::nullopt, absl::StrCat("- ", reason), reason}; }

void ExpectWithin(const std::string& text, size_t width) {
  EXPECT_TRUE(text.empty() || text.back() == '\n');
  for (const std::string_view line : absl::StrSplit(text, '\n')) {
    EXPECT_LE(DisplayWidth(line), width) << line;
  }
}

TEST(DrawBarsTest, LabelsOfAnyScriptAreAligned) {
  const BarData data{"net", "亿元", {"宁波", "Xi", "西宁市"}, {V(8), V(4), V(1)}};
  EXPECT_EQ(DrawBars(data, {.width = 40}),
            "net (亿元)\n"
            "宁波    █████████████████████████████  8\n"
            "Xi      ██████████████▌                4\n"
            "西宁市  ███▋                           1\n");
}

TEST(DrawBarsTest, NegativeBarsGoLeftOfACommonZero) {
  const BarData data{"net", "", {"a", "b", "c", "d"}, {V(-10), V(10), V(-0.01), V(0)}};
  EXPECT_EQ(DrawBars(data, {.width = 40}),
            "net\n"
            "a  ███████████████│                  -10\n"
            "b                 │██████████████     10\n"
            "c                ▐│                -0.01\n"
            "d                 │                    0\n");
}

TEST(DrawBarsTest, OnlyNegativeOnesFillTheWidth) {
  const BarData data{"net", "", {"a", "b"}, {V(-10), V(-5)}};
  const std::string text = DrawBars(data, {.width = 40});
  ExpectWithin(text, 40);
  EXPECT_NE(text.find("a  ███████████████████████████████│"), std::string::npos) << text;
}

TEST(DrawBarsTest, AGapSaysWhy) {
  const BarData data{"yoy", "", {"2010", "2011"}, {Gap("NO_BASE"), V(3)}};
  EXPECT_EQ(DrawBars(data, {.width = 40}),
            "yoy\n"
            "2010                                   ·\n"
            "2011  ███████████████████████████████  3\n"
            "· NO_BASE: 2010\n");
}

TEST(DrawBarsTest, NothingButGapsAndNothingAtAll) {
  EXPECT_EQ(DrawBars({"x", "", {"a"}, {Gap("NO_DATA")}}, {.width = 40}),
            absl::StrCat("x\na", std::string(38, ' '), "·\n· NO_DATA: a\n"));
  EXPECT_EQ(DrawBars({"x", "", {}, {}}, {}), "x\n");
}

TEST(DrawBarsTest, ColourIsOnlyAddedToNegativeOnes) {
  const BarData data{"x", "", {"a", "b"}, {V(-1), V(1)}};
  const std::string text = DrawBars(data, {.width = 40, .colour = true});
  EXPECT_NE(text.find("\x1b[31m"), std::string::npos);
  EXPECT_EQ(DrawBars(data, {.width = 40}).find('\x1b'), std::string::npos);
}

TEST(DrawBarsTest, LongLabelsAreCutAndCannotSteerTheTerminal) {
  const BarData data{
      "x", "", {absl::StrCat("\x1b[2J", std::string(99, 'y')), "中中中中中中中中"}, {V(1), V(2)}};
  for (const size_t width : {40, 41, 57, 80}) {
    const std::string text = DrawBars(data, {.width = width});
    ExpectWithin(text, width);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
  }
}

TEST(DrawSparklinesTest, FromTheLeastToTheLargestOfAllLines) {
  const LineData data{
      "net",
      "GBP",
      {"2010", "2011", "2012", "2013"},
      {{"宁波", {V(0), V(7), Gap("NO_ROW"), V(-7)}}, {"x", {V(3), V(5), V(1), V(0)}}}};
  EXPECT_EQ(DrawSparklines(data, {.width = 40}),
            "net (GBP)\n"
            "      2010 to 2013\n"
            "宁波  ▅█ ▁\n"
            "x     ▆▇▅▅\n"
            "▁ -7  █ 7\n"
            "· NO_ROW: 宁波 2012\n");
}

TEST(DrawSparklinesTest, IsWrappedAtTheWidth) {
  LineData data{"events", "", {}, {{"", {}}}};
  for (int i = 0; i < 90; ++i) {
    data.labels.push_back(absl::StrCat("d", i));
    data.lines[0].values.push_back(V(i));
  }
  const std::string text = DrawSparklines(data, {.width = 40});
  ExpectWithin(text, 40);
  EXPECT_NE(text.find("d0 to d39\n"), std::string::npos);
  EXPECT_NE(text.find("d80 to d89\n"), std::string::npos);
  EXPECT_NE(text.find("▁ 0  █ 89\n"), std::string::npos);
}

TEST(DrawHeatMapTest, ShadesBySizeAndTellsZeroMinusAndGap) {
  const HeatData data{"gross",
                      "",
                      {"宁波", "b"},
                      {"2010", "2011", "2012"},
                      {{V(100), V(26), V(0)}, {V(-60), Gap("NO_ROW"), V(25)}}};
  EXPECT_EQ(DrawHeatMap(data, {.width = 60}),
            "gross\n"
            "      2010 2011 2012 \n"
            "宁波  ████ ▒▒▒▒ 0    \n"
            "b     -▓▓▓ ·    ░░░░ \n"
            "░ to 25  ▒ to 50  ▓ to 75  █ to 100  - below zero\n"
            "· NO_ROW: b × 2011\n");
}

TEST(DrawHeatMapTest, ColumnsWithoutRoomAreNumberedAndWrapped) {
  HeatData data{"x", "", {"row"}, {}, {{}}};
  for (int i = 0; i < 30; ++i) {
    data.columns.push_back(absl::StrCat("a long heading ", i));
    data.cells[0].push_back(V(i));
  }
  const std::string text = DrawHeatMap(data, {.width = 50});
  ExpectWithin(text, 50);
  EXPECT_NE(text.find("     1  2  3 "), std::string::npos) << text;
  EXPECT_NE(text.find("\n30 = a long heading 29\n"), std::string::npos) << text;
  size_t rows = 0;
  for (const std::string_view line : absl::StrSplit(text, '\n')) rows += line.starts_with("row");
  EXPECT_EQ(rows, 2U);
}

BandData Growing() {
  BandData data{"gross", "CNY", {}, {}, {}};
  for (int i = 0; i < 6; ++i) {
    data.labels.push_back(absl::StrCat("2024-0", i + 1));
    data.history.push_back(V(10 * i));
  }
  data.ahead.push_back({"2024-07", V(60), V(50), V(70), V(40), V(80)});
  return data;
}

TEST(DrawBandTest, TheForecastStandsInItsIntervals) {
  const std::string text = DrawBand(Growing(), {.width = 40});
  ExpectWithin(text, 40);
  // Its column from top to bottom.
  std::string column;
  for (const std::string_view line : absl::StrSplit(text, '\n')) {
    if (line.find("┤") == line.npos && line.find("│") == line.npos) continue;
    if (line.ends_with("░")) column += "9";
    if (line.ends_with("▒")) column += "8";
    if (line.ends_with("━")) column += "p";
  }
  EXPECT_EQ(column, "98p889") << text;
  EXPECT_NE(text.find("80 ┤"), std::string::npos) << text;
  EXPECT_NE(text.find("█ 2024-01 to 2024-06  ━ 2024-07\n"), std::string::npos) << text;
}

TEST(DrawBandTest, OnlyTheNewestOfALongHistoryHaveRoom) {
  BandData data = Growing();
  for (int i = 0; i < 500; ++i) {
    data.labels.push_back(absl::StrCat("day ", i));
    data.history.push_back(i % 7 == 0 ? V(-i) : V(i));
  }
  data.history[300] = Gap("NOT_REPORTED");
  for (const size_t width : {40, 80, 120}) ExpectWithin(DrawBand(data, {.width = width}), width);
  EXPECT_NE(DrawBand(data, {.width = 80}).find("(the newest "), std::string::npos);
}

TEST(DrawBandTest, AForecastThatIsNotThereIsAGap) {
  BandData data = Growing();
  data.ahead[0].point = Gap("TOO_SHORT");
  EXPECT_NE(DrawBand(data, {.width = 60}).find("· TOO_SHORT: 2024-07\n"), std::string::npos);
}

}  // namespace
}  // namespace tidemark::cli
