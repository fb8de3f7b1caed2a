#include "clients/cli/chart/axis.h"

#include <gtest/gtest.h>

#include <limits>

namespace tidemark::cli {
namespace {

using Labels = std::vector<std::string>;

TEST(AxisTest, TicksAreMultiplesOfOneTwoAndFive) {
  EXPECT_EQ(NiceAxis(0, 9, 6).labels, (Labels{"0", "2", "4", "6", "8", "10"}));
  EXPECT_EQ(NiceAxis(0, 1, 5).labels, (Labels{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"}));
  EXPECT_EQ(NiceAxis(0, 1234567, 3).labels, (Labels{"0", "500,000", "1,000,000", "1,500,000"}));
  EXPECT_EQ(NiceAxis(-3, 7, 5).labels, (Labels{"-5", "0", "5", "10"}));
  EXPECT_EQ(NiceAxis(0.0003, 0.0011, 4).step, 0.0005);
}

TEST(AxisTest, CoversBothEndsInNoMoreStepsThanAsked) {
  for (const double low : {-1e15, -7.3, -1e-6, 0.0, 2.5, 1e12}) {
    for (const double size : {1e-3, 1.0, 17.0, 1e6, 3e14}) {
      const Axis axis = NiceAxis(low, low + size, 5);
      EXPECT_LE(axis.low, low);
      EXPECT_GE(axis.high, low + size);
      EXPECT_LE(axis.ticks.size(), 6U) << low << " " << size;
      EXPECT_EQ(axis.ticks.size(), axis.labels.size());
    }
  }
}

TEST(AxisTest, EqualEndsAndNoNumbersHaveAnAxisToo) {
  EXPECT_EQ(NiceAxis(0, 0, 5).high, 1);
  EXPECT_EQ(NiceAxis(7, 7, 5).low, 0);
  EXPECT_EQ(NiceAxis(-7, -7, 5).high, 0);
  EXPECT_EQ(NiceAxis(std::numeric_limits<double>::quiet_NaN(), 1, 5).high, 1);
  EXPECT_EQ(NiceAxis(0, std::numeric_limits<double>::infinity(), 5).high, 1);
  // Doubles that are next to each other.
  EXPECT_LE(NiceAxis(1e17, 1e17 + 16, 5).ticks.size(), 6U);
}

}  // namespace
}  // namespace tidemark::cli
