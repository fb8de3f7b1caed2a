#include "clients/cpp/query/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "clients/cpp/query/canonical.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::query {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Canonical(std::string_view text) {
  const auto query = ParseQuery(text);
  return query.ok() ? CanonicalText(*query) : std::string(query.status().message());
}

std::string ErrorOf(std::string_view text) {
  return std::string(ParseQuery(text).status().message());
}

TEST(ParseQueryTest, ReadsEveryClause) {
  const auto query = ParseQuery(
      "net, quantile(9500) by month, consumer_region@city, category where category in (products, "
      "unknown) and source != shop and order is not unknown from 2024-01 to 2024-01..02 compare "
      "yoy, prev share net of consumer_region@province, net rank quantile(9500) asc order by "
      "share(net of consumer_region@province) desc, period limit 10");
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_EQ(query->measures(1).quantile(), 9500u);
  EXPECT_EQ(query->grain(), analytics::v1::GRAIN_MONTH);
  EXPECT_EQ(query->dimensions(0).level(), "city");
  EXPECT_TRUE(query->filters(0).unknown());
  EXPECT_TRUE(query->filters(1).exclude());
  EXPECT_TRUE(query->filters(2).exclude() && query->filters(2).unknown());
  EXPECT_EQ(query->range().last(), "2024-01..02");
  EXPECT_EQ(query->comparisons_size(), 2);
  EXPECT_EQ(query->shares(0).level(), "province");
  EXPECT_TRUE(query->ranks(0).ascending());
  EXPECT_EQ(query->order_by(0).column(), "share(net of consumer_region@province)");
  EXPECT_TRUE(query->order_by(0).descending());
  EXPECT_EQ(query->limit(), 10u);
}

TEST(ParseQueryTest, CanonicalTextReadsBackToItself) {
  for (const char* text :
       {"net", "net by month compare prev", "gross, p95, median by half-year order by p95 desc",
        "events where product in (\"a b\", \"by\", 图书) from 2024-W09",
        "net by category rank net asc order by rank(net asc)",
        "consumers by day where consumer_region = regionGroups/delta limit 3",
        "net by consumer_region@nation share net of consumer_region order by "
        "share(net  of  consumer_region)",
        "events where product = \"q\\\"\\\\\\x07\""}) {
    const std::string canonical = Canonical(text);
    ASSERT_TRUE(ParseQuery(canonical).ok()) << text << " -> " << canonical;
    EXPECT_EQ(Canonical(canonical), canonical) << text;
  }
}

TEST(ParseQueryTest, AGeographyIsReadAndWrittenUnlessItIsTheUsualOne) {
  EXPECT_EQ(Canonical("net by year compare yoy geography period_end"), "net by year compare yoy");
  EXPECT_EQ(Canonical("net by year geography at_event"), "net by year");
  for (const char* text : {"net by year geography at_event compare yoy",
                           "net by year geography fixed 2024-12-31 compare yoy",
                           "net by year geography period_end", "net by year compare yoy"}) {
    EXPECT_EQ(Canonical(text), text);
  }
  EXPECT_NE(ErrorOf("net geography today").find("want at_event, period_end, or fixed and a day"),
            std::string::npos);
}

TEST(ParseQueryTest, ClauseOrderAndCaseOfWordsDoNotMatter) {
  EXPECT_EQ(Canonical("net LIMIT 5 Compare PREV By Month"),
            Canonical("net by month compare prev limit 5"));
}

TEST(ParseQueryTest, InIsFromAndToTheSame) {
  EXPECT_EQ(Canonical("net in 2024-01..02 compare yoy"),
            "net from 2024-01..02 to 2024-01..02 compare yoy");
  EXPECT_EQ(Canonical("net where category in (a, b) and product = c in 2024 limit 1"),
            "net where category in (a, b) and product = c from 2024 to 2024 limit 1");
  EXPECT_THAT(ErrorOf("net in 2024 from 2023"), HasSubstr("twice"));
  EXPECT_THAT(ErrorOf("net to 2024 in 2024"), HasSubstr("twice"));
  EXPECT_THAT(ErrorOf("net in (2024)"), HasSubstr("a period"));
}

TEST(ParseQueryTest, ShortNamesOfQuantiles) {
  EXPECT_EQ(Canonical("median, p95, p99"), "quantile(5000), quantile(9500), quantile(9900)");
  EXPECT_EQ(Canonical("p0, p101, price"), "p0, p101, price");
}

