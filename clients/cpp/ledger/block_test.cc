#include "clients/cpp/ledger/block.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cpp/ledger/control.h"
#include "clients/cpp/ledger/little_endian.h"
#include "clients/cpp/ledger/random_records.h"
#include "clients/cpp/ledger/test_block.h"
#include "common/testing/status_matchers.h"

namespace tidemark::ledger {
namespace {

using ::testing::HasSubstr;
using ::tidemark::testing::StatusIs;

TEST(BlockTest, RandomRecordsComeBack) {
  RecordFactory factory(1);
  for (const size_t rows : {1, 2, 3, 7, 8, 9, 64, 300, 1000}) {
    for (int round = 0; round < 5; ++round) {
      TestBlock block(factory.random()() % 100000);
      for (size_t i = 0; i < rows; ++i) block.Add(factory.Random(block.next_leaf()));
      const std::string bytes = block.Finish();
      ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
      EXPECT_EQ(reader.header().accepted_time_us, kAccepted);
      EXPECT_EQ(reader.header().log_id, LogId{7});
      ExpectSameRecords(reader, block);
    }
  }
}

TEST(BlockTest, RealisticRecordsComeBackAndAreSmall) {
  RecordFactory factory(2);
  TestBlock block(1000000);
  for (size_t i = 0; i < 5000; ++i) block.Add(factory.Realistic(block.next_leaf()));
  const std::string bytes = block.Finish();
  EXPECT_LT(bytes.size(), 55 * 5000u);
  ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
  ExpectSameRecords(reader, block);
}

TEST(BlockTest, OneEventIsSmall) {
  RecordFactory factory(3);
  TestBlock block(123456789);
  block.Add(factory.Realistic(123456789));
  const std::string bytes = block.Finish();
  EXPECT_LT(bytes.size(), 400u);
  ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
  ExpectSameRecords(reader, block);
}

TEST(BlockTest, ControlRecordsBetweenEventsComeBack) {
  RecordFactory factory(4);
  TestBlock block(10);
  std::string mark, day;
  ASSERT_OK(EncodeBody(CatalogMark{.version = 3}, &mark));
  ASSERT_OK(EncodeBody(SourceDay{.source = "s", .day = 19000, .events = 2}, &day));
  block.AddControl({2, mark});
  for (int i = 0; i < 20; ++i) block.Add(factory.Random(block.next_leaf()));
  block.AddControl({3, day});
  block.AddControl({77, std::string_view("")});
  block.Add(factory.Random(block.next_leaf()));
  const std::string bytes = block.Finish();
  ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
  ExpectSameRecords(reader, block);
  EXPECT_THAT(reader.Kind(0), ::tidemark::testing::IsOkAndHolds(2));
  EXPECT_THAT(reader.Kind(1), ::tidemark::testing::IsOkAndHolds(1));
  ASSERT_OK_AND_ASSIGN(const ControlRecord first, reader.Control(0));
  EXPECT_EQ(DecodeCatalogMark(first.body)->version, 3u);
  ASSERT_OK_AND_ASSIGN(const ControlRecord unknown, reader.Control(22));
  EXPECT_EQ(unknown.kind, 77);
  EXPECT_THAT(reader.Record(0), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(reader.Control(1), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(reader.Record(24), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(BlockTest, AllControlKindsCanBeAdded) {
  BlockBuilder builder;
  ASSERT_OK(builder.AddCatalogMark({.version = 1}));
  ASSERT_OK(builder.AddSourceDay({.source = "s"}));
  const std::vector<LeafRange> ranges = {{1, 2}};
  ASSERT_OK(builder.AddErasure({.leaves = ranges}));
  const std::vector<Hash> nodes(2);
  std::string bytes;
  ASSERT_OK(builder.Finish({.nodes = nodes}, &bytes));
  ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
  for (uint8_t row = 0; row < 3; ++row) EXPECT_EQ(reader.Control(row)->kind, row + 2);
}

// Each column alone gives what the rows give.
TEST(BlockTest, ColumnsEqualRows) {
  RecordFactory factory(5);
  TestBlock block(500);
  for (int i = 0; i < 400; ++i) block.Add(factory.Random(block.next_leaf()));
  const std::string bytes = block.Finish();
  ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
  ASSERT_OK_AND_ASSIGN(const TextColumn category, reader.Text(Column::kCategory));
  ASSERT_OK_AND_ASSIGN(const IntegerColumn amount, reader.Integers(Column::kAmount));
  ASSERT_OK_AND_ASSIGN(const LinkColumn original, reader.Links(Column::kOriginalLeaf));
  ASSERT_OK_AND_ASSIGN(const SmallColumn segment, reader.Small(Column::kSegment));
  ASSERT_OK_AND_ASSIGN(const Fixed16Column pseudonym, reader.Fixed16(Column::kPseudonym));
  for (size_t row = 0; row < reader.size(); ++row) {
    const EventRecord& want = block.records()[row];
    EXPECT_EQ(category[row], want.category);
    EXPECT_EQ(Absent(category[row]), Absent(want.category));
    EXPECT_EQ(category.index[row] == 0, Absent(want.category));
    EXPECT_EQ(amount.presence[row], want.amount.has_value());
    EXPECT_EQ(amount.values[row], want.amount.value_or(0));
    EXPECT_EQ(original.leaves[row], want.original_leaf);
    EXPECT_EQ(segment.values[row], static_cast<uint8_t>(want.segment));
    EXPECT_EQ(pseudonym.data(row) == nullptr, Absent(want.pseudonym));
    if (!Absent(want.pseudonym)) {
      EXPECT_EQ(std::string_view(pseudonym.data(row), 16), want.pseudonym);
    }
  }
}

TEST(BlockTest, ColumnsThatNobodyFilledAreAbsentAndCostNothing) {
  TestBlock block(0);
  EventRecord record;
  record.source = "s";
  record.id = "i";
  record.kind = EventKind::kPurchase;
  for (int i = 0; i < 100; ++i) block.Add(record);
  const std::string bytes = block.Finish();
  EXPECT_LT(bytes.size(), 250u);
  ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
  EXPECT_FALSE(reader.Has(Column::kProduct));
  ASSERT_OK_AND_ASSIGN(const TextColumn product, reader.Text(Column::kProduct));
  EXPECT_TRUE(product.constant);
  EXPECT_TRUE(Absent(product[99]));
  ASSERT_OK_AND_ASSIGN(const TextColumn source, reader.Text(Column::kSource));
  EXPECT_TRUE(source.constant);
  EXPECT_EQ(source[99], "s");
  ASSERT_OK_AND_ASSIGN(const LinkColumn links, reader.Links(Column::kPreviousLeaf));
  EXPECT_TRUE(links.absent);
  EXPECT_EQ(links.leaves[99], kNoLeaf);
  ASSERT_OK_AND_ASSIGN(const IntegerColumn amount, reader.Integers(Column::kAmount));
  EXPECT_FALSE(amount.presence[99]);
  ASSERT_OK_AND_ASSIGN(const Fixed16Column pseudonym, reader.Fixed16(Column::kPseudonym));
  EXPECT_TRUE(pseudonym.absent);
  EXPECT_EQ(pseudonym.data(99), nullptr);
}

TEST(BlockTest, ColumnsReadAsAnotherTypeAreRefused) {
  const std::string bytes = RandomBlock(6, 3);
  ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
  EXPECT_THAT(reader.Text(Column::kAmount), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(reader.Integers(Column::kOriginalLeaf), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(reader.Small(static_cast<Column>(200)), StatusIs(absl::StatusCode::kInvalidArgument));
}

// Texts of every shape that has an encoding of its own, and their near misses.
TEST(BlockTest, IdsOfAllShapesComeBack) {
  RecordFactory factory(7);
  const auto uuid = [&](int) { return std::string(factory.Realistic(0).id); };
  const auto number = [](int i) { return absl::StrCat(i); };
  const auto hex = [&](int) { return absl::StrFormat("%016x", factory.random()()); };
  const auto upper = [&](int) { return absl::StrFormat("%016X", factory.random()()); };
  const auto odd = [&](int) { return absl::StrFormat("%015x", factory.random()() >> 4); };
  const auto chinese = [](int i) { return absl::StrCat("订单", 100 + i); };
  const auto one_bad = [&](int i) { return i == 40 ? std::string(36, '-') : uuid(i); };
  const auto dash_moved = [&](int i) {
    std::string text = uuid(i);
    if (i == 20) std::swap(text[8], text[9]);
    return text;
  };
  const auto same = [](int) { return std::string("same"); };
  const std::function<std::string(int)> shapes[] = {uuid,    number,  hex,        upper, odd,
                                                    chinese, one_bad, dash_moved, same};
  for (const auto& shape : shapes) {
    TestBlock block(0);
    for (int i = 0; i < 50; ++i) {
      EventRecord record;
      record.source = "s";
      record.id = factory.Keep(shape(i));
      record.kind = EventKind::kPurchase;
      if (i % 3 == 0)
        record.transaction_scheme = "t", record.transaction_id = factory.Keep(shape(i));
      block.Add(record);
    }
    const std::string bytes = block.Finish();
    ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
    ExpectSameRecords(reader, block);
  }
}

TEST(BlockTest, ManyDistinctTextsAndConsumers) {
  RecordFactory factory(8);
  TestBlock block(0);
  for (int i = 0; i < 70000; ++i) {
    EventRecord record;
    record.source = "s";
    record.id = factory.Keep(absl::StrCat(i));
    record.kind = EventKind::kPurchase;
    record.product = factory.Keep(absl::StrCat("a longer name of product ", i % 66000));
    record.pseudonym = factory.Keep(std::string(12, 'x') + absl::StrFormat("%04x", i % 300));
    record.event_time_us = i * int64_t{3600000000};
    block.Add(record);
  }
  const std::string bytes = block.Finish();
  ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
  ASSERT_OK_AND_ASSIGN(const Fixed16Column pseudonym, reader.Fixed16(Column::kPseudonym));
  EXPECT_EQ(pseudonym.values.size(), 300u * 16);
  ExpectSameRecords(reader, block);
}

TEST(BlockTest, BuilderAndReaderAreReusable) {
  RecordFactory factory(9);
  BlockBuilder builder;
  BlockReader reader;
  for (const size_t rows : {500, 1, 30, 1}) {
    LeafBatch leaves(&SaltKey());
    std::vector<EventRecord> records;
    for (size_t i = 0; i < rows; ++i) {
      records.push_back(factory.Random(i));
      records.back().accepted_time_us = 5;
      ASSERT_OK(builder.Add(records.back()));
      ASSERT_OK(leaves.Add(records.back()));
    }
    leaves.Finish();
    std::vector<Hash> hashes;
    leaves.HashLeaves(&hashes);
    CompactRange range;
    range.Append(hashes);
    std::string bytes;
    ASSERT_OK(builder.Finish({.accepted_time_us = 5, .nodes = range.nodes()}, &bytes));
    EXPECT_EQ(builder.size(), 0u);
    ASSERT_OK(reader.Reset(bytes));
    LeafBatch again(&SaltKey());
    ASSERT_OK(VerifyLeaves(reader, &again));
  }
  EXPECT_THAT(reader.Reset("no block"), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(reader.size(), 0u);
}

TEST(BlockTest, FinishRefusesWhatDoesNotFit) {
  RecordFactory factory(10);
  BlockBuilder builder;
  std::string bytes;
  EXPECT_THAT(builder.Finish({}, &bytes),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no records")));
  EventRecord record = factory.Realistic(0);
  record.previous_leaf = 10;
  ASSERT_OK(builder.Add(record));
  const std::vector<Hash> one(1), two(2);
  EXPECT_THAT(builder.Finish({.first_leaf = 20, .nodes = two}, &bytes),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("nodes")));
  EXPECT_THAT(builder.Finish({.first_leaf = 10, .nodes = one}, &bytes),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("previous_leaf")));
  EXPECT_OK(builder.Finish({.first_leaf = 11, .nodes = one}, &bytes));
  record.id = "";
  EXPECT_THAT(builder.Add(record), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("id")));
}

TEST(BlockTest, FullBlockRefusesMore) {
  BlockBuilder builder;
  const std::string body(kMaxControlBytes, 'x');
  absl::Status status;
  while (status.ok()) status = builder.AddControl({99, body});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_LE(builder.raw_bytes(), kMaxBlockRawBytes);
  EXPECT_GT(builder.size(), 4000u);
}

TEST(BlockTest, ErasedRowsKeepTheirLeaves) {
  RecordFactory factory(11);
  TestBlock block(0);
  for (int i = 0; i < 50; ++i) {
    EventRecord record = factory.Random(block.next_leaf());
    record.commitment = {};
    block.Add(record);
  }
  const std::string bytes = block.Finish();
  ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
  const std::vector<Hash> nodes = reader.header().nodes;
  BlockBuilder builder;
  const std::string group(16, 'g');
  for (size_t row = 0; row < reader.size(); ++row) {
    ASSERT_OK_AND_ASSIGN(EventRecord record, reader.Record(row));
    ASSERT_OK_AND_ASSIGN(const DecodedLeaf leaf, DecodeLeaf(block.leaves().leaf(row)));
    if (!Absent(leaf.event.commitment)) {
      record.commitment = leaf.event.commitment;
      record.pseudonym = group;
      record.pseudonym_epoch = 0;
      record.attributes = {};
    }
    ASSERT_OK(builder.Add(record));
  }
  std::string erased;
  ASSERT_OK(builder.Finish({.accepted_time_us = kAccepted, .nodes = nodes}, &erased));
  ASSERT_OK_AND_ASSIGN(BlockReader after, BlockReader::Open(erased));
  LeafBatch leaves(&SaltKey());
  EXPECT_OK(VerifyLeaves(after, &leaves));
}

// Appends a column that only a later program knows.
std::string WithLaterColumn(const std::string& block) {
  const auto header_bytes = LoadLittleEndian<uint32_t>(block, 12);
  std::string body = block.substr(header_bytes);
  // One column more at the end of the directory: found by growing the entry list of a block whose
  // columns are all constant.
  const std::string later =
      std::string("\x64\x2a\x01x\x00", 5);  // id 100, encoding 42, 1 byte of parameters, no streams
  body[0] = static_cast<char>(body[0] + 1);
  body += later;
  std::string out = block.substr(0, header_bytes) + body;
  std::string size;
  AppendLittleEndian(static_cast<uint32_t>(body.size()), &size);
  out.replace(52, 4, size);
  return WithChecksums(out);
}

TEST(BlockTest, LaterColumnsAreSkippedButLeavesAreNotGuessed) {
  TestBlock block(0);
  EventRecord record;
  record.source = "s";
  record.id = "i";
  record.kind = EventKind::kPurchase;
  block.Add(record);
  const std::string bytes = WithLaterColumn(block.Finish());
  ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
  EXPECT_TRUE(reader.HasUnknownColumns());
  EXPECT_EQ(reader.Record(0)->id, "i");
  LeafBatch leaves(&SaltKey());
  EXPECT_THAT(DeriveLeaves(reader, &leaves), StatusIs(absl::StatusCode::kUnimplemented));
}

}  // namespace
}  // namespace tidemark::ledger
