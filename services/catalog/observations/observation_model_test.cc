#include <map>
#include <random>
#include <tuple>

#include "services/catalog/observations/observation_compare.h"
#include "services/catalog/observations/observation_fixture.h"
#include "services/catalog/observations/observation_list.h"

namespace tidemark::catalog::testing {
namespace {

// A vintage as the plain model keeps it.
struct ModelVintage {
  std::string id;
  int day = 0;
  bool complete = false;
  uint64_t created = 0;
  uint64_t withdrawn = 0;
  // Of series 0 and 1: by region and period the value.
  std::map<int, std::map<std::pair<std::string, std::string>, std::string>> series;

  std::string Text() const;
};

const char* const kSeries[] = {"gdp", "online-share"};
const char* const kRegions[] = {"cn", "cn-11", "cn-33"};

std::string ModelVintage::Text() const {
  std::string fields = Source(2024, day);
  if (complete) fields += "complete: true ";
  for (const auto& [number, cells] : series) {
    std::string regions;
    for (const char* region : kRegions) {
      std::string of_region;
      for (const auto& [key, value] : cells) {
        if (key.first == region) of_region += Cell(key.second, value);
      }
      if (!of_region.empty()) regions += RegionCells(region, of_region);
    }
    fields += SeriesCells(kSeries[number], regions);
  }
  if (withdrawn != 0) fields += "withdrawn: true withdrawal_reason: \"wrong\" ";
  return VintageText(id, fields);
}

// Value by series, region and period as of a day and a version.
using Cells = std::map<std::tuple<std::string, std::string, std::string>, std::string>;

Cells Standing(std::vector<ModelVintage> vintages, int day, uint64_t version) {
  std::sort(vintages.begin(), vintages.end(), [](const auto& a, const auto& b) {
    return std::tie(a.day, a.created, a.id) < std::tie(b.day, b.created, b.id);
  });
  Cells cells;
  for (const ModelVintage& vintage : vintages) {
    if (vintage.day > day || vintage.created > version) continue;
    if (vintage.withdrawn != 0 && vintage.withdrawn <= version) continue;
    for (const auto& [number, stated] : vintage.series) {
      if (vintage.complete) {
        std::erase_if(cells,
                      [&](const auto& c) { return std::get<0>(c.first) == kSeries[number]; });
      }
      for (const auto& [key, value] : stated) {
        cells[{kSeries[number], key.first, key.second}] = value;
      }
    }
  }
  return cells;
}

class ObservationModelTest : public ObservationTest {
 protected:
  static ObservationQuery AllOfBoth() {
    return {.series = {"observationSeries/gdp", "observationSeries/online-share"}};
  }
  static AsOf State(int day, uint64_t version) {
    return {.day = DayNumber({2024, 1, day}), .version = version};
  }

  // What the catalog lists, in pages of some size; also that the order is the promised one.
  Cells Listed(const AsOf& state, size_t page_size) {
    Cells cells;
    std::optional<ObservationPosition> after;
    std::tuple<std::string, std::string, DaySpan> last;
    do {
      PageLimits limits;
      limits.page_size = page_size;
      const auto page =
          ListObservations(*catalog_, index_, AllOfBoth(), state, false, after, limits);
      EXPECT_OK(page);
      if (!page.ok()) break;
      EXPECT_LE(page->observations.size(), page_size);
      for (const v1::Observation& observation : page->observations) {
        const std::tuple key(observation.series(), observation.region(),
                             SpanOf(observation.period()));
        EXPECT_LT(last, key);
        last = key;
        cells[{observation.series().substr(18), observation.region().substr(8),
               PeriodText(observation.period())}] = observation.value().value();
      }
      after = page->next;
    } while (after);
    return cells;
  }

  static std::string PeriodText(const type::v1::Period& period) {
    if (period.grain() == type::v1::PERIOD_GRAIN_YEAR) return Year(period.start().year());
    return Months(period.start().year(), period.start().month(),
                  period.count() == 0 ? 1 : static_cast<int>(period.count()));
  }

  std::mt19937 random_{20260220};
  std::vector<ModelVintage> model_;

  int Pick(int most) { return static_cast<int>(random_() % static_cast<unsigned>(most)); }

  std::string SomePeriod() {
    switch (Pick(3)) {
      case 0:
        return Year(2018 + Pick(3));
      case 1:
        return Months(2020, 1, 2);
      default:
        return Months(2020, 3 + Pick(3), 1);
    }
  }

