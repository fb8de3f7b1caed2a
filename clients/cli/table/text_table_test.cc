#include "clients/cli/table/text_table.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "clients/cli/table/display_width.h"

namespace tidemark::cli {
namespace {

TEST(DisplayWidthTest, CountsTerminalColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("宁波市"), 6u);
  EXPECT_EQ(DisplayWidth("é"), 1u);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1u);
  EXPECT_EQ(DisplayWidth("ＡＢ"), 4u);
  EXPECT_EQ(DisplayWidth("\xff\xfe"), 2u);
  // A Korean syllable, whole and in its parts.
  EXPECT_EQ(DisplayWidth("\ud55c"), 2u);
  EXPECT_EQ(DisplayWidth("\u1112\u1161\u11ab"), 2u);
  EXPECT_EQ(DisplayWidth(""), 0u);
}

TEST(DisplayWidthTest, PadsToColumns) {
  EXPECT_EQ(PadTo("宁波", 6, false), "宁波  ");
  EXPECT_EQ(PadTo("宁波", 6, true), "  宁波");
  EXPECT_EQ(PadTo("too long", 3, true), "too long");
}

TextTable Sample() {
  TextTable table({{"region"}, {"net", TextTable::kNumber}});
  table.Add({{"宁波", {}}, {"1234.50", "1,234.50"}});
  table.Add({{"a \"b\", c", {}}, {std::nullopt, "- NO_BASE"}});
  return table;
}

std::string Printed(OutputFormat format) {
  std::ostringstream out;
  Sample().Print(format, out);
  return out.str();
}

TEST(TextTableTest, AlignsChineseAndNumbers) {
  EXPECT_EQ(Printed(OutputFormat::kTable),
            "region          net\n"
            "宁波       1,234.50\n"
            "a \"b\", c  - NO_BASE\n");
}

TEST(TextTableTest, AValueNeitherBreaksTheTableNorSteersTheTerminal) {
  TextTable table({{"details"}});
  table.AddTexts({"two\nlines\t\x1b[31mred"});
  std::ostringstream out;
  table.Print(OutputFormat::kTable, out);
  EXPECT_EQ(out.str(), "details\ntwo lines  [31mred\n");
}

TEST(TextTableTest, CsvQuotesByRfc4180) {
  EXPECT_EQ(Printed(OutputFormat::kCsv), "region,net\r\n宁波,1234.50\r\n\"a \"\"b\"\", c\",\r\n");
}

TEST(TextTableTest, JsonParsesBackWithNumbersAndNulls) {
  const auto json = nlohmann::json::parse(Printed(OutputFormat::kJson));
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[0]["region"], "宁波");
  EXPECT_EQ(json[0]["net"], 1234.5);
  EXPECT_EQ(json[1]["region"], "a \"b\", c");
  EXPECT_TRUE(json[1]["net"].is_null());
}

TEST(TextTableTest, GroupsThousandsOfTheIntegerPart) {
  EXPECT_EQ(GroupThousands("1234567.8901"), "1,234,567.8901");
  EXPECT_EQ(GroupThousands("-123456"), "-123,456");
  EXPECT_EQ(GroupThousands("-123"), "-123");
  EXPECT_EQ(GroupThousands("0"), "0");
  EXPECT_EQ(GroupThousands(""), "");
  EXPECT_EQ(GroupThousands(uint64_t{999}), "999");
  EXPECT_EQ(GroupThousands(uint64_t{1'000}), "1,000");
  EXPECT_EQ(GroupThousands(uint64_t{18'446'744'073'709'551'615u}), "18,446,744,073,709,551,615");
}

}  // namespace
}  // namespace tidemark::cli
