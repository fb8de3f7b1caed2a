#include "clients/cpp/ledger/event_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/block_builder.h"
#include "clients/cpp/ledger/leaf.h"
#include "clients/cpp/ledger/merkle.h"
#include "clients/cpp/ledger/random_records.h"
#include "clients/cpp/ledger/row_leaves.h"
#include "common/testing/status_matchers.h"

namespace tidemark::ledger {
namespace {

constexpr uint64_t kFirstLeaf = 1'000'000;
constexpr int64_t kAcceptedUs = 1'700'000'000'123'456;
constexpr std::string_view kPrincipal = "tokens/importer";

// Records of one batch: one principal and one accepted time, links of some.
class EventRowsTest : public ::testing::Test {
 protected:
  void Make(size_t count) {
    std::mt19937_64 random(count);
    for (size_t i = 0; i < count; ++i) {
      EventRecord& record = records_.emplace_back(factory_.Random(kFirstLeaf));
      record.accepted_time_us = kAcceptedUs;
      record.principal = kPrincipal;
    }
    for (size_t i = 0; i < count;) {
      const size_t many = std::min<size_t>(count - i, 1 + random() % EventRows::kMostAtOnce);
      rows_.Append(std::span(records_).subspan(i, many));
      i += many;
    }
    for (uint32_t row = 0; row < count; ++row) {
      const EventRecord& record = records_[row];
      links_.push_back({.row = row, .links = LinksOf(record)});
      if (random() % 3 != 0) selected_.push_back(row);
    }
    // A row without links need not be told.
    std::erase_if(links_, [](const LinkedRow& linked) {
      return linked.links.original_leaf == kNoLeaf && linked.links.resolves.empty() &&
             linked.links.previous_leaf == kNoLeaf && linked.links.transaction_leaf == kNoLeaf;
    });
  }

  static std::string Finish(BlockBuilder& builder) {
    std::string block;
    const std::vector<Hash> nodes(
        CompactRangeNodes(kFirstLeaf, kFirstLeaf + builder.size()).size());
    EXPECT_OK(builder.Finish(
        {.first_leaf = kFirstLeaf, .accepted_time_us = kAcceptedUs, .nodes = nodes}, &block));
    return block;
  }

