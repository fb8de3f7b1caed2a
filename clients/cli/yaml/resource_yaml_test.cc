#include "clients/cli/yaml/resource_yaml.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace tidemark::cli {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kTwo = R"(
name: regions/cn-330200
displayNames: {en: Ningbo, zh: 宁波市}
region:
  level: CITY
  parent: regions/cn-33
  valid: {start: 1983-07-01}
  aliases: [Ningpo, 宁波]
---
- name: sources/shop
  display_names: {en: "yes"}
  source: {kind: SOURCE_KIND_LIVE, closes_days: true, new_codes_per_day: 5}
- name: tokens/t
  token: {principal: p, roles: [VIEWER, admin], expire_time_us: -3}
)";

std::string ErrorOf(std::string_view yaml) {
  return std::string(ParseResources(yaml, "f.yaml").status().message());
}

TEST(ResourceYamlTest, ReadsDocumentsAndLists) {
  const auto resources = ParseResources(kTwo, "f.yaml");
  ASSERT_TRUE(resources.ok()) << resources.status();
  ASSERT_EQ(resources->size(), 3u);
  const auto& region = (*resources)[0];
  EXPECT_EQ(region.display_names().at("zh"), "宁波市");
  EXPECT_EQ(region.region().level(), catalog::v1::REGION_LEVEL_CITY);
  EXPECT_EQ(region.region().valid().start().month(), 7);
  EXPECT_EQ(region.region().aliases(1), "宁波");
  EXPECT_EQ((*resources)[1].display_names().at("en"), "yes");
  EXPECT_TRUE((*resources)[1].source().closes_days());
  EXPECT_EQ((*resources)[2].token().roles_size(), 2);
  EXPECT_EQ((*resources)[2].token().expire_time_us(), -3);
}

TEST(ResourceYamlTest, InstantsAreTextOrMicroseconds) {
  const auto end = [](const std::string& text) {
    const auto read =
        ParseResources("{name: grants/g, grant: {endTimeUs: " + text + "}}", "f.yaml");
    return read.ok() ? absl::StrCat((*read)[0].grant().end_time_us())
                     : std::string(read.status().message());
  };
  EXPECT_EQ(end("2024-03-05T08:00:00+08:00"), "1709596800000000");
  EXPECT_EQ(end("2024-03-05T00:00:00.000001Z"), "1709596800000001");
  EXPECT_EQ(end("1709596800000000"), "1709596800000000");
  for (const char* bad : {"2024-03-05", "tomorrow", "infinite-future", "2024-03-05T08:00:00"}) {
    EXPECT_NE(end(bad).find("want an instant such as"), std::string::npos) << bad;
  }
}

TEST(ResourceYamlTest, WhatIsWrittenReadsBack) {
  const auto resources = ParseResources(kTwo, "f.yaml");
  ASSERT_TRUE(resources.ok());
  for (const auto& resource : *resources) {
    const auto again = ParseResources(ToYaml(resource, true), "again.yaml");
    ASSERT_TRUE(again.ok()) << again.status() << ToYaml(resource, true);
    EXPECT_TRUE(MessageDifferencer::Equals((*again)[0], resource)) << ToYaml(resource, true);
  }
}

TEST(ResourceYamlTest, EveryLineBreakReadsBack) {
  catalog::v1::Resource resource;
  resource.set_name("regions/gb");
  for (const char* text : {"a\rb", "a\r", "\r\r", "a\r\nb", "a\nb\n", "\xC2\x85", "\xE2\x80\xA8"}) {
    resource.set_description(text);
    const auto read = ParseResources(ToYaml(resource, true), "written.yaml");
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_EQ(read->size(), 1u);
    EXPECT_EQ((*read)[0].description(), text);
  }
}

TEST(ResourceYamlTest, LeavesOutWhatTheCatalogFillsIn) {
  catalog::v1::Resource resource;
  resource.set_name("regions/a");
  resource.set_etag("e1");
  resource.set_version(7);
  EXPECT_EQ(ToYaml(resource, false), "name: regions/a\n");
  EXPECT_THAT(ToYaml(resource, true), HasSubstr("version: 7"));
}

