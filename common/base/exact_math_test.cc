#include "common/base/exact_math.h"

#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace tidemark::base {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLeast = std::numeric_limits<double>::denorm_min();

TEST(ExactMathTest, ExactResultsAreExact) {
  EXPECT_EQ(ExactLog(1), 0);
  EXPECT_EQ(ExactExp(0), 1);
  EXPECT_EQ(ExactPow(2, 10), 1024);
  EXPECT_EQ(ExactPow(2, -1074), kLeast);
  EXPECT_EQ(ExactRoot(1024, 10), 2);
  EXPECT_EQ(ExactRoot(-27, 3), -3);
  EXPECT_EQ(ExactRoot(7.25, 1), 7.25);
}

// Digits of tables; the literals are rounded to nearest by the compiler.
TEST(ExactMathTest, OthersAreTheNearestDouble) {
  EXPECT_EQ(ExactLog(2), 0.693147180559945309417232121458);
  EXPECT_EQ(ExactLog(10), 2.302585092994045684017991454684);
  EXPECT_EQ(ExactExp(1), 2.718281828459045235360287471353);
  EXPECT_EQ(ExactExp(-1), 0.367879441171442321595523770161);
  EXPECT_EQ(ExactPow(2, 0.5), 1.414213562373095048801688724210);
  EXPECT_EQ(ExactRoot(2, 3), 1.259921049894873164767210607278);
  EXPECT_EQ(ExactRoot(10, 4), 1.778279410038922801225421195193);
}

TEST(ExactMathTest, SubnormalsAreRoundedOnce) {
  EXPECT_EQ(ExactPow(2, -1074.5), kLeast);  // 0.707 of the least: to it
  EXPECT_EQ(ExactPow(2, -1075), 0);         // half of it: to even
  EXPECT_EQ(ExactPow(2, -1075.5), 0);
  EXPECT_EQ(ExactPow(2, -1073.5), kLeast);  // 1.414 of the least
}

TEST(ExactMathTest, OutsideOfTheirDomainsTheyAreAsInCmath) {
  EXPECT_EQ(ExactLog(0), -kInfinity);
  EXPECT_TRUE(std::isnan(ExactLog(-1)));
  EXPECT_EQ(ExactExp(710), kInfinity);
  EXPECT_EQ(ExactExp(-746), 0);
  EXPECT_EQ(ExactPow(1e308, 2), kInfinity);
  EXPECT_TRUE(std::isnan(ExactPow(-1, 0.5)));
  EXPECT_TRUE(std::isnan(ExactRoot(-1, 2)));
  EXPECT_TRUE(std::isnan(ExactRoot(2, 0)));
}

TEST(ExactMathTest, ManyThreadsGetTheSame) {
  std::vector<double> sums(4);
  std::vector<std::thread> threads;
  for (double& sum : sums) {
    threads.emplace_back([&sum] {
      for (int i = 1; i < 2000; ++i) sum += ExactLog(i) + ExactRoot(i, 7) + ExactPow(i, 0.3);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const double sum : sums) EXPECT_EQ(sum, sums[0]);
}

}  // namespace
}  // namespace tidemark::base
