#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cpp/query/canonical.h"
#include "clients/cpp/query/parse.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "tidemark/analytics/v1/query.pb.h"

// What divides measures by official figures, in texts.
namespace tidemark::query {
namespace {

using analytics::v1::PerCapita;
using analytics::v1::Query;
using ::testing::HasSubstr;
using ::tidemark::testing::EqualsProto;
using ::tidemark::testing::ParseText;
using ::tidemark::testing::StatusIs;

std::string Canonical(const char* text) {
  const auto query = ParseQuery(text);
  EXPECT_OK(query.status());
  return query.ok() ? CanonicalText(*query) : "";
}

TEST(PerHeadTextTest, IsReadAndWritten) {
  const auto query = ParseQuery(
      "net, consumers by year, consumer_region@city per_capita net, net registered year_end, "
      "consumers YEAR_END ratio_to_gdp net, gross order by per_capita(net, registered , year_end) "
      "desc");
  ASSERT_OK(query.status());
  EXPECT_THAT(*query, EqualsProto(ParseText<Query>(R"pb(
    measures { name: "net" }
    measures { name: "consumers" }
    dimensions { name: "consumer_region" level: "city" }
    grain: GRAIN_YEAR
    per_capita { measure: "net" }
    per_capita {
      measure: "net"
      population { kind: POPULATION_KIND_REGISTERED time: POPULATION_TIME_YEAR_END }
    }
    per_capita {
      measure: "consumers"
      population { time: POPULATION_TIME_YEAR_END }
    }
    ratio_to_gdp: [ "net", "gross" ]
    order_by { column: "per_capita(net,registered,year_end)" descending: true })pb")));
  EXPECT_EQ(CanonicalText(*query),
            "net, consumers by year, consumer_region@city per_capita net, net registered year_end, "
            "consumers resident year_end ratio_to_gdp net, gross "
            "order by per_capita(net,registered,year_end) desc");
  const auto again = ParseQuery(CanonicalText(*query));
  ASSERT_OK(again.status());
  EXPECT_THAT(Normalised(*again), EqualsProto(Normalised(*query)));
}

TEST(PerHeadTextTest, TheUsualPopulationIsLeftOut) {
  for (const char* text : {"net per_capita net", "net per_capita net resident",
                           "net per_capita net mid_year", "net per_capita net mid_year resident"}) {
    EXPECT_EQ(Canonical(text), "net per_capita net") << text;
  }
  EXPECT_EQ(Canonical("net per_capita net registered"), "net per_capita net registered mid_year");
}

TEST(PerHeadTextTest, ColumnNames) {
  EXPECT_EQ(PerCapitaColumn(ParseText<PerCapita>("measure: 'net'")), "per_capita(net)");
  EXPECT_EQ(PerCapitaColumn(ParseText<PerCapita>(
                "measure: 'net' population { kind: POPULATION_KIND_REGISTERED }")),
            "per_capita(net,registered,mid_year)");
  EXPECT_EQ(RatioToGdpColumn("net"), "ratio_to_gdp(net)");
  // A number of a later version has a text of its own.
  PerCapita later;
  later.set_measure("net");
  later.mutable_population()->set_kind(static_cast<catalog::v1::PopulationKind>(7));
  EXPECT_EQ(PerCapitaColumn(later), "per_capita(net,?7,mid_year)");
  later.mutable_population()->set_kind(catalog::v1::POPULATION_KIND_UNSPECIFIED);
  later.mutable_population()->set_time(static_cast<catalog::v1::PopulationTime>(-3));
  EXPECT_EQ(PerCapitaColumn(later), "per_capita(net,resident,?-3)");
}

TEST(PerHeadTextTest, WhatIsWrongIsNamed) {
  EXPECT_THAT(ParseQuery("net per_capita").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("want a measure")));
  EXPECT_THAT(ParseQuery("net ratio_to_gdp net ratio_to_gdp net").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("given twice")));
  EXPECT_THAT(ParseQuery("net per_capita net permanent").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("per_capita")));
}

}  // namespace
}  // namespace tidemark::query
