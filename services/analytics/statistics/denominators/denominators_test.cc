#include "services/analytics/query/denominators.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/testing/status_matchers.h"
#include "services/analytics/statistics/denominators/load_denominators.h"
#include "services/analytics/statistics/denominators/official_fixture_test.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;
using base::Rational;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::tidemark::testing::StatusIs;

DaySpan Days(std::string_view period) {
  return StatedDays(catalog_client::ParsePeriod(period).value()).value();
}

class DenominatorsTest : public ::testing::Test {
 protected:
  DenominatorsTest() : calendar_(absl::UTCTimeZone()) {
    using catalog_client::RegionLevel;
    catalog_client::CatalogBuilder catalog;
    catalog.Observatory("UTC", {2020, 1, 1});
    catalog.Region("cn", RegionLevel::kNation);
    for (const char* id : {"cn-31", "cn-32", "cn-33"})
      catalog.Region(id, RegionLevel::kProvince, "cn");
    catalog.Region("cn-3301", RegionLevel::kCity, "cn-33");
    auto& delta = catalog.Group("delta");
    for (const char* id : {"cn-31", "cn-33", "cn-3301"})
      delta.add_members()->set_member(std::string("regions/") + id);
    auto& joined = *delta.add_members();
    joined.set_member("regions/cn-32");
    catalog_client::SetDate({2024, 7, 1}, joined.mutable_valid()->mutable_start());
    catalog.Group("empty");
    view_ = catalog.View();
  }

  std::unique_ptr<const Denominators> Read(pb::DenominatorRole role,
                                           pb::PopulationTime time = pb::POPULATION_TIME_MID_YEAR) {
    auto read = ReadDenominators(figures_, 7, {.role = role, .time = time}, "CNY");
    EXPECT_OK(read.status());
    return *std::move(read);
  }
  Denominator People(const std::string& place, std::string_view period) {
    return Read(pb::DENOMINATOR_ROLE_POPULATION)->Stated(place, Days(period));
  }
  Denominator Product(const std::string& place, std::string_view period) {
    return Read(pb::DENOMINATOR_ROLE_GDP)->Stated(place, Days(period));
  }
  Denominator OfGroup(pb::DenominatorRole role, const std::string& id, std::string_view period) {
    const auto denominators = Read(role);
    Crosswalk crosswalk(*view_);
    return FindDenominator(&crosswalk, calendar_, *denominators,
                           {view_->region_groups().Find(id)->ordinal, true}, Days(period));
  }

  FakeOfficialFigures figures_;
  std::shared_ptr<const catalog_client::CatalogView> view_;
  Calendar calendar_;
};

TEST_F(DenominatorsTest, PeriodsAreDays) {
  EXPECT_EQ(Days("1970-01-01"), (DaySpan{0, 1}));
  EXPECT_EQ(Days("1970-01..02"), (DaySpan{0, 59}));
  EXPECT_EQ(Days("2023..2024"), (DaySpan{Days("2023").first, Days("2024").end}));
  EXPECT_EQ(Days("2024-W01"), (DaySpan{Days("2024-01-01").first, Days("2024-01-07").end}));
  EXPECT_EQ(Days("2024-Q1..Q2"), Days("2024-H1"));
  EXPECT_FALSE(StatedDays({}).has_value());
}

TEST_F(DenominatorsTest, NumbersAreExact) {
  pb::Observation cell;
  EXPECT_FALSE(NumberOf(cell).has_value());
  cell.mutable_value()->set_value("6.552");
  cell.mutable_unit()->set_power_of_ten(8);
  EXPECT_EQ(*NumberOf(cell), Rational(655'200'000));
  cell.set_divisor(3);
  EXPECT_EQ(*NumberOf(cell), Rational(218'400'000));
  cell.mutable_unit()->set_power_of_ten(-1);
  EXPECT_EQ(*NumberOf(cell), Rational(6'552) / Rational(30'000));
  cell.mutable_value()->set_value("-0.05");
  cell.set_divisor(0);
  EXPECT_EQ(*NumberOf(cell), Rational(-5) / Rational(1000));
}

