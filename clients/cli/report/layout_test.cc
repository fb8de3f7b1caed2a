#include "clients/cli/report/layout.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/exit_code.h"

namespace tidemark::cli::report {
namespace {

namespace v1 = analytics::v1;

constexpr char kTemplate[] = R"(
title: {en: 'Sales in {period}', zh: '{period}年销售'}
parameters:
  period: '2011'
figures:
  - {name: total, query: 'net in {period}', column: net, amounts: million, decimals: 2}
sections:
  - title: Months
    blocks:
      - text: {en: "Net was {total}.\n\nBraces: {{x}}.", zh: '净额{total}。'}
      - query: net by month in {period}
        caption: Net by month
        columns: [period, net]
        heads: {net: {en: Net, zh: 净额}}
        amounts: thousand
        decimals: 1
        chart: line
)";

v1::Result Months(std::vector<int64_t> mils) {
  v1::Result result;
  result.set_row_count(mils.size());
  v1::Column& period = *result.add_columns();
  period.set_name("period");
  period.set_kind(v1::COLUMN_KIND_PERIOD);
  v1::Column& net = *result.add_columns();
  net.set_name("net");
  net.set_kind(v1::COLUMN_KIND_MEASURE);
  net.set_unit("GBP");
  net.set_decimals(3);
  for (size_t i = 0; i < mils.size(); ++i) {
    period.mutable_dictionary()->add_members()->set_code(absl::StrCat("2011-0", i + 1));
    period.mutable_dictionary()->add_indexes(i);
    net.mutable_integers()->add_values(mils[i]);
  }
  v1::Note& note = *result.add_notes();
  note.set_code("NOTE");
  note.set_message("<b>");
  return result;
}

// Answers every question with as many months as its text asks by.
class FakeAnalytics {
 public:
  absl::StatusOr<Answer> operator()(const Question& question) {
    asked.push_back(question.text);
    if (absl::StrContains(question.text, "nonsense")) {
      return Marked(absl::InvalidArgumentError("no such measure"), ExitCode::kRefused);
    }
    Answer answer;
    const bool monthly = absl::StrContains(question.text, "by month");
    answer.tables = {{"result", {monthly ? Months({1'250'050, 2'000'000}) : Months({3'255'000})}}};
    answer.snapshot = {"ab12", moves ? asked.size() : 7, 3};
    answer.canonical = question.text;
    return answer;
  }

