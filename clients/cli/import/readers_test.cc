#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "clients/cli/import/csv_reader.h"
#include "clients/cli/import/input_testing.h"
#include "clients/cli/import/json_reader.h"
#include "common/testing/status_matchers.h"

namespace tidemark::importer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tidemark::testing::StatusIs;

// Each row as "number@line:field|field", a null field as "~", a damaged row as its damage.
std::vector<std::string> RowsOf(RowReader& reader) {
  std::vector<std::string> rows;
  while (true) {
    const auto row = reader.Next();
    if (!row.ok()) {
      rows.push_back(row.status().ToString());
      return rows;
    }
    if (*row == nullptr) return rows;
    std::vector<std::string> fields;
    for (const std::string_view field : (*row)->fields) {
      fields.push_back(field.data() == nullptr ? "~" : std::string(field));
    }
    rows.push_back(absl::StrCat(
        (*row)->number, "@", (*row)->line, ":",
        (*row)->damage.empty() ? absl::StrJoin(fields, "|") : absl::StrCat("!", (*row)->damage)));
  }
}

std::vector<std::string> ReadCsv(const std::string& text, CsvOptions options = {},
                                 size_t step = 1 << 20) {
  auto reader = CsvReader::Create(SourceOf(text, step), options);
  if (!reader.ok()) return {reader.status().ToString()};
  return RowsOf(**reader);
}

TEST(CsvReaderTest, QuotesLineEndsAndBlankLines) {
  const std::string text =
      "\xef\xbb\xbf"
      "a,b,c\r\n"
      "1,\"x, y\",3\r\n"
      "\r\n"
      "4,\"say \"\"hi\"\"\",\"two\nlines\"\n"
      "7,8\"9,\"\"\r"
      "10,\"q\"uote,\n"
      "13,14,15";
  EXPECT_THAT(ReadCsv(text), ElementsAre("1@2:1|x, y|3", "2@4:4|say \"hi\"|two\nlines",
                                         "3@6:7|8\"9|", "4@7:10|quote|", "5@8:13|14|15"));
}

TEST(CsvReaderTest, ResultDoesNotDependOnHowBytesArrive) {
  const std::string text =
      "\xef\xbb\xbf"
      "a,b\r\n\"1\"\"\",\"x\r\n\"\r\n,\r\n\"\",y\r\n";
  const std::vector<std::string> whole = ReadCsv(text);
  EXPECT_THAT(whole, ElementsAre("1@2:1\"|x\r\n", "2@4:|", "3@5:|y"));
  for (size_t step = 1; step < 8; ++step) EXPECT_EQ(ReadCsv(text, {}, step), whole) << step;
}

TEST(CsvReaderTest, DelimiterQuoteHeaderAndPreamble) {
  EXPECT_THAT(ReadCsv("x\ty\n\"1\t2\n", {.delimiter = '\t', .quote = 0}), ElementsAre("1@2:\"1|2"));
  EXPECT_THAT(ReadCsv("1;2\n", {.delimiter = ';', .header = false, .columns = {"x", "y"}}),
              ElementsAre("1@1:1|2"));
  EXPECT_THAT(ReadCsv("title\nunit\na,b\n1,2\n", {.skip_lines = 2}), ElementsAre("1@4:1|2"));
  EXPECT_THAT(ReadCsv("title\n", {.skip_lines = 2})[0], HasSubstr("lines to skip"));
}

TEST(CsvReaderTest, WrongFieldCountsDamageOnlyTheirRow) {
  EXPECT_THAT(ReadCsv("a,b\n1\n2,3,4\n5,6\n"),
              ElementsAre("1@2:!1 fields, want 2", "2@3:!3 fields, want 2", "3@4:5|6"));
  EXPECT_THAT(ReadCsv("a,b\n1\n2,3,4\n", {.pad_short_rows = true}),
              ElementsAre("1@2:1|~", "2@3:!3 fields, want 2"));
}

TEST(CsvReaderTest, HeaderTroubleIsTold) {
  EXPECT_THAT(ReadCsv("")[0], HasSubstr("empty"));
  EXPECT_THAT(ReadCsv("a,b,a\n1,2,3\n")[0], HasSubstr("`a` stands twice"));
  EXPECT_THAT(ReadCsv("1,2\n", {.header = false})[0], HasSubstr("`columns`"));
  EXPECT_THAT(ReadCsv("a,b\n", {.columns = {"x"}})[0], HasSubstr("names 1 columns"));
  // GBK of 编号.
  EXPECT_THAT(ReadCsv("\xb1\xe0\xba\xc5,b\n")[0], HasSubstr("`encoding: gb18030`"));
  // A nameless column can be used by its place.
  auto reader = CsvReader::Create(SourceOf(",b\n1,2\n"), {});
  EXPECT_THAT((*reader)->columns(), ElementsAre("column1", "b"));
}

