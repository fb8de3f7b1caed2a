#include "common/base/hex.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace tidemark::base {
namespace {

TEST(HexTest, EncodesLowerCase) {
  EXPECT_EQ(HexEncode(std::string("\x00\xab\xff", 3)), "00abff");
  EXPECT_EQ(HexEncode(""), "");
}

TEST(HexTest, DecodesBothCases) {
  EXPECT_EQ(HexDecode("00aBFf"), std::string("\x00\xab\xff", 3));
  EXPECT_EQ(HexDecode(""), "");
}

TEST(HexTest, RefusesOddLengthAndOtherCharacters) {
  EXPECT_EQ(HexDecode("abc"), std::nullopt);
  EXPECT_EQ(HexDecode("0g"), std::nullopt);
  EXPECT_EQ(HexDecode("0x"), std::nullopt);
  EXPECT_EQ(HexDecode(" 0"), std::nullopt);
}

}  // namespace
}  // namespace tidemark::base