  RecordFactory factory_{3};
  std::vector<EventRecord> records_;
  EventRows rows_;
  std::vector<LinkedRow> links_;
  std::vector<uint32_t> selected_;
};

TEST_F(EventRowsTest, RecordsComeBackWithoutWhatTheLogKnows) {
  Make(2000);
  ASSERT_EQ(rows_.size(), records_.size());
  for (size_t row = 0; row < records_.size(); ++row) {
    EventRecord want = records_[row];
    want.accepted_time_us = 0;
    want.principal = {};
    want.original_leaf = want.previous_leaf = want.transaction_leaf = kNoLeaf;
    want.resolves = {};
    ASSERT_EQ(FirstFieldThatDiffers(rows_.Record(row), want), "") << row;
    EXPECT_EQ(rows_.source(row), want.source);
    EXPECT_EQ(rows_.id(row), want.id);
    EXPECT_EQ(rows_.revision(row), want.revision);
    EXPECT_EQ(rows_.event_time_us(row), want.event_time_us);
    EXPECT_EQ(rows_.original_id(row), want.original_id);
    EXPECT_EQ(rows_.original_source(row), want.original_source);
    EXPECT_EQ(rows_.transaction_id(row), want.transaction_id);
    EXPECT_EQ(rows_.transaction_scheme(row), want.transaction_scheme);
  }
}

TEST_F(EventRowsTest, NothingIsLeftOfTheBatchBefore) {
  Make(500);
  rows_.Clear();
  EXPECT_TRUE(rows_.empty());
  EventRecord plain;
  plain.source = "s";
  plain.id = "1";
  plain.kind = EventKind::kServiceUse;
  rows_.Append(plain);
  EXPECT_EQ(FirstFieldThatDiffers(rows_.Record(0), plain), "");
}

TEST_F(EventRowsTest, SomeRowsMakeTheBlockThatTheirRecordsMake) {
  Make(3000);
  ASSERT_FALSE(links_.empty());
  BlockBuilder by_rows, by_records;
  // In two parts, so that the second meets a builder with rows.
  const size_t half = selected_.size() / 2;
  for (const auto part : {std::span(selected_).first(half), std::span(selected_).subspan(half)}) {
    ASSERT_OK(by_rows.AddRows(rows_, part, links_, kPrincipal));
  }
  for (const uint32_t row : selected_) ASSERT_OK(by_records.Add(records_[row]));
  EXPECT_EQ(by_rows.size(), selected_.size());
  EXPECT_EQ(Finish(by_rows), Finish(by_records));
}

TEST_F(EventRowsTest, ARowThatIsTooMuchForTheBlockAddsNothing) {
  Make(100);
  BlockBuilder builder;
  std::vector<uint32_t> all(100);
  for (uint32_t row = 0; row < 100; ++row) all[row] = row;
  size_t added = 0;
  absl::Status status;
  while ((status = builder.AddRows(rows_, all, links_, kPrincipal)).ok()) added += all.size();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(builder.size(), added);
}

TEST_F(EventRowsTest, LeafHashesAreThoseOfTheRecords) {
  Make(1000);
  const HmacKey salt_key("salt key");
  std::vector<Hash> commitments;
  CommitRows(rows_, salt_key, &commitments);
  RowLeaves leaves;
  std::vector<Hash> hashes = {Hash{}};
  for (int i = 0; i < 2; ++i) {
    leaves.Hash(rows_, selected_,
                {.commitments = commitments,
                 .links = links_,
                 .principal = kPrincipal,
                 .accepted_time_us = kAcceptedUs},
                &hashes);
  }
  ASSERT_EQ(hashes.size(), 1 + 2 * selected_.size());
  for (size_t i = 0; i < selected_.size(); ++i) {
    std::string leaf;
    ASSERT_OK(EncodeLeaf(records_[selected_[i]], salt_key, &leaf));
    ASSERT_EQ(hashes[1 + i], LeafHash(leaf)) << i;
    ASSERT_EQ(hashes[1 + selected_.size() + i], LeafHash(leaf)) << i;
  }
}

// A batch by columns brings the texts of events that were refused, too, of whatever size.
TEST(RowLeavesTest, ATextThatNoRowHasTakesNoRoom) {
  EventRecord record;
  record.source = "shop";
  record.id = "a";
  record.kind = EventKind::kServiceUse;
  record.category = "books";
  EventRows rows;
  rows.Append(record);
  rows.Append(record);
  rows.codes(CodePlace(Column::kCategory)).AddEntry({"x", size_t{1} << 31}, /*hash=*/0);
  RowLeaves leaves;
  std::vector<Hash> commitments, hashes;
  CommitRows(rows, HmacKey("salt key"), &commitments);
  const uint32_t selected[] = {0, 1};
  leaves.Hash(rows, selected, {.commitments = commitments}, &hashes);
  std::string leaf;
  ASSERT_OK(EncodeLeaf(record, HmacKey("salt key"), &leaf));
  EXPECT_THAT(hashes, ::testing::ElementsAre(LeafHash(leaf), LeafHash(leaf)));
}

TEST(DictionaryColumnTest, AColumnTakenOverIsAsIfItsTextsHadBeenAdded) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 200; ++round) {
    // Some values are the same, some are used by no row, and some rows have none.
    std::vector<std::string> texts;
    const size_t different = 1 + random() % 300;
    for (size_t i = 0; i < different; ++i) texts.push_back(absl::StrCat("code", random() % 200));
    if (round % 3 == 0) texts.emplace_back("");
    const std::vector<std::string_view> values(texts.begin(), texts.end());
    std::vector<uint32_t> numbers(1 + random() % 500), rows, some;
    for (uint32_t& number : numbers) number = static_cast<uint32_t>(random() % (values.size() + 1));
    for (uint32_t row = 0; row < numbers.size(); ++row) {
      if (random() % 4 != 0) rows.push_back(row);
    }
    DictionaryBuilder column, taken, added;
    column.SetColumn(values, numbers, rows);
    for (uint32_t row = 0; row < rows.size(); ++row) {
      if (random() % 2 != 0) some.push_back(row);
    }
    uint32_t at = 0;
    for (const std::string_view before : {"code7", "other", "code7"}) {
      taken.Add(at, before);
      added.Add(at++, before);
    }
    taken.AddColumn(at, column, some);
    taken.AddRepeated(at + static_cast<uint32_t>(some.size()), 5, "code9");
    for (const uint32_t row : some) {
      const std::string_view text = column.text(row);
      if (!Absent(text)) added.Add(at, text);
      ++at;
    }
    for (int i = 0; i < 5; ++i) added.Add(at++, "code9");
    ASSERT_EQ(taken.entry_count(), added.entry_count());
    for (size_t i = 0; i < added.entry_count(); ++i) ASSERT_EQ(taken.entry(i), added.entry(i));
    EXPECT_EQ(taken.text_bytes(), added.text_bytes());
    EXPECT_EQ(taken.entry_bytes(), added.entry_bytes());
    ASSERT_THAT(taken.Index(at), ::testing::ElementsAreArray(added.Index(at)));
  }
}

TEST(PresenceBuilderTest, ARangeSetsWhatItsRowsSet) {
  for (uint32_t begin = 0; begin < 20; ++begin) {
    for (uint32_t end = begin; end < 40; ++end) {
      PresenceBuilder range, rows;
      range.Set(0);
      rows.Set(0);
      range.SetRange(begin + 1, end + 1);
      for (uint32_t row = begin + 1; row < end + 1; ++row) rows.Set(row);
      EXPECT_EQ(range.count(), rows.count());
      EXPECT_EQ(range.Bits(64), rows.Bits(64)) << begin << " " << end;
    }
  }
}

}  // namespace
}  // namespace tidemark::ledger
