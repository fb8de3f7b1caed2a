#include "services/analytics/statistics/divide/inequality.h"

#include <cmath>
#include <random>

#include "gtest/gtest.h"

namespace tidemark::analytics {
namespace {

TEST(InequalityTest, WhereAllHaveTheSameThereIsNone) {
  const Inequality none = MeasureInequality({{30, 3, 0}, {10, 1, 1}, {50, 5, 1}});
  EXPECT_EQ(none.gini, (Number{0}));
  EXPECT_EQ(none.theil, (Number{0}));
  EXPECT_EQ(none.between, (Number{0}));
  EXPECT_EQ(none.within, (Number{0}));
}

TEST(InequalityTest, TextbookValues) {
  // Five equal groups with 1, 2, 3, 4, 5: G = Σ(2i − n − 1)xᵢ ÷ (n Σx) = 20 ÷ 75.
  const Inequality five =
      MeasureInequality({{1, 1, 0}, {2, 1, 0}, {3, 1, 0}, {4, 1, 0}, {5, 1, 0}});
  EXPECT_EQ(five.gini, (Number{20.0 / 75}));
  // One of n has everything: G = 1 − 1/n, T = ln n.
  const Inequality one = MeasureInequality({{8, 1, 0}, {0, 1, 0}, {0, 1, 0}, {0, 1, 0}});
  EXPECT_EQ(one.gini, (Number{0.75}));
  EXPECT_EQ(one.theil, (Number{1.386294361119890618834464242916}));
  // A fifth of the people with four fifths of the income: G = 0.6, T = 0.6 ln 4.
  const Inequality pareto = MeasureInequality({{80, 20, 0}, {20, 80, 1}});
  EXPECT_EQ(pareto.gini, (Number{0.6}));
  EXPECT_DOUBLE_EQ(pareto.theil.value, 0.6 * std::log(4));
  EXPECT_EQ(pareto.between, pareto.theil);
  EXPECT_EQ(pareto.within, (Number{0}));
}

TEST(InequalityTest, SplittingAGroupOfEqualsChangesNothing) {
  const Inequality whole = MeasureInequality({{60, 6, 0}, {100, 4, 1}});
  const Inequality split = MeasureInequality({{20, 2, 0}, {40, 4, 0}, {25, 1, 1}, {75, 3, 1}});
  EXPECT_EQ(whole.gini, split.gini);
  EXPECT_EQ(whole.theil, split.theil);
}

TEST(InequalityTest, WithoutAnyValueThereIsNoIndex) {
  EXPECT_EQ(MeasureInequality({{0, 5, 0}}).gini.null, NullReason::kZeroDenominator);
  EXPECT_EQ(MeasureInequality({}).theil.null, NullReason::kZeroDenominator);
}

TEST(InequalityTest, DefinitionsHoldForAnyGroups) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<PopulationGroup> groups;
    const int n = 1 + static_cast<int>(random() % 12);
    for (int i = 0; i < n; ++i) {
      groups.push_back({static_cast<int64_t>(random() % 5 == 0 ? 0 : random()),
                        static_cast<int64_t>(1 + random() % 1000),
                        static_cast<uint32_t>(random() % 3)});
    }
    groups[0].value += 1;
    double population = 0, value = 0;
    for (const auto& g : groups) {
      population += static_cast<double>(g.population);
      value += static_cast<double>(g.value);
    }
    const double mean = value / population;
    const auto per_head = [](const PopulationGroup& g) {
      return static_cast<double>(g.value) / static_cast<double>(g.population);
    };
    double gini = 0, theil = 0;
    for (const auto& a : groups) {
      for (const auto& b : groups) {
        gini += static_cast<double>(a.population) * static_cast<double>(b.population) *
                std::abs(per_head(a) - per_head(b));
      }
      if (a.value > 0) {
        theil += static_cast<double>(a.value) / value * std::log(per_head(a) / mean);
      }
    }
    const Inequality measured = MeasureInequality(groups);
    EXPECT_NEAR(measured.gini.value, gini / population / population / mean / 2, 1e-12);
    EXPECT_NEAR(measured.theil.value, theil, 1e-12);
    EXPECT_NEAR(measured.between.value + measured.within.value, theil, 1e-12);
  }
}

TEST(InequalityTest, GapsAreInUnitsOfTheCurrency) {
  EXPECT_EQ(GapPerHead({1000, 2, 0}, {300, 3, 0}, 2), 4.0);
  EXPECT_EQ(GapPerHead({1, 3, 0}, {0, 1, 0}, 0), 1.0 / 3);
}

}  // namespace
}  // namespace tidemark::analytics
