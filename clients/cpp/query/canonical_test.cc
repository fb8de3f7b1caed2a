#include "clients/cpp/query/canonical.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/testing/proto_matchers.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::query {
namespace {

using analytics::v1::Query;
using ::tidemark::testing::EqualsProto;
using ::tidemark::testing::ParseText;

TEST(CanonicalTextTest, WritesEveryClauseInTheGrammarsOrder) {
  const auto query = ParseText<Query>(R"pb(
    measures { name: "net" }
    measures { name: "quantile" quantile: 9500 }
    dimensions { name: "consumer_region" level: "province" }
    dimensions { name: "category" level: "2" }
    filters { dimension: "channel" codes: "online" }
    filters {
      dimension: "category"
      codes: [ "b", "a", "b" ]
      unknown: true
    }
    range { first: "2024-01" last: "2024-01..03" }
    grain: GRAIN_HALF_YEAR
    comparisons: [ COMPARISON_YOY, COMPARISON_PREV ]
    shares { measure: "net" dimension: "consumer_region" level: "nation" }
    shares { measure: "net" }
    ranks { column: "net" }
    ranks { column: "quantile(9500)" ascending: true }
    order_by { column: "prev(net)" descending: true }
    order_by { column: "period" }
    limit: 20)pb");
  EXPECT_EQ(CanonicalText(query),
            "net, quantile(9500) by half_year, consumer_region@province, category@2 "
            "where category in (a, b, unknown) and channel = online from 2024-01 to 2024-01..03 "
            "compare prev, yoy share net of consumer_region@nation, net "
            "rank net, quantile(9500) asc order by prev(net) desc, period limit 20");
}

TEST(CanonicalTextTest, WritesWhatComparesWithOtherPeriodsAndPlaces) {
  const auto query = ParseText<Query>(R"pb(
    measures { name: "net" }
    dimensions { name: "category" level: "2" }
    grain: GRAIN_YEAR
    comparisons: [ COMPARISON_YTD_YOY, COMPARISON_YOY, COMPARISON_YTD, COMPARISON_PREV ]
    cagr_years: [ 5, 10 ]
    index_base: "2020"
    contributions { measure: "net" dimension: "category" level: "1" }
    contributions { measure: "net" comparison: COMPARISON_PREV }
    shares { measure: "net" }
    location_quotients { measure: "net" dimension: "consumer_region" })pb");
  EXPECT_EQ(CanonicalText(query),
            "net by year, category@2 compare prev, yoy, ytd, ytd_yoy cagr 5, 10 index 2020 "
            "contribution net of category@1, net prev share net "
            "location_quotient net of consumer_region");
  EXPECT_EQ(ContributionColumn(query.contributions(0), false),
            "yoy_contribution(net of category@1)");
  EXPECT_EQ(ContributionColumn(query.contributions(1), true), "prev_contribution_rate(net)");
  EXPECT_EQ(LocationQuotientColumn(query.location_quotients(0)),
            "location_quotient(net of consumer_region)");
}

TEST(CanonicalTextTest, FilterFormsAreDistinct) {
  const auto text = [](const char* filter) {
    return CanonicalText(
        ParseText<Query>(std::string("measures { name: \"net\" } filters { ") + filter + " }"));
  };
  EXPECT_EQ(text(R"(dimension: "d" codes: "x")"), "net where d = x");
  EXPECT_EQ(text(R"(dimension: "d" codes: "x" exclude: true)"), "net where d != x");
  EXPECT_EQ(text(R"(dimension: "d" codes: "x" unknown: true)"), "net where d in (x, unknown)");
  EXPECT_EQ(text(R"(dimension: "d" unknown: true)"), "net where d is unknown");
  EXPECT_EQ(text(R"(dimension: "d" unknown: true exclude: true)"), "net where d is not unknown");
  EXPECT_EQ(text(R"(dimension: "d" codes: ["y", "x"] exclude: true)"), "net where d not in (x, y)");
}

TEST(CanonicalTextTest, CodesThatCouldBeMisreadAreQuoted) {
  EXPECT_EQ(QuotedCode("regionGroups/yrd-27"), "regionGroups/yrd-27");
  EXPECT_EQ(QuotedCode("2024-03-05T14+08:00"), "2024-03-05T14+08:00");
  EXPECT_EQ(QuotedCode("unknown"), "\"unknown\"");
  EXPECT_EQ(QuotedCode("Unknown"), "\"Unknown\"");
  EXPECT_EQ(QuotedCode(""), "\"\"");
  EXPECT_EQ(QuotedCode("a b"), "\"a b\"");
  EXPECT_EQ(QuotedCode("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ(QuotedCode("a\nb"), "\"a\\x0ab\"");
  EXPECT_EQ(QuotedCode("浙江"), "\"浙江\"");
}

TEST(CanonicalTextTest, EqualQuestionsHaveEqualTexts) {
  const auto a = ParseText<Query>(R"pb(
    measures { name: "net" }
    filters {
      dimension: "b"
      codes: [ "2", "1" ]
    }
    filters { dimension: "a" codes: "x" exclude: true }
    filters { dimension: "a" codes: "y" })pb");
  const auto b = ParseText<Query>(R"pb(
    measures { name: "net" }
    filters { dimension: "a" codes: "y" }
    filters { dimension: "a" codes: "x" exclude: true }
    filters {
      dimension: "b"
      codes: [ "1", "2", "2" ]
    }
    grain: GRAIN_ALL
    geography: GEOGRAPHY_AT_EVENT
    range {})pb");
  EXPECT_EQ(CanonicalText(a), CanonicalText(b));
  EXPECT_THAT(Normalised(a), EqualsProto(Normalised(b)));
  EXPECT_THAT(Normalised(Normalised(a)), EqualsProto(Normalised(a)));
  EXPECT_EQ(CanonicalText(a), "net where a = y and a != x and b in (1, 2)");
}

TEST(CanonicalTextTest, AGeographyIsWrittenWhereItIsNotTheUsualOne) {
  const auto text = [](const std::string& more) {
    return CanonicalText(ParseText<Query>("measures { name: 'net' } " + more));
  };
  for (const char* compared :
       {"comparisons: COMPARISON_YOY", "cagr_years: 5", "index_base: '2020'"}) {
    const std::string usual = text(compared);
    EXPECT_EQ(usual, text(absl::StrCat(compared, " geography: GEOGRAPHY_PERIOD_END")));
    EXPECT_NE(usual.find("net"), std::string::npos);
    EXPECT_EQ(usual.find("geography"), std::string::npos);
    EXPECT_NE(text(absl::StrCat(compared, " geography: GEOGRAPHY_AT_EVENT"))
                  .find("net geography at_event "),
              std::string::npos);
  }
  EXPECT_EQ(text("geography: GEOGRAPHY_PERIOD_END"), "net geography period_end");
  EXPECT_EQ(text("geography: GEOGRAPHY_AT_EVENT"), "net");
}

TEST(CanonicalTextTest, ColumnNames) {
  EXPECT_EQ(MeasureColumn(ParseText<analytics::v1::Measure>("name: 'net'")), "net");
  EXPECT_EQ(RankColumn(ParseText<analytics::v1::Rank>("column: 'net' ascending: true")),
            "rank(net asc)");
  EXPECT_EQ(ShareColumn(
                ParseText<analytics::v1::Share>("measure: 'net' dimension: 'category' level: '1'")),
            "share(net of category@1)");
  EXPECT_EQ(ShareColumn(ParseText<analytics::v1::Share>("measure: 'net'")), "share(net)");
}

TEST(CanonicalTextTest, NumbersOfLaterVersionsHaveATextOfTheirOwn) {
  Query query;
  query.add_measures()->set_name("net");
  query.set_grain(static_cast<analytics::v1::Grain>(99));
  query.add_comparisons(static_cast<analytics::v1::Comparison>(7));
  EXPECT_EQ(CanonicalText(query), "net by ?99 compare ?7");
}

TEST(CanonicalTextTest, AFilterThatKeepsNothingIsNotOneThatKeepsUnknown) {
  Query query;
  query.add_measures()->set_name("net");
  query.add_filters()->set_dimension("channel");
  EXPECT_EQ(CanonicalText(query), "net where channel in ()");
  query.mutable_filters(0)->set_unknown(true);
  EXPECT_EQ(CanonicalText(query), "net where channel is unknown");
}

}  // namespace
}  // namespace tidemark::query
