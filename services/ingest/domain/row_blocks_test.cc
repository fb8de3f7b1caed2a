#include "services/ingest/domain/row_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "clients/cpp/ledger/random_records.h"
#include "common/testing/status_matchers.h"

namespace tidemark::ingest {
namespace {

using tidemark::testing::ReasonIs;

std::vector<std::string_view> Views(const std::vector<std::string>& blocks) {
  return {blocks.begin(), blocks.end()};
}

TEST(RowBlocksTest, EveryFieldComesBack) {
  ledger::RecordFactory factory(7);
  for (int i = 0; i < 1000; ++i) {
    const ledger::EventRecord record = factory.Random(kLinkedLeaf);
    ASSERT_OK_AND_ASSIGN(const std::string block, EncodeRecord(record));
    ASSERT_OK_AND_ASSIGN(RowBlocks opened, RowBlocks::Open({block}, 1));
    ASSERT_OK(opened.ForEach([&](ledger::EventRecord back) {
      // One accepted time per block: those who need it carry it apart.
      back.accepted_time_us = record.accepted_time_us;
      EXPECT_EQ(ledger::FirstFieldThatDiffers(back, record), "") << i;
    }));
  }
}

TEST(RowBlocksTest, RowsComeBackWithoutWhatTheLogKnowsOfThem) {
  ledger::RecordFactory factory(7);
  std::vector<ledger::EventRecord> records;
  ledger::EventRows rows;
  for (int i = 0; i < 3000; ++i) {
    ledger::EventRecord& record = records.emplace_back(factory.Random(kLinkedLeaf + i));
    record.accepted_time_us = 0;
    record.principal = {};
    record.original_leaf = record.previous_leaf = record.transaction_leaf = ledger::kNoLeaf;
    record.resolves = {};
    rows.Append(record);
  }
  ASSERT_OK_AND_ASSIGN(const auto blocks, EncodeRows(rows));
  ASSERT_OK_AND_ASSIGN(RowBlocks opened, RowBlocks::Open(Views(blocks), rows.size()));
  ledger::EventRows back;
  ASSERT_OK(opened.AppendTo(&back));
  ASSERT_EQ(back.size(), records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    ASSERT_EQ(ledger::FirstFieldThatDiffers(back.Record(i), records[i]), "") << i;
  }
}

TEST(RowBlocksTest, RowsOfMoreThanOneBlockKeepTheirOrder) {
  std::mt19937_64 random(1);
  std::string value(1000, '\0');
  for (char& c : value) c = static_cast<char>('a' + random() % 26);
  const ledger::Attribute attribute{"k", value};
  std::vector<std::string> ids;
  ledger::EventRows rows;
  for (size_t i = 0; i < 80'000; ++i) ids.push_back(std::to_string(i));
  for (const std::string& id : ids) {
    ledger::EventRecord record;
    record.source = "s";
    record.id = id;
    record.kind = ledger::EventKind::kServiceUse;
    record.attributes = {&attribute, 1};
    rows.Append(record);
  }
  ASSERT_OK_AND_ASSIGN(const auto blocks, EncodeRows(rows));
  EXPECT_GT(blocks.size(), 1u);
  ASSERT_OK_AND_ASSIGN(RowBlocks opened, RowBlocks::Open(Views(blocks), rows.size()));
  ledger::EventRows back;
  ASSERT_OK(opened.AppendTo(&back));
  ASSERT_EQ(back.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) ASSERT_EQ(back.id(i), ids[i]);
  EXPECT_THAT(RowBlocks::Open(Views(blocks), rows.size() - 1), ReasonIs("BAD_ROWS"));
}

TEST(RowBlocksTest, DamageIsTheSendersFault) {
  ledger::RecordFactory factory(7);
  ASSERT_OK_AND_ASSIGN(const std::string block, EncodeRecord(factory.Random(kLinkedLeaf)));
  EXPECT_THAT(RowBlocks::Open({}, 10), ReasonIs("BAD_ROWS"));
  for (size_t at = 0; at < block.size(); ++at) {
    std::string damaged = block;
    damaged[at] ^= 1;
    EXPECT_THAT(RowBlocks::Open({damaged}, 10), ReasonIs("BAD_ROWS")) << at;
  }
}

}  // namespace
}  // namespace tidemark::ingest