TEST_F(DenominatorsTest, ThePopulationIsThatOfTheYearOfTheLastDay) {
  figures_.Population("people", 1, 4);
  figures_.State("people", "regions/cn", "2023", "100.5");
  figures_.State("people", "regions/cn", "2024", "101");
  const Denominator of = People("regions/cn", "2024-03");
  ASSERT_TRUE(of.found());
  EXPECT_EQ(of.value, Rational(1'010'000));
  EXPECT_FALSE(of.carried);
  EXPECT_EQ(People("regions/cn", "2023..2024").value, Rational(1'010'000));
  EXPECT_EQ(People("regions/cn", "2023-11..2024-01").value, Rational(1'010'000));
  EXPECT_EQ(figures_.asked_version(), 7u);
}

TEST_F(DenominatorsTest, WhereNoneIsStatedYetTheLastYearIsCarried) {
  figures_.Population("people");
  figures_.State("people", "regions/cn", "2021", "7");
  figures_.State("people", "regions/cn", "2022", "8");
  figures_.State("people", "regions/cn", "2023", "");
  const Denominator of = People("regions/cn", "2024");
  EXPECT_EQ(of.value, Rational(8));
  EXPECT_TRUE(of.carried);
  EXPECT_FALSE(People("regions/cn", "2022").carried);
  // Nothing is known of what was before, nor of other places.
  EXPECT_EQ(People("regions/cn", "2020").null, NullReason::kNoDenominator);
  EXPECT_EQ(People("regions/cn-31", "2024").null, NullReason::kNoDenominator);
}

TEST_F(DenominatorsTest, OfEachYearTheLowestPreferenceThatStatesANumberCounts) {
  figures_.Population("census", 1);
  figures_.Population("register", 2);
  figures_.State("register", "regions/cn", "2023", "23");
  figures_.State("register", "regions/cn", "2024", "24");
  figures_.State("census", "regions/cn", "2023", "123");
  figures_.State("census", "regions/cn", "2024", "");
  EXPECT_EQ(People("regions/cn", "2023").value, Rational(123));
  const Denominator of = People("regions/cn", "2024");
  EXPECT_EQ(of.value, Rational(24));
  ASSERT_EQ(of.figures.size(), 1u);
}

TEST_F(DenominatorsTest, OnlySeriesOfTheKindServe) {
  figures_.Population("registered").mutable_population()->set_kind(pb::POPULATION_KIND_REGISTERED);
  figures_.State("registered", "regions/cn", "2024", "1");
  figures_.Population("at-end").mutable_population()->set_time(pb::POPULATION_TIME_YEAR_END);
  figures_.State("at-end", "regions/cn", "2024", "2");
  figures_.Population("urban", 0, 0, {{"area_type", "URBAN"}});
  figures_.State("urban", "regions/cn", "2024", "3");
  figures_.Population("no-denominator").clear_denominator();
  figures_.State("no-denominator", "regions/cn", "2024", "4");
  figures_.Product("product");
  figures_.State("product", "regions/cn", "2024", "5");
  figures_.Product("dollars").mutable_unit()->set_currency("USD");
  figures_.State("dollars", "regions/cn", "2024-Q1", "6");
  EXPECT_EQ(People("regions/cn", "2024").null, NullReason::kNoDenominator);
  EXPECT_EQ(Read(pb::DENOMINATOR_ROLE_POPULATION, pb::POPULATION_TIME_YEAR_END)
                ->Stated("regions/cn", Days("2024"))
                .value,
            Rational(2));
  EXPECT_EQ(Product("regions/cn", "2024-Q1").null, NullReason::kPeriodMismatch);
  auto urban = ListServing(figures_, 7, {.role = pb::DENOMINATOR_ROLE_POPULATION}, "CNY");
  ASSERT_OK(urban.status());
  ASSERT_EQ(urban->size(), 1u);
  EXPECT_THAT(urban->front().slices, ElementsAre(std::pair("area_type", "urban")));
}