TEST(CsvReaderTest, UnclosedQuoteDamagesTheRowThatSwallowsTheRest) {
  const std::string damage =
      "a quote is not closed, so all from line 3 to the end of the file is one row";
  for (const size_t step : {1, 100}) {
    EXPECT_THAT(ReadCsv("a,b\n1,2\n1,\"x\n2,y\n", {}, step),
                ElementsAre("1@2:1|2", absl::StrCat("2@3:!", damage)));
  }
  EXPECT_THAT(ReadCsv("a,\"b\n1,2\n")[0], HasSubstr("a quote in the header is not closed"));
}

TEST(CsvReaderTest, EndlessRecordIsDataLoss) {
  const std::string text = "a\n\"" + std::string((size_t{64} << 20) + 10, 'x');
  EXPECT_THAT(ReadCsv(text)[0], HasSubstr("a quote is not closed"));
}

// Random tables, written the RFC's way, read back cell by cell.
TEST(CsvReaderTest, WhatAWriterWritesIsReadBack) {
  std::mt19937_64 random(20240101);
  const std::string alphabet = "ab,\"\n\r 1é";
  for (int round = 0; round < 300; ++round) {
    std::string text = "c0,c1,c2\n";
    std::vector<std::string> expected;
    const int rows = static_cast<int>(random() % 6);
    for (int r = 0; r < rows; ++r) {
      std::vector<std::string> cells;
      for (int c = 0; c < 3; ++c) {
        std::string cell;
        for (size_t i = random() % 6; i > 0; --i) cell += alphabet[random() % alphabet.size()];
        text += absl::StrCat(c == 0 ? "" : ",", "\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}),
                             "\"");
        cells.push_back(cell);
      }
      text += random() % 2 == 0 ? "\n" : "\r\n";
      expected.push_back(absl::StrJoin(cells, "|"));
    }
    std::vector<std::string> got = ReadCsv(text, {}, 1 + random() % 20);
    for (std::string& row : got) row = row.substr(row.find(':') + 1);
    ASSERT_EQ(got, expected) << text;
  }
}

std::vector<std::string> ReadJsonl(const std::string& text, const std::vector<std::string>& columns,
                                   size_t step = 1 << 20,
                                   JsonReader::Layout layout = JsonReader::Layout::kLines) {
  JsonReader reader(SourceOf(text, step), layout);
  for (const std::string& column : columns) reader.AddColumn(column);
  return RowsOf(reader);
}

TEST(JsonReaderTest, PathsListsAndExactNumbers) {
  const std::string text =
      "\xef\xbb\xbf"
      R"({"id":7,"sum":0.1000000000000000055511151231257827,"who":{"name":"宁波\n"},"items":[{"sku":"a"},{"sku":"b"}]})"
      "\r\n\n"
      R"({"sum":1e-05,"ok":true,"who":null,"id":""})"
      "\n";
  const std::vector<std::string> columns = {"id", "sum", "who.name", "items.1.sku", "ok"};
  const std::vector<std::string> rows = ReadJsonl(text, columns);
  EXPECT_THAT(rows, ElementsAre("1@1:7|0.1000000000000000055511151231257827|宁波\n|b|~",
                                "2@3:|1e-05|~|~|true"));
  for (size_t step = 1; step < 5; ++step) EXPECT_EQ(ReadJsonl(text, columns, step), rows);
}

