#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/catalog/api/service_fixture.h"
#include "services/catalog/observations/observation_fixture.h"

namespace tidemark::catalog::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tidemark::testing::ParseText;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;
using enum absl::StatusCode;

// Two publications of GDP: the second revises one cell, leaves one as it was, adds one and leaves
// one out.
class CatalogServiceObservationsTest : public ServiceTest {
 protected:
  CatalogServiceObservationsTest() {
    EXPECT_OK(ApplyText(kBasics));
    EXPECT_OK(ApplyText(VintageText(
        "gdp-2021",
        Source(2021) + SeriesCells("gdp", RegionCells("cn-11", Cell(Year(2019), "35371.3") +
                                                                   Cell(Year(2018), "33106.0")) +
                                              RegionCells("cn-33", Cell(Year(2019), "62352"))))));
    first_ = catalog_->head().version;
    EXPECT_OK(ApplyText(VintageText("gdp-2022", Second())));
  }

  static std::string Second() {
    return Source(2022) +
           SeriesCells("gdp", RegionCells("cn-11", Cell(Year(2019), "35445.1")) +
                                  RegionCells("cn-33", Cell(Year(2019), "62352.0") +
                                                           Cell(Year(2020), "64613.3")));
  }

  absl::StatusOr<v1::ListObservationsResponse> ListOf(const std::string& text) {
    v1::ListObservationsResponse response;
    absl::Status status = Call(viewer_, &Stub::ListObservations,
                               ParseText<v1::ListObservationsRequest>(text), &response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::CompareObservationsResponse> CompareOf(const std::string& text) {
    v1::CompareObservationsResponse response;
    absl::Status status = Call(viewer_, &Stub::CompareObservations,
                               ParseText<v1::CompareObservationsRequest>(text), &response);
    if (!status.ok()) return status;
    return response;
  }
  // "cn-11 2019 35445.1"
  static std::string Line(const v1::Observation& o) {
    return absl::StrCat(o.region().substr(8), " ", o.period().start().year(), " ",
                        o.value().value());
  }
  static std::vector<std::string> Lines(const v1::ListObservationsResponse& response) {
    std::vector<std::string> lines;
    for (const v1::Observation& o : response.observations()) lines.push_back(Line(o));
    return lines;
  }

  static constexpr char kGdp[] = "filter { series: 'observationSeries/gdp' } ";
  uint64_t first_ = 0;
};

TEST_F(CatalogServiceObservationsTest, ListsWhatStandsWithTheVintageThatStatesIt) {
  const auto listed = ListOf(kGdp);
  ASSERT_OK(listed);
  EXPECT_THAT(Lines(*listed), ElementsAre("cn-11 2018 33106.0", "cn-11 2019 35445.1",
                                          "cn-33 2019 62352.0", "cn-33 2020 64613.3"));
  const v1::Observation& kept = listed->observations(0);
  EXPECT_EQ(kept.vintage(), "vintages/gdp-2021");
  EXPECT_EQ(kept.source().published().year(), 2021);
  EXPECT_EQ(kept.unit().currency(), "CNY");
  EXPECT_EQ(kept.unit().power_of_ten(), 8);
  EXPECT_EQ(kept.divisor(), 1u);
  EXPECT_EQ(kept.status(), v1::OBSERVATION_STATUS_NORMAL);
  EXPECT_EQ(kept.qualifier(), v1::QUALIFIER_EXACT);
  EXPECT_EQ(listed->version(), first_ + 1);
}

TEST_F(CatalogServiceObservationsTest, ReadsAsOfADayAndAsTheCatalogKnewIt) {
  const std::vector<std::string> before = {"cn-11 2018 33106.0", "cn-11 2019 35371.3",
                                           "cn-33 2019 62352"};
  const auto by_day =
      ListOf(absl::StrCat(kGdp, "state { as_of { year: 2021 month: 12 day: 31 } }"));
  ASSERT_OK(by_day);
  EXPECT_EQ(Lines(*by_day), before);
  const auto by_version = ListOf(absl::StrCat(kGdp, "state { version: ", first_, " }"));
  ASSERT_OK(by_version);
  EXPECT_EQ(Lines(*by_version), before);
  EXPECT_EQ(by_version->version(), first_);
  const auto long_ago =
      ListOf(absl::StrCat(kGdp, "state { as_of { year: 2020 month: 1 day: 1 } }"));
  ASSERT_OK(long_ago);
  EXPECT_THAT(Lines(*long_ago), ElementsAre());
}

TEST_F(CatalogServiceObservationsTest, AWithdrawnVintageIsReadOnlyAtOlderVersions) {
  ASSERT_OK(
      ApplyText(VintageText("gdp-2022", Second() + "withdrawn: true withdrawal_reason: 'x'")));
  const auto now = ListOf(kGdp);
  ASSERT_OK(now);
  EXPECT_THAT(Lines(*now),
              ElementsAre("cn-11 2018 33106.0", "cn-11 2019 35371.3", "cn-33 2019 62352"));
  const auto before = ListOf(absl::StrCat(kGdp, "state { version: ", first_ + 1, " }"));
  ASSERT_OK(before);
  EXPECT_EQ(before->observations_size(), 4);
}

TEST_F(CatalogServiceObservationsTest, ListsEveryVintageOfACellOldestFirst) {
  const auto listed = ListOf(absl::StrCat(
      "filter { indicator: 'indicators/gdp' regions: 'regions/cn-11' } every_vintage: true"));
  ASSERT_OK(listed);
  EXPECT_THAT(Lines(*listed),
              ElementsAre("cn-11 2018 33106.0", "cn-11 2019 35371.3", "cn-11 2019 35445.1"));
}

TEST_F(CatalogServiceObservationsTest, PagesShowOneVersion) {
  for (const bool every : {false, true}) {
    const std::string request =
        absl::StrCat(kGdp, "page_size: 2 every_vintage: ", every ? "true" : "false", " ");
    auto page = ListOf(request);
    ASSERT_OK(page);
    const uint64_t version = page->version();
    std::vector<std::string> all = Lines(*page);
    EXPECT_EQ(all.size(), 2u);
    ASSERT_OK(ApplyText(VintageText(
        every ? "late-2" : "late-1",
        Source(2023) + SeriesCells("gdp", RegionCells("cn-33", Cell(Year(2019), "1"))))));
    while (!page->next_page_token().empty()) {
      page = ListOf(absl::StrCat(request, "page_token: '", page->next_page_token(), "'"));
      ASSERT_OK(page);
      EXPECT_EQ(page->version(), version);
      for (std::string& line : Lines(*page)) all.push_back(std::move(line));
    }
    if (every) continue;
    EXPECT_THAT(all, ElementsAre("cn-11 2018 33106.0", "cn-11 2019 35445.1", "cn-33 2019 62352.0",
                                 "cn-33 2020 64613.3"));
  }
  const auto page = ListOf(absl::StrCat(kGdp, "page_size: 1"));
  ASSERT_OK(page);
  EXPECT_THAT(
      ListOf(absl::StrCat("filter { indicator: 'indicators/gdp' } page_size: 1 page_token: '",
                          page->next_page_token(), "'")),
      AllOf(StatusIs(kInvalidArgument), ReasonIs("INVALID_PAGE_TOKEN")));
}

TEST_F(CatalogServiceObservationsTest, NarrowsByPeriodsGrainsAndCumulation) {
  const auto months = [](int month, int count) { return Months(2020, month, count); };
  ASSERT_OK(ApplyText(VintageText(
      "monthly",
      Source(2020, 20) +
          SeriesCells("online-share",
                      RegionCells("cn", Cell(Year(2020), "7") + Cell(months(1, 2), "1") +
                                            Cell(months(3, 1), "3") + Cell(months(1, 6), "6") +
                                            Cell(months(1, 9), "9"))))));
  const auto values = [&](const std::string& filter) {
    const auto listed =
        ListOf(absl::StrCat("filter { series: 'observationSeries/online-share' ", filter, " }"));
    EXPECT_OK(listed);
    std::string all;
    for (const v1::Observation& o : listed->observations()) all += o.value().value();
    return all;
  };
  EXPECT_EQ(values(""), "16973");
  EXPECT_EQ(values("cumulative: CUMULATIVE_CELLS_EXCLUDED"), "673");
  EXPECT_EQ(values("cumulative: CUMULATIVE_CELLS_ONLY"), "19");
  EXPECT_EQ(values("grains: PERIOD_GRAIN_HALF_YEAR"), "6");
  EXPECT_EQ(values("grains: PERIOD_GRAIN_MONTH cumulative: CUMULATIVE_CELLS_EXCLUDED"), "3");
  EXPECT_EQ(values("first { grain: PERIOD_GRAIN_MONTH start { year: 2020 month: 2 day: 1 } }"),
            "3");
  EXPECT_EQ(values("last { grain: PERIOD_GRAIN_HALF_YEAR start { year: 2020 month: 1 day: 1 } }"),
            "163");
}

TEST_F(CatalogServiceObservationsTest, SaysWhatIsWrongWithARequest) {
  EXPECT_THAT(ListOf(""), AllOf(StatusIs(kInvalidArgument), ReasonIs("INVALID_FILTER")));
  EXPECT_THAT(ListOf("filter { series: 'observationSeries/gdpp' }"),
              StatusIs(kNotFound, HasSubstr("observationSeries/gdp")));
  EXPECT_THAT(ListOf("filter { series: 'regions/cn' }"),
              StatusIs(kInvalidArgument, HasSubstr("filter.series[0]")));
  EXPECT_THAT(ListOf(absl::StrCat(kGdp, "state { version: 99 }")), StatusIs(kOutOfRange));
  EXPECT_THAT(ListOf(absl::StrCat(kGdp, "state { as_of { year: 2021 month: 2 day: 30 } }")),
              StatusIs(kInvalidArgument, HasSubstr("state.as_of")));
  EXPECT_THAT(ListOf(absl::StrCat(kGdp, "page_size: -1")), ReasonIs("INVALID_PAGE_SIZE"));
  EXPECT_THAT(CompareOf(kGdp), AllOf(StatusIs(kInvalidArgument), ReasonIs("MISSING_STATE")));
  EXPECT_THAT(CompareOf(absl::StrCat(kGdp, "state {} relative_tolerance { value: '1.01' }")),
              ReasonIs("INVALID_TOLERANCE"));
}

TEST_F(CatalogServiceObservationsTest, ComparesTwoStates) {
  const std::string states =
      absl::StrCat(kGdp, "before { as_of { year: 2021 month: 6 day: 1 } } state {} ");
  const auto compared = CompareOf(states);
  ASSERT_OK(compared);
  EXPECT_EQ(compared->added(), 1u);
  EXPECT_EQ(compared->revised(), 1u);
  EXPECT_EQ(compared->relabelled(), 0u);
  EXPECT_EQ(compared->removed(), 0u);
  EXPECT_EQ(compared->unchanged(), 2u);
  ASSERT_EQ(compared->differences_size(), 2);
  EXPECT_EQ(compared->differences(0).kind(), v1::DIFFERENCE_KIND_REVISED);
  EXPECT_EQ(Line(compared->differences(0).before()), "cn-11 2019 35371.3");
  EXPECT_EQ(Line(compared->differences(0).after()), "cn-11 2019 35445.1");
  EXPECT_EQ(compared->differences(1).kind(), v1::DIFFERENCE_KIND_ADDED);
  EXPECT_FALSE(compared->differences(1).has_before());
  const auto tolerant = CompareOf(absl::StrCat(states, "relative_tolerance { value: '0.0021' }"));
  ASSERT_OK(tolerant);
  EXPECT_EQ(tolerant->revised(), 0u);
  // Counts are of all pages and in the first only.
  const auto first = CompareOf(absl::StrCat(states, "page_size: 1"));
  ASSERT_OK(first);
  EXPECT_EQ(first->added(), 1u);
  EXPECT_EQ(first->differences_size(), 1);
  const auto second =
      CompareOf(absl::StrCat(states, "page_size: 1 page_token: '", first->next_page_token(), "'"));
  ASSERT_OK(second);
  EXPECT_EQ(second->added(), 0u);
  ASSERT_EQ(second->differences_size(), 1);
  EXPECT_EQ(second->differences(0).kind(), v1::DIFFERENCE_KIND_ADDED);
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(CatalogServiceObservationsTest, TellsWhatAVintageWouldChangeBeforeItIsApplied) {
  const std::string third = absl::StrCat(
      "proposed { ", Source(2023), "complete: true ",
      SeriesCells("gdp", RegionCells("cn-11", absl::StrCat("cells { ", Year(2019),
                                                           " value { value: '35445.1' } status: "
                                                           "OBSERVATION_STATUS_REVISED } "))),
      "} ");
  const auto compared = CompareOf(third);
  ASSERT_OK(compared);
  EXPECT_EQ(compared->relabelled(), 1u);
  EXPECT_EQ(compared->removed(), 3u);
  EXPECT_EQ(compared->added() + compared->revised() + compared->unchanged(), 0u);
  EXPECT_EQ(compared->differences(0).kind(), v1::DIFFERENCE_KIND_REMOVED);
  // A vintage between the two takes its place by its day.
  const auto between = CompareOf(absl::StrCat(
      "before {} proposed { ", Source(2021, 15),
      SeriesCells("gdp", RegionCells("cn-11", Cell(Year(2018), "1") + Cell(Year(2019), "1"))),
      "}"));
  ASSERT_OK(between);
  EXPECT_EQ(between->revised(), 1u);
  EXPECT_EQ(between->unchanged(), 3u);
  // It is judged as ApplyResources would.
  EXPECT_THAT(
      CompareOf(absl::StrCat("proposed { ", Source(2023),
                             SeriesCells("gdp", RegionCells("cn-99", Cell(Year(2019), "1"))), "}")),
      AllOf(StatusIs(kFailedPrecondition, HasSubstr("proposed.series[0].regions[0].region")),
            ReasonIs("DANGLING_REFERENCE")));
  EXPECT_THAT(CompareOf(absl::StrCat("proposed { ", Source(2023), "}")),
              StatusIs(kInvalidArgument, HasSubstr("proposed.series")));
  const auto untouched = ListOf(kGdp);
  ASSERT_OK(untouched);
  EXPECT_EQ(untouched->version(), first_ + 1);
}

}  // namespace
}  // namespace tidemark::catalog::testing
