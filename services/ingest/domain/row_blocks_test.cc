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
  std::vector<ledger::EventRecord> rows;
  for (int i = 0; i < 3000; ++i) rows.push_back(factory.Random(kLinkedLeaf + i));
  ASSERT_OK_AND_ASSIGN(const auto blocks, EncodeRows(rows, kLinkedLeaf));
  ASSERT_OK_AND_ASSIGN(RowBlocks opened, RowBlocks::Open(Views(blocks), rows.size()));
  std::vector<ledger::EventRecord> back;
  ASSERT_OK(opened.AppendTo(&back));
  ASSERT_EQ(back.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    // One accepted time per block: those who need it carry it apart.
    back[i].accepted_time_us = rows[i].accepted_time_us;
    ASSERT_EQ(ledger::FirstFieldThatDiffers(back[i], rows[i]), "") << i;
  }
}

TEST(RowBlocksTest, RowsOfMoreThanOneBlockKeepTheirOrder) {
  std::mt19937_64 random(1);
  std::string value(1000, '\0');
  for (char& c : value) c = static_cast<char>('a' + random() % 26);
  const ledger::Attribute attribute{"k", value};
  std::vector<std::string> ids;
  std::vector<ledger::EventRecord> rows(80'000);
  for (size_t i = 0; i < rows.size(); ++i) ids.push_back(std::to_string(i));
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].source = "s";
    rows[i].id = ids[i];
    rows[i].kind = ledger::EventKind::kServiceUse;
    rows[i].attributes = {&attribute, 1};
  }
  ASSERT_OK_AND_ASSIGN(const auto blocks, EncodeRows(rows, kUnlinkedLeaf));
  EXPECT_GT(blocks.size(), 1u);
  ASSERT_OK_AND_ASSIGN(RowBlocks opened, RowBlocks::Open(Views(blocks), rows.size()));
  std::vector<ledger::EventRecord> back;
  ASSERT_OK(opened.AppendTo(&back));
  ASSERT_EQ(back.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) ASSERT_EQ(back[i].id, ids[i]);
  EXPECT_THAT(RowBlocks::Open(Views(blocks), rows.size() - 1), ReasonIs("BAD_ROWS"));
}

TEST(RowBlocksTest, DamageIsTheSendersFault) {
  ledger::RecordFactory factory(7);
  std::vector<ledger::EventRecord> rows{factory.Random(kLinkedLeaf)};
  ASSERT_OK_AND_ASSIGN(auto blocks, EncodeRows(rows, kLinkedLeaf));
  EXPECT_THAT(RowBlocks::Open({}, 10), ReasonIs("BAD_ROWS"));
  for (size_t at = 0; at < blocks[0].size(); ++at) {
    std::string damaged = blocks[0];
    damaged[at] ^= 1;
    EXPECT_THAT(RowBlocks::Open({damaged}, 10), ReasonIs("BAD_ROWS")) << at;
  }
}

}  // namespace
}  // namespace tidemark::ingest
