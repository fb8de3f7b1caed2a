#include "clients/cli/import/decimal.h"

#include <gtest/gtest.h>

#include <limits>

namespace tidemark::importer {
namespace {

std::string Read(std::string_view text, NumberFormat format = {}) {
  const std::optional<Decimal> number = ParseDecimal(text, format);
  return number.has_value() ? DecimalText(*number) : "none";
}

__int128 PowerOfTen(int exponent) {
  __int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

TEST(DecimalTest, ReadsWhatPeopleWrite) {
  EXPECT_EQ(Read("2.55"), "2.55");
  EXPECT_EQ(Read("-0.001"), "-0.001");
  EXPECT_EQ(Read("+3"), "3");
  EXPECT_EQ(Read(".5"), "0.5");
  EXPECT_EQ(Read("5."), "5");
  EXPECT_EQ(Read("007.10"), "7.1");
  EXPECT_EQ(Read("0.000"), "0");
  EXPECT_EQ(Read("-0"), "0");
  EXPECT_EQ(Read("£ 9.99"), "9.99");
  EXPECT_EQ(Read("9,99 €", {.decimal_point = ','}), "9.99");
  EXPECT_EQ(Read("￥12"), "12");
  EXPECT_EQ(Read("R$ 1.234,50", {.decimal_point = ',', .thousands = '.'}), "1234.5");
  EXPECT_EQ(Read("(12.5)"), "-12.5");
  EXPECT_EQ(Read("12.50-"), "-12.5");
  EXPECT_EQ(Read("\u22123"), "-3");
  EXPECT_EQ(Read("$-4"), "-4");
  EXPECT_EQ(Read("-$4"), "-4");
  EXPECT_EQ(Read("USD 7", {.strip = {"USD"}}), "7");
  EXPECT_EQ(Read("1e-05"), "0.00001");
  EXPECT_EQ(Read("1.5E3"), "1500");
  EXPECT_EQ(Read("9444444444444444444"), "9444444444444444444");
}

TEST(DecimalTest, ReadsThousandsOnlyBetweenDigitsAndWhenTold) {
  EXPECT_EQ(Read("1,234,567.5", {.thousands = ','}), "1234567.5");
  EXPECT_EQ(Read("12,34,567", {.thousands = ','}), "1234567");
  EXPECT_EQ(Read("1 234 567", {.thousands = ' '}), "1234567");
  EXPECT_EQ(Read("1\u202f234,5", {.decimal_point = ',', .thousands = ' '}), "1234.5");
  EXPECT_EQ(Read("1,234"), "none");
  EXPECT_EQ(Read("1,", {.thousands = ','}), "none");
  EXPECT_EQ(Read(",1", {.thousands = ','}), "none");
  EXPECT_EQ(Read("1,,2", {.thousands = ','}), "none");
  EXPECT_EQ(Read("1.2,3", {.thousands = ','}), "none");
  // Decimal commas of a file whose mapping says otherwise: a hundredfold amount if they were read.
  for (const char* text : {"12,34", "1,2,3", "1234,567", "1,2345", "1,234,56", "1,2,345"}) {
    EXPECT_EQ(Read(text, {.thousands = ','}), "none") << text;
  }
  EXPECT_EQ(Read("1234567", {.thousands = ','}), "1234567");
}

TEST(DecimalTest, RefusesWhatIsNoNumber) {
  for (const char* text :
       {"", " ", "-", ".", "abc", "1.2.3", "--1", "1-2", "NaN", "inf", "1e", "e5", "0x10", "12 34",
        "1e31", "1e-31", "9999999999999999999999999999999"}) {
    EXPECT_EQ(Read(text), "none") << text;
  }
  EXPECT_EQ(Read(std::string(1000, '9')), "none");
  EXPECT_EQ(Read("0." + std::string(1000, '0') + "1"), "none");
}

TEST(DecimalTest, ProductIsExact) {
  const auto product = Multiply(*ParseDecimal("80995", {}), *ParseDecimal("2.08", {}));
  EXPECT_EQ(DecimalText(*product), "168469.6");
  const auto large =
      Multiply(*ParseDecimal("999999999999999999", {}), *ParseDecimal("999999999999999999", {}));
  EXPECT_EQ(DecimalText(*large), "999999999999999998000000000000000001");
  EXPECT_FALSE(Multiply(*large, *large).has_value());
}

TEST(DecimalTest, AddsAndComparesAcrossScales) {
  EXPECT_EQ(DecimalText(*Add(*ParseDecimal("0.1", {}), *ParseDecimal("0.20", {}))), "0.3");
  EXPECT_EQ(Compare(*ParseDecimal("1.10", {}), *ParseDecimal("1.1", {})), 0);
  EXPECT_LT(Compare(*ParseDecimal("-2", {}), *ParseDecimal("-1.9", {})), 0);
  EXPECT_GT(Compare(*ParseDecimal("2", {}), *ParseDecimal("1.99999", {})), 0);
  // More places apart than one scale can hold.
  EXPECT_EQ(Compare(*ParseDecimal("0", {}), Decimal{.digits = 0, .scale = 60}), 0);
  const Decimal million{.digits = PowerOfTen(37), .scale = 31};
  EXPECT_LT(Compare(*ParseDecimal("1", {}), million), 0);
  EXPECT_GT(Compare(million, *ParseDecimal("-1", {})), 0);
  EXPECT_EQ(Compare(*ParseDecimal("1000000", {}), million), 0);
  EXPECT_LT(Compare(*ParseDecimal("0", {}), Decimal{.digits = 1, .scale = 90}), 0);
  EXPECT_GT(Compare(*ParseDecimal("0", {}), Decimal{.digits = -1, .scale = 90}), 0);
}

TEST(DecimalTest, ScalingRoundsOnlyWhenTold) {
  const auto scaled = [](const char* text, int scale, Rounding rounding) {
    return ToScale(*ParseDecimal(text, {}), scale, rounding);
  };
  EXPECT_EQ(scaled("15.3", 3, Rounding::kExact).value, 15300);
  EXPECT_EQ(scaled("15.300", 1, Rounding::kExact).value, 153);
  EXPECT_EQ(scaled("0.001", 2, Rounding::kExact).result, Scaled::Result::kNotExact);
  EXPECT_EQ(scaled("0.125", 2, Rounding::kHalfEven).value, 12);
  EXPECT_EQ(scaled("0.135", 2, Rounding::kHalfEven).value, 14);
  EXPECT_EQ(scaled("0.1250001", 2, Rounding::kHalfEven).value, 13);
  EXPECT_EQ(scaled("0.125", 2, Rounding::kHalfUp).value, 13);
  EXPECT_EQ(scaled("-0.125", 2, Rounding::kHalfUp).value, -13);
  EXPECT_EQ(scaled("-0.125", 2, Rounding::kHalfEven).value, -12);
  // More places than a power of ten that fits.
  const Decimal tiny = *Multiply(*ParseDecimal("123456789012345678e-30", {}),
                                 *ParseDecimal("123456789012345678e-30", {}));
  EXPECT_EQ(ToScale(tiny, 2, Rounding::kHalfUp).value, 0);
  EXPECT_EQ(ToScale(tiny, 2, Rounding::kExact).result, Scaled::Result::kNotExact);
  EXPECT_EQ(ToScale(Decimal{.digits = -9, .scale = 50}, 2, Rounding::kHalfEven).value, 0);
  EXPECT_EQ(
      ToScale(Decimal{.digits = static_cast<__int128>(1.6e38), .scale = 50}, 2, Rounding::kHalfUp)
          .value,
      0);
}

TEST(DecimalTest, ScalingKnowsTheBoundsOf64Bits) {
  const auto at = [](const char* text, int scale) {
    return ToScale(*ParseDecimal(text, {}), scale, Rounding::kExact);
  };
  EXPECT_EQ(at("9223372036854775.807", 3).value, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(at("9223372036854775.808", 3).result, Scaled::Result::kOverflow);
  EXPECT_EQ(at("-9223372036854775.808", 3).value, std::numeric_limits<int64_t>::min());
  EXPECT_EQ(at("999999999999999999999999999999", 4).result, Scaled::Result::kOverflow);
}

}  // namespace
}  // namespace tidemark::importer
