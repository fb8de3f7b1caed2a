#include "clients/cli/report/template.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tidemark::cli::report {
namespace {

TEST(ReadTemplateTest, OptionsOfStatisticsAreRead) {
  const auto report = ReadTemplate(R"(
language: zh
title: x
sections:
  - title: y
    blocks:
      - {flows: 'in 2024', level: city, to: place_of_use, groups: [regionGroups/a], table: places}
      - {forecast: gross, horizon: 6, season: 1, join_january_february: true, amounts: {en: million, zh: 亿元}, decimals: 1}
      - {co_consumption: '', of: category@1, goods_and_services: yes, within: 30}
)",
                                   "t.yaml");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->language, "zh");
  const auto& blocks = report->sections[0].blocks;
  const Question& flows = blocks[0].exhibit->data.question;
  EXPECT_EQ(flows.kind, Question::kFlows);
  EXPECT_EQ(flows.level, "city");
  EXPECT_EQ(flows.to, "place_of_use");
  EXPECT_EQ(flows.groups, std::vector<std::string>{"regionGroups/a"});
  EXPECT_EQ(blocks[0].exhibit->data.table, "places");
  EXPECT_EQ(blocks[1].exhibit->data.question.horizon, 6U);
  EXPECT_TRUE(blocks[1].exhibit->data.question.join_january_february);
  EXPECT_EQ(blocks[1].exhibit->data.NumbersIn("zh").amounts->power, 8);
  EXPECT_EQ(blocks[1].exhibit->data.NumbersIn("en").amounts->power, 6);
  EXPECT_EQ(blocks[1].exhibit->data.NumbersIn("en").decimals, 1U);
  EXPECT_FALSE(blocks[0].exhibit->data.NumbersIn("en").amounts.has_value());
  EXPECT_EQ(blocks[2].exhibit->data.question.within, 30U);
  EXPECT_TRUE(blocks[2].exhibit->data.question.goods_and_services);
}

TEST(ReadTemplateTest, ErrorsNameFileLineAndField) {
  const auto error = [](const std::string& block) {
    return std::string(
        ReadTemplate(
            absl::StrCat("title: x\nsections:\n  - title: y\n    blocks:\n      - ", block),
            "t.yaml")
            .status()
            .message());
  };
  const auto begins = [&](const std::string& block, const std::string& wanted) {
    EXPECT_TRUE(absl::StartsWith(error(block), wanted)) << error(block);
  };
  begins("{query: net, flows: ''}", "t.yaml:5: sections.0.blocks.0.flows: beside `query`");
  begins("{caption: x}", "t.yaml:5: sections.0.blocks.0: want one of `query`, `forecast`");
  begins("{query: net, horizon: 3}", "t.yaml:5: sections.0.blocks.0.horizon: unknown key");
  begins("{query: net, amounts: yards}", "t.yaml:5: sections.0.blocks.0.amounts: `yards`, want");
  begins("{query: net, decimals: 13}", "t.yaml:5: sections.0.blocks.0.decimals: `13`");
  begins("{query: net, chart: pie}", "t.yaml:5: sections.0.blocks.0.chart: `pie`");
  begins("{query: net, show_table: maybe}", "t.yaml:5: sections.0.blocks.0.show_table: `maybe`");
  begins("{query: net, show_table: false}", "t.yaml:5: sections.0.blocks.0.show_table: without");
  begins("{text: {fr: x}}", "t.yaml:5: sections.0.blocks.0.text.fr: want the languages");
  begins("{text: x, query: net}", "t.yaml:5: sections.0.blocks.0.query: unknown key");
  begins("words", "t.yaml:5: sections.0.blocks.0: want a map");
  begins("{flows: '', to: moon}", "t.yaml:5: sections.0.blocks.0.to: `moon`");
  EXPECT_TRUE(absl::StartsWith(ReadTemplate("title: [", "t.yaml").status().message(), "t.yaml:"));
  EXPECT_EQ(ReadTemplate("title: x", "t.yaml").status().message(),
            "t.yaml:1: sections: missing; want at least one section");
  EXPECT_EQ(ReadTemplate("sections: []", "t.yaml").status().message(),
            "t.yaml:1: title: missing; want a text, or {en: ..., zh: ...}");
  EXPECT_TRUE(absl::StrContains(
      ReadTemplate(
          "title: x\nparameters: {a: 1}\nfigures: [{name: a, query: net}]\nsections: [{title: y}]",
          "t.yaml")
          .status()
          .message(),
      "t.yaml:3: figures.0.name: `a` is taken already"));
}

}  // namespace
}  // namespace tidemark::cli::report
