#include "common/base/varint.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace tidemark::base {
namespace {

std::string Encoded(uint64_t value) {
  std::string bytes;
  AppendVarint(value, &bytes);
  return bytes;
}

bool Decodes(std::string bytes) {
  std::string_view view = bytes;
  uint64_t value = 77;
  const bool ok = ConsumeVarint(&view, &value);
  if (!ok) {
    EXPECT_EQ(value, 77u);
    EXPECT_EQ(view.size(), bytes.size());
  }
  return ok;
}

TEST(VarintTest, EncodesKnownValues) {
  EXPECT_EQ(Encoded(0), std::string(1, '\0'));
  EXPECT_EQ(Encoded(127), "\x7f");
  EXPECT_EQ(Encoded(128), "\x80\x01");
  EXPECT_EQ(Encoded(300), "\xac\x02");
  EXPECT_EQ(Encoded(std::numeric_limits<uint64_t>::max()),
            std::string(9, '\xff') + std::string(1, '\x01'));
}

TEST(VarintTest, RoundTripsAroundEveryPowerOfTwo) {
  for (int bit = 0; bit < 64; ++bit) {
    for (const int64_t delta : {-1, 0, 1}) {
      const uint64_t value = (uint64_t{1} << bit) + static_cast<uint64_t>(delta);
      const std::string bytes = Encoded(value) + "rest";
      std::string_view view = bytes;
      uint64_t decoded = 0;
      ASSERT_TRUE(ConsumeVarint(&view, &decoded));
      EXPECT_EQ(decoded, value);
      EXPECT_EQ(view, "rest");
      EXPECT_EQ(VarintBytes(value), bytes.size() - 4);
    }
  }
}

TEST(VarintTest, RejectsTruncatedOverlongAndTooLarge) {
  EXPECT_FALSE(Decodes(""));
  EXPECT_FALSE(Decodes("\x80"));
  EXPECT_FALSE(Decodes(std::string("\x80\x00", 2)));        // 0 in two bytes
  EXPECT_FALSE(Decodes(std::string("\xff\x00", 2)));        // 127 in two bytes
  EXPECT_FALSE(Decodes(std::string(9, '\xff') + '\x02'));   // 2^64
  EXPECT_FALSE(Decodes(std::string(10, '\x80') + '\x01'));  // eleven bytes
  EXPECT_FALSE(Decodes(std::string(9, '\x80') + std::string(1, '\0')));
}

TEST(VarintTest, ZigZagKeepsSmallMagnitudesSmall) {
  EXPECT_EQ(ZigZagEncode(0), 0u);
  EXPECT_EQ(ZigZagEncode(-1), 1u);
  EXPECT_EQ(ZigZagEncode(1), 2u);
  for (const int64_t value : {std::numeric_limits<int64_t>::min(), int64_t{-300}, int64_t{300},
                              std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(ZigZagDecode(ZigZagEncode(value)), value);
  }
}

}  // namespace
}  // namespace tidemark::base