TEST(ParseQueryTest, ErrorsSayWhereAndWhatIsWanted) {
  EXPECT_THAT(ErrorOf(""), AllOf(HasSubstr("byte 0"), HasSubstr("measure"), HasSubstr("the end")));
  EXPECT_THAT(ErrorOf("net by"), HasSubstr("dimension"));
  EXPECT_THAT(ErrorOf("net month"),
              AllOf(HasSubstr("byte 4"), HasSubstr("`month`"), HasSubstr("by")));
  EXPECT_THAT(ErrorOf("net where category like x"), AllOf(HasSubstr("`like`"), HasSubstr("=")));
  EXPECT_THAT(ErrorOf("net where category = \"open"), HasSubstr("not closed"));
  EXPECT_THAT(ErrorOf("net where category = a;"), HasSubstr("`;`"));
  EXPECT_THAT(ErrorOf("net by month by day"), HasSubstr("twice"));
  EXPECT_THAT(ErrorOf("net by month, day"), HasSubstr("twice"));
  EXPECT_THAT(ErrorOf("quantile(x)"), HasSubstr("ten-thousandths"));
  EXPECT_THAT(ErrorOf("quantile(5000"), HasSubstr("`)`"));
  EXPECT_THAT(ErrorOf("net limit 0"), HasSubstr("at least 1"));
  EXPECT_THAT(ErrorOf("net order by share(net"), HasSubstr("`)`"));
  EXPECT_THAT(ErrorOf("net compare last"), HasSubstr("prev, yoy, ytd"));
}

TEST(ParseQueryTest, AnyTextIsAnsweredAndAcceptedTextsReadBack) {
  const char* const kParts[] = {"net",   "by",      "where", "(",     ")",      ",",   "=",
                                "!=",    "@",       "month", "share", "of",     "in",  "order",
                                "limit", "10",      "图",    "\"",    "\\",     "not", "is",
                                "is",    "unknown", "rank",  "asc",   "\"a b\""};
  std::mt19937 random(42);
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = "net";
    for (unsigned n = random() % 8; n > 0; --n) {
      text += " ";
      text += kParts[random() % std::size(kParts)];
    }
    const auto query = ParseQuery(text);
    if (!query.ok()) continue;
    ++accepted;
    const std::string canonical = CanonicalText(*query);
    ASSERT_EQ(Canonical(canonical), canonical) << text;
  }
  EXPECT_GT(accepted, 500);
}

TEST(ParseQueryTest, ReadsWhatComparesWithOtherPeriodsAndPlaces) {
  const std::string text =
      "net by year, category@2 compare yoy, ytd, ytd_yoy cagr 5, 10 index 2020 "
      "contribution net of category@1, net prev location_quotient net of consumer_region";
  EXPECT_EQ(Canonical(text), text);
  EXPECT_EQ(Canonical("net contribution net yoy"), "net contribution net");
  EXPECT_EQ(Canonical("net by year cagr 5 rank net order by cagr( net , 5 ) desc"),
            "net by year cagr 5 rank net order by cagr(net,5) desc");
  // The words can still be codes.
  EXPECT_EQ(Canonical("net where product = index cagr 3"), "net where product = index cagr 3");
  EXPECT_THAT(ErrorOf("net cagr 0"), HasSubstr("a number of years"));
  EXPECT_THAT(ErrorOf("net location_quotient net"), HasSubstr("the dimension that is the place"));
  EXPECT_THAT(ErrorOf("net index 2020 index 2021"), HasSubstr("twice"));
}

TEST(ParseQueryTest, SaysWhoseEventsAreComparedAndUpToWhen) {
  const auto query = ParseQuery("net to date by month panel MATCHED compare yoy to 2024");
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_EQ(query->panel(), analytics::v1::PANEL_MATCHED);
  EXPECT_TRUE(query->to_date());
  EXPECT_EQ(query->range().last(), "2024");
  EXPECT_EQ(CanonicalText(*query), "net by month to 2024 compare yoy panel matched to date");
  EXPECT_EQ(Canonical(CanonicalText(*query)), CanonicalText(*query));
  EXPECT_EQ(Canonical("net by month compare yoy panel as_reported"), "net by month compare yoy");
  EXPECT_THAT(ErrorOf("net compare yoy panel"), HasSubstr("want matched or as_reported"));
  EXPECT_THAT(ErrorOf("net to date to date"), HasSubstr("`to date` is given twice"));
  // A period of that name, which there is none of, is in quotes.
  EXPECT_EQ(Canonical("net to \"Date\" to date"), "net to \"Date\" to date");
  // The words can still be codes.
  EXPECT_EQ(Canonical("net where panel = date"), "net where panel = date");
}

}  // namespace
}  // namespace tidemark::query