TEST(ResourceYamlTest, ErrorsNameFileLineFieldAndTheNearestName) {
  EXPECT_THAT(ErrorOf("name: regions/a\nregion:\n  levle: CITY\n"),
              AllOf(HasSubstr("f.yaml:3"), HasSubstr("regions/a.region"), HasSubstr("`level`")));
  EXPECT_THAT(ErrorOf("name: regions/a\nregion: {level: CITI}"),
              AllOf(HasSubstr("region.level"), HasSubstr("CITY")));
  EXPECT_THAT(ErrorOf("name: s\nsource: {new_codes_per_day: -1}"), HasSubstr("integer"));
  EXPECT_THAT(ErrorOf("name: s\nregion: {valid: {start: 2023-02-30}}"), HasSubstr("date"));
  EXPECT_THAT(ErrorOf("name: s\nregion: {valid: {start: 348-01-01}}"), HasSubstr("date"));
  EXPECT_THAT(ErrorOf("name: s\nregion: {valid: {start: 0348-01-01}}"),
              Not(HasSubstr("want a date")));
  EXPECT_THAT(ErrorOf("name: [unclosed"), AllOf(HasSubstr("f.yaml:"), HasSubstr("not YAML")));
  EXPECT_THAT(ErrorOf("just a text"), HasSubstr("mapping"));
  // Of two values one would be lost unseen.
  EXPECT_THAT(ErrorOf("name: regions/a\nname: regions/b"),
              AllOf(HasSubstr("f.yaml:2"), HasSubstr("name: stands here twice")));
  EXPECT_THAT(ErrorOf("name: a\ndisplayNames: {en: x}\ndisplay_names: {en: y}"),
              HasSubstr("twice"));
  EXPECT_THAT(ErrorOf("name: a\ndisplayNames: {en: x, en: y}"), HasSubstr("en: stands here twice"));
}

TEST(ResourceYamlTest, BytesAreHexadecimalBothWays) {
  const std::string yaml = "name: tokens/t\ntoken:\n  secret_hash: 00ff41\n";
  const auto token = ParseResources(yaml, "f.yaml");
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->front().token().secret_hash(), std::string("\x00\xff\x41", 3));
  EXPECT_EQ(ToYaml(token->front(), true), yaml);
  EXPECT_THAT(ErrorOf("name: tokens/t\ntoken: {secret_hash: 0xz}"),
              HasSubstr("token.secret_hash: `0xz`, want hexadecimal digits"));
}

TEST(ResourceYamlTest, NumbersAndPeriodsAreWrittenAsPublished) {
  const auto resources = ParseResources(R"(
name: vintages/v
vintage:
  source: {publisher: organisations/nbs, published: 2018-06-14}
  series:
    - series: observationSeries/s
      regions:
        - region: regions/cn
          cells:
            - {period: 2018-01..02, value: 11.0}
            - {period: 2018, value: -0.40}
            - {period: {grain: QUARTER, start: 2018-04-01, count: 2}, value: {value: "7"}}
)",
                                        "f.yaml");
  ASSERT_TRUE(resources.ok()) << resources.status();
  const auto& cells = (*resources)[0].vintage().series(0).regions(0).cells();
  EXPECT_EQ(cells[0].period().count(), 2u);
  EXPECT_EQ(cells[0].value().value(), "11.0");
  EXPECT_EQ(cells[1].value().value(), "-0.40");
  const std::string yaml = ToYaml((*resources)[0], false);
  EXPECT_THAT(yaml, AllOf(HasSubstr("period: 2018-01..02"), HasSubstr("value: 11.0"),
                          HasSubstr("period: 2018-Q2..Q3"), HasSubstr("value: -0.40")));
  const auto again = ParseResources(yaml, "again.yaml");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(MessageDifferencer::Equals((*again)[0], (*resources)[0]));
  EXPECT_THAT(ErrorOf("name: targets/t\ntarget: {due: 2018-13}"),
              AllOf(HasSubstr("due"), HasSubstr("`2018-13`, want a period")));
}

TEST(ResourceYamlTest, EmptyFileHasNoResources) {
  EXPECT_TRUE(ParseResources("", "f.yaml")->empty());
  EXPECT_TRUE(ParseResources("---\n---\n", "f.yaml")->empty());
}

}  // namespace
}  // namespace tidemark::cli