  ModelVintage SomeVintage(int number) {
    ModelVintage vintage;
    vintage.id = absl::StrCat("v", (number * 7919) % 1000);
    vintage.day = 1 + Pick(8);
    vintage.complete = Pick(5) == 0;
    for (int series = 0; series < 2; ++series) {
      if (Pick(3) == 0 && series == 1) continue;
      const int count = 1 + Pick(6);
      for (int i = 0; i < count; ++i) {
        vintage.series[series][{kRegions[Pick(3)], SomePeriod()}] =
            absl::StrCat(1 + Pick(50), ".", Pick(10));
      }
    }
    return vintage;
  }
};

TEST_F(ObservationModelTest, WhatStandsIsWhatAPlainModelSaysOnEveryDayAtEveryVersion) {
  for (int number = 0; number < 40; ++number) {
    if (!model_.empty() && Pick(4) == 0) {
      ModelVintage& withdrawn = model_[static_cast<size_t>(Pick(static_cast<int>(model_.size())))];
      if (withdrawn.withdrawn == 0) {
        withdrawn.withdrawn = catalog_->head().version + 1;
        ASSERT_OK(Apply(withdrawn.Text()));
      }
    }
    // Sometimes several at one version, where the name decides.
    std::string text;
    const int together = 1 + Pick(2);
    for (int i = 0; i < together; ++i) {
      model_.push_back(SomeVintage(number * 2 + i));
      model_.back().created = catalog_->head().version + 1;
      text += model_.back().Text();
    }
    ASSERT_OK(Apply(text));
  }
  // An index that is built from the store alone answers the same.
  ObservationIndex again;
  ASSERT_OK(Catalog::Open(
      {.store = &store_, .clock = &clock_, .rules = RulesOfContract(), .followers = {&again}}));
  for (uint64_t version = 2; version <= catalog_->head().version; ++version) {
    for (const int day : {1, 3, 5, 8}) {
      const Cells expected = Standing(model_, day, version);
      EXPECT_EQ(Listed(State(day, version), 1 + version % 7), expected)
          << "day " << day << " version " << version;
      const auto page = ListObservations(*catalog_, again, AllOfBoth(), State(day, version), false,
                                         std::nullopt, {});
      ASSERT_OK(page);
      EXPECT_EQ(page->observations.size(), expected.size());
    }
  }
}

TEST_F(ObservationModelTest, ComparisonsAreWhatTwoStatesOfAPlainModelDifferIn) {
  for (int number = 0; number < 12; ++number) {
    model_.push_back(SomeVintage(number));
    model_.back().created = catalog_->head().version + 1;
    ASSERT_OK(Apply(model_.back().Text()));
  }
  const uint64_t newest = catalog_->head().version;
  for (int before_day = 1; before_day <= 8; ++before_day) {
    for (const uint64_t version : {newest - 6, newest}) {
      const Cells before = Standing(model_, before_day, version);
      const Cells after = Standing(model_, 8, newest);
      DifferenceCounts expected;
      for (const auto& [key, value] : after) {
        const auto it = before.find(key);
        ++(it == before.end()    ? expected.added
           : it->second == value ? expected.unchanged
                                 : expected.revised);
      }
      for (const auto& [key, value] : before) expected.removed += after.contains(key) ? 0 : 1;
      const ComparedStates states = {.before = State(before_day, version),
                                     .after = State(8, newest)};
      std::optional<ObservationPosition> position;
      std::optional<DifferenceCounts> counts;
      size_t listed = 0;
      do {
        PageLimits limits;
        limits.page_size = 3;
        const auto page =
            CompareObservations(*catalog_, index_, AllOfBoth(), states, position, limits);
        ASSERT_OK(page);
        if (!counts) counts = page->counts;
        listed += page->differences.size();
        position = page->next;
      } while (position);
      EXPECT_EQ(counts->added, expected.added);
      EXPECT_EQ(counts->revised, expected.revised);
      EXPECT_EQ(counts->removed, expected.removed);
      EXPECT_EQ(counts->unchanged, expected.unchanged);
      EXPECT_EQ(counts->relabelled, 0u);
      EXPECT_EQ(listed, expected.added + expected.revised + expected.removed);
    }
  }
}

}  // namespace
}  // namespace tidemark::catalog::testing