TEST_F(DenominatorsTest, AStockMayBeStatedOfItsDay) {
  figures_.Population("people");
  figures_.State("people", "regions/cn", "2023-06-30", "23");
  figures_.State("people", "regions/cn", "2024-07-01", "24");
  figures_.State("people", "regions/cn", "2024-12-31", "99");
  figures_.State("people", "regions/cn", "2024-06", "98");
  EXPECT_EQ(People("regions/cn", "2023").value, Rational(23));
  EXPECT_EQ(People("regions/cn", "2024").value, Rational(24));
  figures_.State("people", "regions/cn", "2024", "25");
  EXPECT_EQ(People("regions/cn", "2024").value, Rational(25));
  figures_.Population("at-end").mutable_population()->set_time(pb::POPULATION_TIME_YEAR_END);
  figures_.State("at-end", "regions/cn", "2024-12-31", "26");
  figures_.State("at-end", "regions/cn", "2025-07-01", "97");
  const Denominator of = Read(pb::DENOMINATOR_ROLE_POPULATION, pb::POPULATION_TIME_YEAR_END)
                             ->Stated("regions/cn", Days("2025"));
  EXPECT_EQ(of.value, Rational(26));
  EXPECT_TRUE(of.carried);
}

TEST_F(DenominatorsTest, ProductIsThatOfTheVeryPeriodOrOfPartsThatAddUp) {
  figures_.Product("quarters", 0, 0);
  figures_.State("quarters", "regions/cn", "2023-Q1", "10");
  figures_.State("quarters", "regions/cn", "2023-Q1..Q2", "21");
  figures_.State("quarters", "regions/cn", "2023-Q1..Q3", "33");
  figures_.State("quarters", "regions/cn", "2023", "46");
  for (const auto& [period, value] : std::vector<std::pair<const char*, int>>{{"2023-Q1", 10},
                                                                              {"2023-H1", 21},
                                                                              {"2023-Q2", 11},
                                                                              {"2023-Q3", 12},
                                                                              {"2023-Q4", 13},
                                                                              {"2023-H2", 25},
                                                                              {"2023-Q2..Q3", 23},
                                                                              {"2023", 46}}) {
    const Denominator of = Product("regions/cn", period);
    ASSERT_TRUE(of.found()) << period;
    EXPECT_EQ(of.value, Rational(value)) << period;
    EXPECT_FALSE(of.carried);
  }
  EXPECT_EQ(Product("regions/cn", "2023-01").null, NullReason::kPeriodMismatch);
  // Never carried.
  EXPECT_EQ(Product("regions/cn", "2024").null, NullReason::kPeriodMismatch);
  EXPECT_EQ(Product("regions/cn", "2024-Q1").null, NullReason::kPeriodMismatch);
  EXPECT_EQ(Product("regions/cn-31", "2023").null, NullReason::kNoDenominator);
  EXPECT_EQ(Read(pb::DENOMINATOR_ROLE_GDP)->Stated("regions/cn", {5, 5}).null,
            NullReason::kPeriodMismatch);
}

TEST_F(DenominatorsTest, FourQuartersAreAYearAndTwoYearsAreTwo) {
  figures_.Product("quarters", 0, 0);
  for (const char* year : {"2022", "2023"}) {
    for (const char* quarter : {"-Q1", "-Q2", "-Q3", "-Q4"})
      figures_.State("quarters", "regions/cn", std::string(year) + quarter, "2.5");
  }
  EXPECT_EQ(Product("regions/cn", "2023").value, Rational(10));
  EXPECT_EQ(Product("regions/cn", "2022..2023").value, Rational(20));
  EXPECT_EQ(Product("regions/cn", "2022-Q4..2023-Q1").value, Rational(5));
  EXPECT_EQ(Product("regions/cn", "2023").figures.size(), 4u);
  // A cell of the very period comes before parts, whatever its series' preference.
  figures_.Product("years", 9, 0);
  figures_.State("years", "regions/cn", "2023", "11");
  EXPECT_EQ(Product("regions/cn", "2023").value, Rational(11));
  // Parts are of one series: the year of one less quarters of another would mix what was published.
  EXPECT_EQ(Product("regions/cn", "2022-Q2..Q4").value, Rational(15) / Rational(2));
}

