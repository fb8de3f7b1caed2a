#include "clients/cli/report/svg_charts.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tidemark::cli::report {
namespace {

ChartValue V(double number) { return {number, absl::StrCat(number), ""}; }
const ChartValue kGap{std::nullopt, "", "NO_DATA"};
const SvgText kText{"chart-1", "A & B", "<least> to most"};

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Elements are closed and nested; attributes have quotes. (Tests of the command parse it as XML.)
void ExpectStandsAlone(const std::string& svg) {
  EXPECT_TRUE(absl::StartsWith(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox="));
  EXPECT_TRUE(absl::EndsWith(svg, "</svg>\n"));
  EXPECT_FALSE(absl::StrContains(svg, "\n\n"));
  EXPECT_FALSE(absl::StrContains(svg, "nan"));
  EXPECT_FALSE(absl::StrContains(svg, "inf"));
  EXPECT_TRUE(absl::StrContains(svg, "<title id=\"chart-1-title\">A &amp; B</title>"));
  EXPECT_TRUE(absl::StrContains(svg, "<desc id=\"chart-1-desc\">&lt;least&gt; to most</desc>"));
  EXPECT_EQ(Count(svg, "<text"), Count(svg, "</text>"));
  EXPECT_EQ(Count(svg, "\"") % 2, 0U);
}

TEST(SvgBarsTest, OneBarPerValueFromZero) {
  const std::string svg = SvgBars({"net", "亿元", {"宁波", "b", "c"}, {V(4), V(-2), kGap}}, kText);
  ExpectStandsAlone(svg);
  EXPECT_EQ(Count(svg, "<rect"), 2U);
  EXPECT_EQ(Count(svg, "fill=\"#c8553d\""), 1U);
  EXPECT_TRUE(absl::StrContains(svg, ">宁波</text>"));
  EXPECT_TRUE(absl::StrContains(svg, ">– NO_DATA</text>"));
  EXPECT_TRUE(absl::StrContains(svg, ">亿元</text>"));
}

TEST(SvgLinesTest, AGapBreaksTheLineAndAValueAloneIsADot) {
  const std::string svg =
      SvgLines({"net",
                "",
                {"1", "2", "3", "4"},
                {{"a", {V(1), V(2), kGap, V(3)}}, {"b", {V(1), V(1), V(1), V(1)}}}},
               kText);
  ExpectStandsAlone(svg);
  EXPECT_EQ(Count(svg, "<polyline"), 2U);
  EXPECT_EQ(Count(svg, "<circle"), 1U);
}

TEST(SvgBandTest, TheIntervalsAreAreas) {
  BandData data{"gross", "CNY", {"1", "2"}, {V(1), V(2)}, {}};
  data.ahead.push_back({"3", V(3), V(2), V(4), V(1), V(5)});
  const std::string svg = SvgBand(data, kText);
  ExpectStandsAlone(svg);
  EXPECT_EQ(Count(svg, "<polygon"), 2U);
  EXPECT_EQ(Count(svg, "stroke-dasharray"), 1U);
  data.ahead[0] = {"3", kGap, kGap, kGap, kGap, kGap};
  EXPECT_EQ(Count(SvgBand(data, kText), "<polygon"), 0U);
}

TEST(SvgHeatMapTest, ACellPerPairAndAScale) {
  const std::string svg =
      SvgHeatMap({"gross", "", {"r", "s"}, {"x", "y"}, {{V(1), V(0)}, {kGap, V(-1)}}}, kText);
  ExpectStandsAlone(svg);
  EXPECT_EQ(Count(svg, "<rect"), 3U + 5U);
  EXPECT_GE(Count(svg, "<line"), 1U);
}

TEST(SvgHeatMapTest, HeadingsThatAreTooWideStandUpright) {
  HeatData data{"gross", "", {"r"}, {}, {{}}};
  for (int i = 0; i < 20; ++i) {
    data.columns.push_back(absl::StrCat("heading number ", i));
    data.cells[0].push_back(V(i));
  }
  const std::string svg = SvgHeatMap(data, kText);
  ExpectStandsAlone(svg);
  EXPECT_EQ(Count(svg, "rotate(-90)"), 20U);
  data.columns.resize(2);
  data.cells[0].resize(2);
  data.columns = {"a", "b"};
  EXPECT_EQ(Count(SvgHeatMap(data, kText), "rotate"), 0U);
}

TEST(SvgChartsTest, NothingToDrawIsDrawnToo) {
  ExpectStandsAlone(SvgBars({}, kText));
  ExpectStandsAlone(SvgLines({}, kText));
  ExpectStandsAlone(SvgBand({}, kText));
  ExpectStandsAlone(SvgHeatMap({}, kText));
}

}  // namespace
}  // namespace tidemark::cli::report
