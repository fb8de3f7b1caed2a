#include "clients/cli/table/decimal_text.h"

#include <gtest/gtest.h>

#include <limits>

#include "clients/cli/table/money_unit.h"

namespace tidemark::cli {
namespace {

TEST(DecimalTextTest, IsExactAtTheEnds) {
  EXPECT_EQ(DecimalText(std::numeric_limits<int64_t>::min(), 2), "-92233720368547758.08");
  EXPECT_EQ(DecimalText(0, 3), "0.000");
  EXPECT_EQ(DecimalText(-5, 1), "-0.5");
  EXPECT_EQ(DecimalText(7, 0), "7");
}

TEST(DecimalTextTest, RoundsOnceAndHalfAwayFromZero) {
  EXPECT_EQ(RoundedDecimal("655200000000.00", 8, 2), "6552.00");
  EXPECT_EQ(RoundedDecimal("1500000", 8, 2), "0.02");
  EXPECT_EQ(RoundedDecimal("1499999.99", 8, 2), "0.01");
  EXPECT_EQ(RoundedDecimal("500000", 8, 2), "0.01");
  EXPECT_EQ(RoundedDecimal("499999.999", 8, 2), "0.00");
  EXPECT_EQ(RoundedDecimal("-500000", 8, 2), "-0.01");
  EXPECT_EQ(RoundedDecimal("-499999", 8, 2), "0.00");
  EXPECT_EQ(RoundedDecimal("999.995", 0, 2), "1000.00");
  EXPECT_EQ(RoundedDecimal("0.5", 0, 0), "1");
  EXPECT_EQ(RoundedDecimal("0.05", 0, 0), "0");
  EXPECT_EQ(RoundedDecimal("9.5", 1, 0), "1");
  EXPECT_EQ(RoundedDecimal("7", 1, 0), "1");
  EXPECT_EQ(RoundedDecimal("7", 2, 0), "0");
  EXPECT_EQ(RoundedDecimal("12", 0, 3), "12.000");
  EXPECT_EQ(RoundedDecimal("0.00", 4, 1), "0.0");
}

TEST(DecimalTextTest, RatiosBecomePerCentWithoutAProduct) {
  EXPECT_EQ(RoundedDecimal(ExactDecimal(0.125), -2, 0), "13");
  // The double nearest to 0.285 is below it: 28.499999999999998 %.
  EXPECT_EQ(RoundedDecimal(ExactDecimal(0.285), -2, 0), "28");
  EXPECT_EQ(RoundedDecimal("1.5e-07", -2, 6), "0.000015");
}

TEST(DecimalTextTest, ShiftsWithoutLosingADigit) {
  EXPECT_EQ(ShiftedDecimal("-12345.678", 4), "-1.2345678");
  EXPECT_EQ(ShiftedDecimal("5", 8), "0.00000005");
  EXPECT_EQ(ShiftedDecimal("0.00", 8), "0.0000000000");
  EXPECT_EQ(ShiftedDecimal("1.25", -2), "125");
  EXPECT_EQ(ShiftedDecimal("1.5e+20", 6), "150000000000000");
  EXPECT_EQ(ShiftedDecimal("-2.5e-3", 3), "-0.0000025");
  EXPECT_EQ(ShiftedDecimal(DecimalText(std::numeric_limits<int64_t>::min(), 2), 8),
            "-922337203.6854775808");
}

TEST(DecimalTextTest, DoublesHaveAllTheirDigits) {
  EXPECT_EQ(ExactDecimal(0.1), "0.1000000000000000055511151231257827021181583404541015625");
  EXPECT_EQ(ExactDecimal(-3), "-3");
  EXPECT_EQ(ExactDecimal(0), "0");
  EXPECT_EQ(ExactDecimal(1e23), "99999999999999991611392");
}

TEST(MoneyUnitTest, WordsInBothLanguages) {
  EXPECT_EQ(ParseMoneyUnit("亿元")->power, 8);
  EXPECT_EQ(ParseMoneyUnit("yi")->power, 8);
  EXPECT_EQ(ParseMoneyUnit("万元")->power, 4);
  EXPECT_EQ(ParseMoneyUnit("元")->power, 0);
  EXPECT_EQ(ParseMoneyUnit("billion")->power, 9);
  EXPECT_EQ(ParseMoneyUnit("thousand")->power, 3);
  EXPECT_EQ(ParseMoneyUnit("亿").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(UnitText(*ParseMoneyUnit("yi"), "CNY", true), "亿元");
  EXPECT_EQ(UnitText(*ParseMoneyUnit("yi"), "CNY", false), "100 million CNY");
  EXPECT_EQ(UnitText(*ParseMoneyUnit("yi"), "GBP", true), "亿 GBP");
  EXPECT_EQ(UnitText(*ParseMoneyUnit("yuan"), "GBP", false), "GBP");
}

TEST(MoneyUnitTest, OnlyCurrenciesAndTheirMultiplesAreMoney) {
  ASSERT_TRUE(MoneyOf("CNY"));
  EXPECT_EQ(MoneyOf("CNY")->currency, "CNY");
  EXPECT_EQ(MoneyOf("CNY")->power, 0);
  ASSERT_TRUE(MoneyOf("10^8 GBP"));
  EXPECT_EQ(MoneyOf("10^8 GBP")->currency, "GBP");
  EXPECT_EQ(MoneyOf("10^8 GBP")->power, 8);
  for (const char* unit :
       {"", "count", "items", "ratio", "number", "orders", "CN", "CNYX", "10^4 person",
        "CNY per person", "10^8 CNY per person", "10^ CNY", "8 CNY", "10^x CNY", "10^8 ", " CNY"}) {
    EXPECT_FALSE(MoneyOf(unit)) << unit;
  }
}

}  // namespace
}  // namespace tidemark::cli
