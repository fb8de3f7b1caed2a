#include "common/base/crc32c.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tidemark::base {
namespace {

std::string Sequence(int first, int step) {
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes.push_back(static_cast<char>(first + i * step));
  return bytes;
}

// RFC 3720, B.4.
TEST(Crc32cTest, MatchesPublishedVectors) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(Crc32c(Sequence(0, 1)), 0x46dd794eu);
  EXPECT_EQ(Crc32c(Sequence(31, -1)), 0x113fdb5cu);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32c(""), 0u);
}

// One bit at a time, straight from the definition.
uint32_t Bitwise(std::string_view data) {
  uint32_t crc = ~uint32_t{0};
  for (const char c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78u : 0);
  }
  return ~crc;
}

TEST(Crc32cTest, AgreesWithTheDefinitionAtEverySizeAndAlignment) {
  std::mt19937 random(7);
  std::string data(10000, '\0');
  for (char& c : data) c = static_cast<char>(random());
  for (const size_t size : {0, 1, 7, 8, 9, 63, 1023, 3071, 3072, 3073, 6144, 6150, 9990}) {
    for (size_t offset = 0; offset < 9; ++offset) {
      const std::string_view part = std::string_view(data).substr(offset, size);
      ASSERT_EQ(Crc32c(part), Bitwise(part)) << size << " at " << offset;
      ASSERT_EQ(internal::ExtendCrc32cPortable(0, part), Bitwise(part)) << size;
    }
  }
}

TEST(Crc32cTest, ExtendsAcrossAnySplit) {
  const std::string data(5000, 'x');
  for (const size_t split : {0, 1, 100, 3072, 4999, 5000}) {
    const std::string_view view = data;
    EXPECT_EQ(ExtendCrc32c(Crc32c(view.substr(0, split)), view.substr(split)), Crc32c(view));
  }
}

}  // namespace
}  // namespace tidemark::base