TEST_F(DenominatorsTest, AGroupIsStatedItselfOrTheSumOfItsMembersOnTheLastDay) {
  figures_.Population("people");
  figures_.State("people", "regions/cn-31", "2024", "31");
  figures_.State("people", "regions/cn-33", "2024", "33");
  // Within another member: counted there.
  figures_.State("people", "regions/cn-3301", "2024", "1");
  const auto role = pb::DENOMINATOR_ROLE_POPULATION;
  EXPECT_EQ(OfGroup(role, "delta", "2024-06").value, Rational(64));
  // A member that has none.
  EXPECT_EQ(OfGroup(role, "delta", "2024").null, NullReason::kNoDenominator);
  EXPECT_EQ(OfGroup(role, "empty", "2024").null, NullReason::kNoDenominator);
  figures_.State("people", "regions/cn-32", "2023", "32");
  EXPECT_EQ(OfGroup(role, "delta", "2024").value, Rational(96));
  EXPECT_TRUE(OfGroup(role, "delta", "2024").carried);
  EXPECT_FALSE(OfGroup(role, "delta", "2024-06").carried);
  // Its own comes first, but not an old one before a sum of this year's.
  figures_.State("people", "regionGroups/delta", "2023", "95");
  EXPECT_EQ(OfGroup(role, "delta", "2024-06").value, Rational(64));
  EXPECT_EQ(OfGroup(role, "delta", "2024").value, Rational(95));
  figures_.State("people", "regionGroups/delta", "2024", "97");
  EXPECT_EQ(OfGroup(role, "delta", "2024-06").value, Rational(97));
}

TEST_F(DenominatorsTest, AGroupThatIsFixedHasItsMembersOfThen) {
  figures_.Population("people");
  for (const char* id : {"31", "32", "33"})
    figures_.State("people", std::string("regions/cn-") + id, "2024", id);
  const auto read = Read(pb::DENOMINATOR_ROLE_POPULATION);
  Crosswalk crosswalk(*view_);
  const auto of = [&](std::string_view days, std::optional<int64_t> fixed_us) {
    return FindDenominator(&crosswalk, calendar_, *read,
                           {view_->region_groups().Find("delta")->ordinal, true}, Days(days),
                           fixed_us)
        .value;
  };
  const int64_t june = calendar_.StartOfDay(Days("2024-06").first);
  const int64_t july = calendar_.StartOfDay(Days("2024-07").first);
  EXPECT_EQ(of("2024-12", std::nullopt), Rational(96));
  EXPECT_EQ(of("2024-12", june), Rational(64));
  EXPECT_EQ(of("2024-06", july), Rational(96));
}

// Province 31 gives 32 a quarter of its people and 40 % of its product on 1 July 2022; 33 becomes
// 34, which is new, in 2024.
class DividedDenominatorsTest : public DenominatorsTest {
 protected:
  DividedDenominatorsTest() {
    catalog_client::CatalogBuilder catalog;
    catalog.Observatory("UTC", {2015, 1, 1});
    const auto give = [&](const char* id, const char* to, catalog_client::CatalogBuilder::Day day,
                          pb::CrosswalkBasis basis, const char* weight) {
      auto& successor =
          *catalog.Region(id, catalog_client::RegionLevel::kProvince).add_successors();
      successor.set_region(std::string("regions/") + to);
      successor.set_basis(basis);
      catalog_client::SetDate(day, successor.mutable_date());
      if (weight != nullptr) successor.mutable_weight()->set_value(weight);
    };
    catalog.Region("cn-32", catalog_client::RegionLevel::kProvince);
    catalog_client::SetDate({2024, 1, 1},
                            catalog.Region("cn-34", catalog_client::RegionLevel::kProvince)
                                .mutable_valid()
                                ->mutable_start());
    give("cn-31", "cn-32", {2022, 7, 1}, pb::CROSSWALK_BASIS_POPULATION, "0.25");
    give("cn-31", "cn-32", {2022, 7, 1}, pb::CROSSWALK_BASIS_GDP, "0.4");
    give("cn-33", "cn-34", {2024, 1, 1}, pb::CROSSWALK_BASIS_WHOLE, nullptr);
    auto& group = catalog.Group("delta");
    for (const char* id : {"cn-31", "cn-33", "cn-34"})
      group.add_members()->set_member(std::string("regions/") + id);
    view_ = catalog.View();
    figures_.Population("people");
    figures_.Product("product", 0, 0);
  }