TEST(JsonReaderTest, BadLinesDamageOnlyThemselves) {
  EXPECT_THAT(ReadJsonl("{\"a\":1\n[1]\n5\n{\"a\":2}", {"a"}),
              ElementsAre(HasSubstr("1@1:!not JSON near byte"), "2@2:!not a JSON object",
                          "3@3:!not a JSON object", "4@4:2"));
  EXPECT_THAT(ReadJsonl("{\"a\":\"\xff\"}\n", {"a"}), ElementsAre(HasSubstr("!not JSON")));
  EXPECT_THAT(ReadJsonl(absl::StrCat(std::string(100'000, '['), "\n{\"a\":1}\n"), {"a"}),
              ElementsAre(HasSubstr("!not JSON"), "2@2:1"));
}

std::vector<std::string> ReadArray(const std::string& text, size_t step = 1 << 20) {
  return ReadJsonl(text, {"a"}, step, JsonReader::Layout::kArray);
}

TEST(JsonReaderTest, AnArrayGivesARowForEachElement) {
  const std::string text =
      "\xef\xbb\xbf [{\"a\":\"],[\\\"{\"},\n\n  {\"b\":[{}],\"a\":0.10} , "
      "{}\n,5,\"x\",{\"a\":,},[2]]\n";
  const std::vector<std::string> rows = ReadArray(text);
  EXPECT_THAT(rows, ElementsAre("1@1:],[\"{", "2@3:0.10", "3@3:~", "4@4:!not a JSON object",
                                "5@4:!not a JSON object", HasSubstr("6@4:!not JSON near byte"),
                                "7@4:!not a JSON object"));
  for (size_t step = 1; step < 5; ++step) EXPECT_EQ(ReadArray(text, step), rows);
  EXPECT_THAT(ReadArray(" [ ] "), ElementsAre());
}

TEST(JsonReaderTest, WhatIsNoWholeArrayIsToldBehindTheRowsBefore) {
  const auto error_of = [](const std::string& text) {
    JsonReader reader(SourceOf(text, 3), JsonReader::Layout::kArray);
    reader.AddColumn("a");
    size_t rows = 0;
    while (true) {
      const auto row = reader.Next();
      if (!row.ok()) return absl::StrCat(rows, " ", row.status().message());
      if (*row == nullptr) return absl::StrCat(rows);
      ++rows;
    }
  };
  EXPECT_THAT(error_of("{\"a\":1}"), HasSubstr("0 the file is no JSON array"));
  EXPECT_THAT(error_of(""), HasSubstr("0 the file is no JSON array"));
  EXPECT_THAT(error_of("[{},\n{\"a\":1}"), HasSubstr("1 line 2: the JSON array is not closed"));
  EXPECT_THAT(error_of("[{},\n{\"a\":\"]"), HasSubstr("1 line 2: the JSON array is not closed"));
  EXPECT_THAT(error_of("["), HasSubstr("0 line 1: the JSON array is not closed"));
  EXPECT_THAT(error_of("[{}]\n{}"), HasSubstr("1 line 2: something stands behind"));
  EXPECT_THAT(error_of(std::string("[{}]\0", 5)), HasSubstr("something stands behind"));
  EXPECT_EQ(error_of("[{},]"), "2");
}

std::string Slurp(ByteSource& source, size_t step) {
  std::string text;
  std::vector<char> buffer(step);
  while (true) {
    const auto got = source.Read(buffer.data(), buffer.size());
    if (!got.ok()) return got.status().ToString();
    if (*got == 0) return text;
    text.append(buffer.data(), *got);
  }
}

TEST(ByteSourceTest, GzipIsUnpackedMembersPaddingAndAll) {
  const std::string text(300'000, 'x');
  const std::string two = Gzipped(text) + Gzipped("more") + std::string(10, '\0');
  for (const size_t step : {1, 7, 4096, 1 << 20}) {
    EXPECT_EQ(Slurp(*MaybeGunzip(SourceOf(two, step)), 1 << 16), text + "more") << step;
  }
  EXPECT_EQ(Slurp(*MaybeGunzip(SourceOf("plain", 1)), 16), "plain");
  EXPECT_EQ(Slurp(*MaybeGunzip(SourceOf("")), 16), "");
  EXPECT_EQ(Slurp(*MaybeGunzip(SourceOf("\x1f")), 16), "\x1f");
}

TEST(ByteSourceTest, DamagedGzipIsDataLossWithAPlace) {
  const std::string packed = Gzipped(absl::StrCat(std::string(1000, 'y'), "z"));
  EXPECT_THAT(Slurp(*MaybeGunzip(SourceOf(packed.substr(0, packed.size() - 5))), 4096),
              HasSubstr("ends too early"));
  std::string flipped = packed;
  flipped[flipped.size() - 6] ^= 1;
  EXPECT_THAT(Slurp(*MaybeGunzip(SourceOf(flipped)), 4096), HasSubstr("damaged near byte"));
}

TEST(ByteSourceTest, EncodingsBecomeUtf8) {
  const std::string gbk = "\xc4\xfe\xb2\xa8,1";  // 宁波,1
  for (const size_t step : {1, 2, 3, 100}) {
    EXPECT_EQ(Slurp(**ToUtf8(SourceOf(gbk, step), "gbk"), 16), "宁波,1");
  }
  EXPECT_EQ(Slurp(**ToUtf8(SourceOf("caf\xe9"), "latin1"), 16), "café");
  EXPECT_EQ(Slurp(**ToUtf8(SourceOf(std::string("\xff\xfe\x41\0\xac\x20", 6), 1), "utf-16"), 16),
            "A€");
  EXPECT_EQ(Slurp(**ToUtf8(SourceOf("\xc4"), "gbk"), 16), "\xef\xbf\xbd");
  EXPECT_EQ(Slurp(**ToUtf8(SourceOf("a\xff"
                                    "b"),
                           "gbk"),
                  16),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_THAT(ToUtf8(SourceOf(""), "klingon").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("`klingon`")));
}

TEST(ByteSourceTest, MissingFileIsNamed) {
  EXPECT_THAT(OpenFile("/nowhere/x.csv").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/x.csv")));
}

}  // namespace
}  // namespace tidemark::importer
