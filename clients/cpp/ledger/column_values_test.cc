// How values are made smaller before they are packed.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "clients/cpp/ledger/exact_divisor.h"
#include "clients/cpp/ledger/hex_digits.h"
#include "common/base/hex.h"

namespace tidemark::ledger {
namespace {

TEST(ExactDivisorTest, DividesMultiplesAndKnowsTheOthers) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 100'000; ++round) {
    const uint64_t divisor = (random() >> random() % 64) | (round % 2 == 0 ? 1 : 0);
    if (divisor == 0) continue;
    const ExactDivisor exact(divisor);
    const uint64_t value = random() >> random() % 64;
    EXPECT_EQ(exact.Divides(value), value % divisor == 0) << value << " / " << divisor;
    const uint64_t multiple = value / divisor * divisor;
    ASSERT_TRUE(exact.Divides(multiple)) << multiple << " / " << divisor;
    ASSERT_EQ(exact.Quotient(multiple), multiple / divisor);
  }
}

TEST(ExactDivisorTest, ValuesAreDividedByTheirGreatestCommonDivisor) {
  const auto divide = [](std::vector<uint64_t> values) {
    const uint64_t divisor = DivideByGreatest(values);
    return std::pair(divisor, values);
  };
  using Values = std::vector<uint64_t>;
  EXPECT_EQ(divide({}), std::pair(uint64_t{0}, Values{}));
  EXPECT_EQ(divide({0, 0}), std::pair(uint64_t{0}, Values{0, 0}));
  EXPECT_EQ(divide({0, 7}), std::pair(uint64_t{7}, Values{0, 1}));
  EXPECT_EQ(divide({36, 0, 24, 60}), std::pair(uint64_t{12}, Values{3, 0, 2, 5}));
  EXPECT_EQ(divide({36, 24, 7}), std::pair(uint64_t{1}, Values{36, 24, 7}));
  EXPECT_EQ(divide({uint64_t{1} << 63, UINT64_MAX - 1}),
            std::pair(uint64_t{2}, Values{uint64_t{1} << 62, UINT64_MAX / 2}));
}

TEST(HexDigitsTest, TextsOfEverySizeBecomeTheirBytes) {
  std::mt19937_64 random(4);
  for (size_t size = 0; size <= 40; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    std::string out(size + kHexSlackBytes, '\0');
    ASSERT_TRUE(PackHex(base::HexEncode(bytes), out.data()));
    EXPECT_EQ(out.substr(0, size), bytes);
  }
}

TEST(HexDigitsTest, AnotherCharacterIsRefusedWhereverItIs) {
  std::string out(16 + kHexSlackBytes, '\0');
  const std::string hex(32, 'a');
  const std::string uuid = "01234567-89ab-cdef-0123-456789abcdef";
  ASSERT_TRUE(PackUuid(uuid.data(), out.data()));
  EXPECT_EQ(base::HexEncode(out.substr(0, 16)), "0123456789abcdef0123456789abcdef");
  for (int c = 0; c < 256; ++c) {
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    for (size_t i = 0; i < hex.size(); ++i) {
      std::string text = hex;
      text[i] = static_cast<char>(c);
      EXPECT_EQ(PackHex(text, out.data()), digit) << c << " at " << i;
    }
    for (size_t i = 0; i < uuid.size(); ++i) {
      std::string text = uuid;
      text[i] = static_cast<char>(c);
      const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
      EXPECT_EQ(PackUuid(text.data(), out.data()), dash ? c == '-' : digit) << c << " at " << i;
    }
  }
}

}  // namespace
}  // namespace tidemark::ledger