  Denominator Of(pb::DenominatorRole role, const std::string& id, std::string_view days,
                 std::string_view fixed = "") {
    const auto read = Read(role);
    Crosswalk crosswalk(*view_);
    const OfficialPlace place = id == "delta" ? OfficialPlace{0, /*is_group=*/true}
                                              : OfficialPlace{view_->regions().Find(id)->ordinal};
    const auto fixed_us =
        fixed.empty() ? std::nullopt : std::optional(calendar_.StartOfDay(Days(fixed).end) - 1);
    return FindDenominator(&crosswalk, calendar_, *read, place, Days(days), fixed_us);
  }
  Denominator People(const std::string& id, std::string_view days, std::string_view fixed = "") {
    return Of(pb::DENOMINATOR_ROLE_POPULATION, id, days, fixed);
  }
  Denominator Product(const std::string& id, std::string_view days, std::string_view fixed = "") {
    return Of(pb::DENOMINATOR_ROLE_GDP, id, days, fixed);
  }
};

TEST_F(DividedDenominatorsTest, FiguresOfEarlierBoundariesAreDividedByWeights) {
  figures_.State("people", "regions/cn-31", "2021", "1000");
  figures_.State("people", "regions/cn-32", "2021", "2001");
  figures_.State("product", "regions/cn-31", "2021", "50");
  figures_.State("product", "regions/cn-32", "2021", "7");
  EXPECT_EQ(People("cn-31", "2021").value, Rational(1000));
  EXPECT_FALSE(People("cn-31", "2021").weighed);
  const Denominator less = People("cn-31", "2021", "2022-07-01");
  EXPECT_EQ(less.value, Rational(750));
  EXPECT_TRUE(less.weighed);
  EXPECT_FALSE(less.carried);
  EXPECT_EQ(People("cn-32", "2021", "2022-07-01").value, Rational(2251));
  EXPECT_EQ(People("cn-32", "2021", "2022-06-30").value, Rational(2001));
  EXPECT_EQ(Product("cn-31", "2021", "2023-12-31").value, Rational(30));
  EXPECT_EQ(Product("cn-32", "2021", "2023-12-31").value, Rational(27));
  EXPECT_EQ(Product("cn-32", "2021", "2023-12-31").figures.size(), 2u);
  // Figures of later boundaries are taken as they are.
  figures_.State("people", "regions/cn-31", "2023", "800");
  EXPECT_EQ(People("cn-31", "2023", "2021-12-31").value, Rational(800));
}

TEST_F(DividedDenominatorsTest, WhatIsCarriedIsOfTheBoundariesOfThePeriod) {
  figures_.State("people", "regions/cn-31", "2020", "1000");
  figures_.State("people", "regions/cn-32", "2020", "2000");
  figures_.State("people", "regions/cn-32", "2021", "2100");
  const Denominator carried = People("cn-31", "2023-03");
  EXPECT_EQ(carried.value, Rational(750));
  EXPECT_TRUE(carried.carried && carried.weighed);
  EXPECT_EQ(People("cn-31", "2022-06").value, Rational(1000));
  // Of the last year that both have.
  EXPECT_EQ(People("cn-32", "2023").value, Rational(2250));
  EXPECT_EQ(People("cn-32", "2022-06").value, Rational(2100));
}

TEST_F(DividedDenominatorsTest, ANewRegionHasWhatItsPredecessorsHad) {
  figures_.State("people", "regions/cn-33", "2023", "300");
  EXPECT_EQ(People("cn-34", "2024").value, Rational(300));
  EXPECT_TRUE(People("cn-34", "2024").carried);
  EXPECT_FALSE(People("cn-34", "2024").weighed);
  EXPECT_EQ(People("cn-33", "2023", "2024-01-01").value, Rational(300));
  // As 33 it is not there any more; its own figure is all there is.
  EXPECT_EQ(People("cn-33", "2024").value, Rational(300));
  // Its publisher counted again.
  figures_.State("people", "regions/cn-34", "2023", "310");
  EXPECT_EQ(People("cn-34", "2024").value, Rational(310));
  EXPECT_EQ(People("cn-33", "2023", "2024-01-01").value, Rational(310));
}