  std::vector<std::string> asked;
  bool moves = false;
};

absl::StatusOr<Document> Make(const std::string& text, FakeAnalytics& analytics,
                              const LayoutOptions& options = {}) {
  const auto report = ReadTemplate(text, "t.yaml");
  if (!report.ok()) return report.status();
  return LayOut(*report, options, [&](const Question& question) { return analytics(question); });
}

TEST(LayOutTest, NumbersAreRoundedOnceAndHaveTheirFootnotes) {
  FakeAnalytics analytics;
  const auto document = Make(kTemplate, analytics);
  ASSERT_TRUE(document.ok()) << document.status();
  const std::string text = ToMarkdown(*document);
  EXPECT_TRUE(absl::StartsWith(text, "# Sales in 2011\n\n## Months\n\n")) << text;
  EXPECT_TRUE(absl::StrContains(text, "Net was 0.00 million GBP[^1].\n\nBraces: \\{x\\}.\n"))
      << text;
  EXPECT_TRUE(absl::StrContains(text, "**Net by month**[^2]")) << text;
  EXPECT_TRUE(absl::StrContains(text,
                                "| period | Net (thousand GBP) |\n| --- | ---: |\n"
                                "| 2011-01 | 1.3 |\n| 2011-02 | 2.0 |\n"))
      << text;
  EXPECT_TRUE(absl::StrContains(text, "*NOTE: \\<b\\>*")) << text;
  EXPECT_TRUE(absl::StrContains(
      text,
      "[^1]: `net in 2011`; log ab12, 7 records, catalog version 3; *NOTE: \\<b\\>*\n"
      "[^2]: `net by month in 2011`; log ab12, 7 records, catalog version 3\n"))
      << text;
  EXPECT_EQ(ToMarkdown(*Make(kTemplate, analytics)), text);
}

TEST(LayOutTest, ChineseIsAnotherLanguageOfTheSameNumbers) {
  FakeAnalytics analytics;
  const auto document = Make(kTemplate, analytics, {.language = "zh", .parameters = {}});
  ASSERT_TRUE(document.ok()) << document.status();
  const std::string text = ToHtml(*document);
  EXPECT_TRUE(absl::StrContains(text, "<html lang=\"zh-Hans\">"));
  EXPECT_TRUE(absl::StrContains(text, "<h1>2011年销售</h1>"));
  EXPECT_TRUE(absl::StrContains(text, "净额0.00 百万 GBP<sup><a href=\"#source-1\"")) << text;
  EXPECT_TRUE(absl::StrContains(text, "净额 (千 GBP)")) << text;
  EXPECT_TRUE(absl::StrContains(text, "NOTE: &lt;b&gt;"));
  EXPECT_TRUE(absl::StrContains(text, "日志 ab12, 7 条记录, 目录版本 3"));
}

TEST(LayOutTest, EachQuestionIsAskedOnceWithItsParameters) {
  FakeAnalytics analytics;
  const std::string twice = absl::StrCat(
      kTemplate, "      - {query: 'net in {period}'}\n      - {query: net by month in 2012}\n");
  const auto document =
      Make(twice, analytics, {.language = "", .parameters = {{"period", "2012"}}});
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(analytics.asked, (std::vector<std::string>{"net in 2012", "net by month in 2012"}));
  EXPECT_EQ(document->sources.size(), 2U);
}

TEST(LayOutTest, AnotherSnapshotIsRefused) {
  FakeAnalytics analytics;
  analytics.moves = true;
  const absl::Status status = Make(kTemplate, analytics).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(absl::StartsWith(status.message(), "t.yaml:11: sections.0.blocks.1.query: "))
      << status;
}

TEST(LayOutTest, ErrorsNameFileLineAndField) {
  const auto error = [](const std::string& from, const std::string& to,
                        const LayoutOptions& options = {}) {
    std::string text = kTemplate;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    FakeAnalytics analytics;
    return std::string(Make(text, analytics, options).status().message());
  };
  EXPECT_EQ(error("{total}.", "{totl}."),
            "t.yaml:10: sections.0.blocks.0.text: `{totl}` is no figure and no parameter; did you "
            "mean `total`?");
  EXPECT_TRUE(absl::StartsWith(error("'net in {period}'", "'net in {peroid}'"),
                               "t.yaml:6: figures.0.query: `{peroid}` is none of the parameters"));
  EXPECT_EQ(error("'net in {period}'", "nonsense"), "t.yaml:6: figures.0.query: no such measure");
  EXPECT_TRUE(absl::StartsWith(error("column: net,", "column: nett,"),
                               "t.yaml:6: figures.0.column: the answer has no column `nett`"));
  EXPECT_TRUE(absl::StartsWith(error("'net in {period}'", "'net by month'"),
                               "t.yaml:6: figures.0: `total` is one number, but 2 rows answer it"));
  EXPECT_TRUE(absl::StartsWith(error("[period, net]", "[perod, net]"),
                               "t.yaml:13: sections.0.blocks.1.columns: "));
  EXPECT_TRUE(absl::StartsWith(error("heads: {net:", "heads: {gros:"),
                               "t.yaml:14: sections.0.blocks.1.heads.gros: "));
  EXPECT_TRUE(absl::StartsWith(error("chart: line", "chart: heatmap"),
                               "t.yaml:17: sections.0.blocks.1.chart: a heat map has two keys"));
  EXPECT_EQ(error("caption: Net by month", "caption: {en: Net}", {"zh", {}}),
            "t.yaml:12: sections.0.blocks.1.caption: no text in the language zh");
  EXPECT_TRUE(absl::StartsWith(error("Months", "M", {"", {{"perod", "1"}}}),
                               "--set: the template has no parameter `perod`"));
  EXPECT_TRUE(
      absl::StartsWith(error("query: net by month in {period}\n",
                             "query: net by month in {period}\n        table: places\n"),
                       "t.yaml:12: sections.0.blocks.1.table: `places`; want one of result"));
}

TEST(LayOutTest, ARefusalOfTheServiceKeepsItsExitCode) {
  FakeAnalytics analytics;
  const auto made =
      Make("{title: x, sections: [{title: y, blocks: [{query: nonsense}]}]}", analytics);
  EXPECT_EQ(ExitCodeOf(DataError(made.status())), ExitCode::kRefused);
}

TEST(LayOutTest, ARowCanBeNamed) {
  FakeAnalytics analytics;
  const auto document = Make(R"(
title: '{february}'
figures: [{name: february, query: net by month, row: {period: 2011-02}, amounts: yuan}]
sections: [{title: x}]
)",
                             analytics);
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_TRUE(absl::StartsWith(ToMarkdown(*document), "# 2,000.00 GBP[^1]\n"));
}

}  // namespace
}  // namespace tidemark::cli::report
