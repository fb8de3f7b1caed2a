#include "clients/cpp/ledger/stream_packer.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace tidemark::ledger {
namespace {

using internal::Packing;
using internal::PackingFor;

// A few values, the first ones often.
std::string Skewed(size_t size) {
  std::mt19937_64 random(1);
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(std::min({random() % 6, random() % 6, random() % 6}));
  }
  return bytes;
}

std::string Random(size_t size) {
  std::mt19937_64 random(2);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string Repeated(const std::string& part, size_t times) {
  std::string bytes;
  for (size_t i = 0; i < times; ++i) bytes += part;
  return bytes;
}

std::string Names(size_t count) {
  std::string bytes;
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&bytes, "gbt2260-", 110100 + 100 * i);
  return bytes;
}

TEST(StreamPackerTest, WhatIsPackedUnpacks) {
  StreamPacker packer;
  for (const std::string& bytes :
       {Skewed(100), Skewed(10'000), Skewed(200'000), Names(10), Names(400), Names(10'000),
        std::string(1000, 'a'), Repeated(Random(1000), 10)}) {
    const std::string_view packed = packer.Pack(bytes);
    ASSERT_FALSE(packed.empty()) << bytes.size();
    EXPECT_LE(packed.size(), bytes.size() - bytes.size() / 32);
    std::string unpacked(bytes.size(), '\0');
    EXPECT_EQ(ZSTD_decompress(unpacked.data(), unpacked.size(), packed.data(), packed.size()),
              bytes.size());
    EXPECT_EQ(unpacked, bytes);
  }
}

TEST(StreamPackerTest, WhatHardlyGetsSmallerStays) {
  StreamPacker packer;
  EXPECT_TRUE(packer.Pack("").empty());
  EXPECT_TRUE(packer.Pack(std::string(63, 'a')).empty());
  EXPECT_TRUE(packer.Pack(Random(100)).empty());
  EXPECT_TRUE(packer.Pack(Random(100'000)).empty());
}

TEST(StreamPackerTest, SameBytesGiveTheSameFrameWhateverCameBefore) {
  StreamPacker first, second;
  second.Pack(Names(10'000));
  second.Pack(Skewed(10'000));
  second.Pack(Names(10));
  EXPECT_EQ(first.Pack(Skewed(5000)), second.Pack(Skewed(5000)));
  EXPECT_EQ(first.Pack(Names(500)), second.Pack(Names(500)));
}

TEST(StreamPackerTest, SkewedBytesTakeLittleMoreThanTheirEntropy) {
  StreamPacker packer;
  // Two bits each.
  EXPECT_LT(packer.Pack(Skewed(10'000)).size(), 2600u);
}

TEST(StreamPackerTest, RepetitionsPayWhereRowsFollowAPattern) {
  for (const size_t size : {64u, 500u, 1000u, 10'000u, 100'000u}) {
    EXPECT_EQ(PackingFor(Skewed(size)), Packing::kEntropy) << size;
    EXPECT_EQ(PackingFor(Random(size)), Packing::kNone) << size;
    EXPECT_EQ(PackingFor(std::string(size, 'a')), Packing::kRepetitions) << size;
    EXPECT_EQ(PackingFor(Names(size / 14)), Packing::kRepetitions) << size;
  }
  // Longer apart than a window is.
  EXPECT_EQ(PackingFor(Repeated(Random(1000), 10)), Packing::kRepetitions);
  EXPECT_EQ(PackingFor(Repeated(Skewed(4000), 10)), Packing::kRepetitions);
}

TEST(StreamPackerTest, AnySizeIsJudged) {
  for (size_t size = 64; size < 1600; ++size) {
    EXPECT_NE(PackingFor(Random(size)), Packing::kRepetitions) << size;
    EXPECT_EQ(PackingFor(Skewed(size)), Packing::kEntropy) << size;
    EXPECT_EQ(PackingFor(std::string(size, 'a')), Packing::kRepetitions) << size;
  }
  for (size_t size = 0; size < 64; ++size) {
    PackingFor(Random(size));
    PackingFor(std::string(size, 'a'));
  }
}

}  // namespace
}  // namespace tidemark::ledger