TEST_F(DividedDenominatorsTest, MembersOfAGroupCountOnceByTheirBoundaries) {
  figures_.State("people", "regions/cn-31", "2021", "1000");
  figures_.State("people", "regions/cn-33", "2021", "300");
  EXPECT_EQ(People("delta", "2021", "2024-02-01").value, Rational(1050));
  EXPECT_TRUE(People("delta", "2021", "2024-02-01").weighed);
}

TEST_F(DividedDenominatorsTest, WhyThereIsNone) {
  figures_.State("product", "regions/cn-31", "2021", "50");
  EXPECT_EQ(Product("cn-32", "2021", "2023-12-31").null, NullReason::kNoDenominator);
  figures_.State("product", "regions/cn-32", "2020", "7");
  EXPECT_EQ(Product("cn-32", "2021", "2023-12-31").null, NullReason::kPeriodMismatch);
  EXPECT_EQ(People("cn-32", "2021", "2023-12-31").null, NullReason::kNoDenominator);
  catalog_client::CatalogBuilder catalog;
  catalog.Observatory("UTC", {2015, 1, 1});
  catalog.Region("cn-32", catalog_client::RegionLevel::kProvince);
  auto& part = *catalog.Region("cn-31", catalog_client::RegionLevel::kProvince).add_successors();
  part.set_region("regions/cn-32");
  part.set_basis(pb::CROSSWALK_BASIS_AREA);
  part.mutable_weight()->set_value("0.5");
  catalog_client::SetDate({2022, 7, 1}, part.mutable_date());
  view_ = catalog.View();
  figures_.State("product", "regions/cn-32", "2021", "8");
  EXPECT_EQ(Product("cn-32", "2021", "2023-12-31").null, NullReason::kNoWeight);
  EXPECT_EQ(Product("cn-32", "2021", "2022-06-30").value, Rational(8));
}

TEST_F(DenominatorsTest, WhyAGroupHasNoProduct) {
  const auto role = pb::DENOMINATOR_ROLE_GDP;
  figures_.Product("product", 0, 0);
  EXPECT_EQ(OfGroup(role, "delta", "2023").null, NullReason::kNoDenominator);
  figures_.State("product", "regions/cn-31", "2023", "1");
  EXPECT_EQ(OfGroup(role, "delta", "2023").null, NullReason::kNoDenominator);
  figures_.State("product", "regions/cn-33", "2022", "2");
  EXPECT_EQ(OfGroup(role, "delta", "2023").null, NullReason::kPeriodMismatch);
  figures_.State("product", "regions/cn-33", "2023", "3");
  EXPECT_EQ(OfGroup(role, "delta", "2023").value, Rational(4));
  figures_.State("product", "regionGroups/empty", "2022", "5");
  EXPECT_EQ(OfGroup(role, "empty", "2023").null, NullReason::kPeriodMismatch);
}

TEST_F(DenominatorsTest, WhatWasNotStatedExactlyIsKnown) {
  figures_.Population("people");
  EXPECT_FALSE(Denominator{}.qualified());
  figures_.State("people", "regions/cn", "2023", "1");
  EXPECT_FALSE(People("regions/cn", "2023").qualified());
  figures_.State("people", "regions/cn", "2024", "1").set_qualifier(pb::QUALIFIER_ABOUT);
  const auto denominators = Read(pb::DENOMINATOR_ROLE_POPULATION);
  EXPECT_TRUE(denominators->Stated("regions/cn", Days("2024")).qualified());
  EXPECT_THAT(denominators->Places(), ElementsAre("regions/cn"));
}

TEST_F(DenominatorsTest, WithoutACatalogThereIsNothing) {
  EXPECT_THAT(Read(pb::DENOMINATOR_ROLE_GDP)->Places(), IsEmpty());
  figures_.GoAway();
  EXPECT_THAT(ReadDenominators(figures_, 7, {.role = pb::DENOMINATOR_ROLE_GDP}, "CNY").status(),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace tidemark::analytics
