// Blocks that were cut, changed or forged.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "clients/cpp/ledger/block.h"
#include "clients/cpp/ledger/test_block.h"
#include "common/testing/status_matchers.h"

namespace tidemark::ledger {
namespace {

using ::tidemark::testing::StatusIs;

TEST(BlockHeaderTest, PeekNeedsNoBody) {
  const std::string bytes = RandomBlock(12, 5);
  ASSERT_OK_AND_ASSIGN(const BlockHeader header, VerifyBlock(bytes));
  EXPECT_EQ(header.block_bytes(), bytes.size());
  EXPECT_EQ(header.range().end(), 1005u);
  for (size_t size = 0; size < header.header_bytes(); ++size) {
    EXPECT_THAT(PeekHeader(bytes.substr(0, size)), StatusIs(absl::StatusCode::kOutOfRange)) << size;
  }
  ASSERT_OK(PeekHeader(std::string_view(bytes).substr(0, header.header_bytes())));
  EXPECT_THAT(PeekHeader(bytes.substr(1)), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(PeekHeader(std::string(100, '\0')), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(VerifyBlock(bytes + "x"), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(BlockHeaderTest, LaterFormatIsUnimplemented) {
  std::string bytes = RandomBlock(13, 1);
  bytes[8] = 2;
  EXPECT_THAT(BlockReader::Open(WithChecksums(bytes)), StatusIs(absl::StatusCode::kUnimplemented));
  bytes[8] = 1;
  bytes[10] = 1;
  EXPECT_THAT(BlockReader::Open(WithChecksums(bytes)), StatusIs(absl::StatusCode::kUnimplemented));
}

TEST(BlockHeaderTest, TheWriteIsStampedWithoutTouchingAnythingElse) {
  const std::string bytes = RandomBlock(18, 5);
  EXPECT_EQ(PeekHeader(bytes)->write_first_leaf, 1000u);
  const std::string header = HeaderInWrite(bytes, 400);
  const std::string stamped = header + bytes.substr(header.size());
  ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(stamped));
  EXPECT_EQ(reader.header().write_first_leaf, 400u);
  EXPECT_EQ(reader.header().first_leaf, 1000u);
  LeafBatch leaves(&SaltKey());
  EXPECT_OK(VerifyLeaves(reader, &leaves));
  EXPECT_EQ(HeaderInWrite(stamped, 1000) + bytes.substr(header.size()), bytes);
  EXPECT_THAT(PeekHeader(HeaderInWrite(bytes, 1001)), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(BlockHeaderTest, LeavesOfALaterVersionAreNotGuessed) {
  std::string bytes = RandomBlock(19, 2);
  bytes[72] = 2;
  bytes = WithChecksums(bytes);
  ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
  EXPECT_OK(reader.Record(1));
  LeafBatch leaves(&SaltKey());
  EXPECT_THAT(DeriveLeaves(reader, &leaves), StatusIs(absl::StatusCode::kUnimplemented));
  bytes[72] = 0;
  EXPECT_THAT(PeekHeader(WithChecksums(bytes)), StatusIs(absl::StatusCode::kDataLoss));
}

// A few bytes must not ask for gigabytes: one row of a long list, said to be that of many rows.
TEST(BlockDamageTest, RowsOfAConstantListShareIt) {
  constexpr uint32_t kRows = 1024;
  std::vector<uint64_t> resolved(kMaxResolves);
  std::iota(resolved.begin(), resolved.end(), uint64_t{0});
  const Attribute attribute{"k", "v"};
  EventRecord record;
  record.source = record.id = "s";
  record.kind = EventKind::kPurchase;
  record.resolves = resolved;
  record.attributes = {&attribute, 1};
  BlockBuilder builder;
  ASSERT_OK(builder.Add(record));
  const std::vector<Hash> nodes(1);
  std::string bytes;
  // [1024, 2048) has one node, as [1024, 1025) has.
  ASSERT_OK(builder.Finish({.first_leaf = kRows, .nodes = nodes}, &bytes));
  bytes[48] = 0;
  bytes[49] = kRows >> 8;
  bytes = WithChecksums(bytes);
  ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
  ASSERT_OK_AND_ASSIGN(const EventRecord first, reader.Record(0));
  ASSERT_OK_AND_ASSIGN(const EventRecord last, reader.Record(kRows - 1));
  EXPECT_EQ(last.resolves.size(), kMaxResolves);
  EXPECT_EQ(first.resolves.data(), last.resolves.data());
  EXPECT_EQ(first.attributes.data(), last.attributes.data());
}

TEST(BlockDamageTest, WhatARecordResolvesCameBeforeIt) {
  const std::vector<uint64_t> resolved = {511, 512};
  EventRecord record;
  record.source = record.id = "s";
  record.kind = EventKind::kPurchase;
  record.resolves = resolved;
  BlockBuilder builder;
  ASSERT_OK(builder.Add(record));
  const std::vector<Hash> nodes(1);
  std::string good;
  ASSERT_OK(builder.Finish({.first_leaf = 1024, .nodes = nodes}, &good));
  for (const uint8_t high : {1024 >> 8, 512 >> 8}) {
    std::string bytes = good;
    // The first leaf, and that of its write.
    bytes[17] = bytes[65] = static_cast<char>(high);
    bytes = WithChecksums(bytes);
    ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
    EXPECT_EQ(reader.Record(0).ok(), high == 1024 >> 8) << reader.Record(0).status();
  }
}

TEST(BlockDamageTest, EveryTruncationIsRefused) {
  const std::string bytes = RandomBlock(14, 12);
  for (size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_THAT(BlockReader::Open(std::string_view(bytes).substr(0, size)),
                StatusIs(absl::StatusCode::kOutOfRange));
  }
}

TEST(BlockDamageTest, EveryFlippedBitIsRefused) {
  std::string bytes = RandomBlock(15, 12);
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    const char before = bytes[bit / 8];
    bytes[bit / 8] = static_cast<char>(before ^ (1 << (bit % 8)));
    ASSERT_FALSE(BlockReader::Open(bytes).ok()) << bit;
    bytes[bit / 8] = before;
  }
}

// With right checksums anything may come; it must end in an error or in some whole records, never
// in undefined behaviour.
TEST(BlockDamageTest, ForgedBodiesAreReadSafely) {
  std::mt19937_64 random(16);
  size_t read = 0, verified = 0;
  for (const size_t rows : {1, 12, 200}) {
    const std::string good = RandomBlock(17 + rows, rows);
    ASSERT_OK_AND_ASSIGN(BlockReader good_reader, BlockReader::Open(good));
    LeafBatch want(&SaltKey());
    ASSERT_OK(DeriveLeaves(good_reader, &want));
    const auto header_bytes = LoadLittleEndian<uint32_t>(good, 12);
    for (int round = 0; round < 3000; ++round) {
      std::string bytes = good;
      // The directory is at the front: damage it more often.
      const size_t range = round % 2 == 0 ? std::min<size_t>(bytes.size() - header_bytes, 150)
                                          : bytes.size() - header_bytes;
      for (uint64_t changes = 1 + random() % 3; changes > 0; --changes) {
        bytes[header_bytes + random() % range] = static_cast<char>(random());
      }
      bytes = WithChecksums(bytes);
      absl::StatusOr<BlockReader> reader = BlockReader::Open(bytes);
      if (!reader.ok()) continue;
      for (size_t row = 0; row < reader->size(); ++row) {
        const absl::StatusOr<EventRecord> record = reader->Record(row);
        if (record.ok())
          read += record->id.size() + record->resolves.size() + record->attributes.size();
      }
      // Whatever verifies has the leaves of the good block.
      LeafBatch leaves(&SaltKey());
      if (!VerifyLeaves(*reader, &leaves).ok()) continue;
      ++verified;
      for (size_t row = 0; row < rows; ++row) ASSERT_EQ(leaves.leaf(row), want.leaf(row));
    }
  }
  EXPECT_GT(read, 0u);
  EXPECT_GT(verified, 0u);
}

TEST(BlockDamageTest, ForgedHeadersAreReadSafely) {
  std::mt19937_64 random(20);
  const std::string good = RandomBlock(21, 12);
  const auto header_bytes = LoadLittleEndian<uint32_t>(good, 12);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = good;
    bytes[16 + random() % (header_bytes - 20)] = static_cast<char>(random());
    bytes = WithChecksums(bytes);
    absl::StatusOr<BlockReader> reader = BlockReader::Open(bytes);
    if (reader.ok()) (void)reader->Record(0);
  }
}

}  // namespace
}  // namespace tidemark::ledger
