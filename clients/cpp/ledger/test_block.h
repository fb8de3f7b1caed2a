// Private to the block tests: a block and the leaves it has to give back.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_TEST_BLOCK_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_TEST_BLOCK_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/ledger/block.h"
#include "clients/cpp/ledger/block_checksums.h"
#include "clients/cpp/ledger/random_records.h"
#include "common/testing/status_matchers.h"

namespace tidemark::ledger {

inline constexpr int64_t kAccepted = 1700000000000000;

inline const HmacKey& SaltKey() {
  static const HmacKey* key = new HmacKey("salt key");
  return *key;
}

// Builds a block of events and the leaves that it has to give back.
class TestBlock {
 public:
  explicit TestBlock(uint64_t first_leaf) : first_leaf_(first_leaf), leaves_(&SaltKey()) {}

  void Add(EventRecord record) {
    record.accepted_time_us = kAccepted;
    ASSERT_OK(leaves_.Add(record));
    ASSERT_OK(builder_.Add(record));
    records_.push_back(record);
  }
  void AddControl(const ControlRecord& record) {
    ASSERT_OK(leaves_.AddControl(record, kAccepted));
    ASSERT_OK(builder_.AddControl(record));
    records_.push_back({});
  }
  std::string Finish() {
    leaves_.Finish();
    std::vector<Hash> hashes;
    leaves_.HashLeaves(&hashes);
    CompactRange range(first_leaf_);
    range.Append(hashes);
    std::string block;
    EXPECT_OK(builder_.Finish({.first_leaf = first_leaf_,
                               .accepted_time_us = kAccepted,
                               .log_id = {7},
                               .nodes = range.nodes()},
                              &block));
    return block;
  }

  uint64_t next_leaf() const { return first_leaf_ + records_.size(); }
  const std::vector<EventRecord>& records() const { return records_; }
  const LeafBatch& leaves() const { return leaves_; }
  BlockBuilder& builder() { return builder_; }

 private:
  uint64_t first_leaf_;
  LeafBatch leaves_;
  BlockBuilder builder_;
  std::vector<EventRecord> records_;
};

inline void ExpectSameRecords(BlockReader& reader, const TestBlock& want) {
  ASSERT_EQ(reader.size(), want.records().size());
  LeafBatch leaves(&SaltKey());
  ASSERT_OK(VerifyLeaves(reader, &leaves));
  for (size_t row = 0; row < reader.size(); ++row) {
    ASSERT_EQ(leaves.leaf(row), want.leaves().leaf(row)) << row;
    if (want.records()[row].kind == EventKind::kUnspecified) continue;
    ASSERT_OK_AND_ASSIGN(const EventRecord record, reader.Record(row));
    ASSERT_EQ(FirstFieldThatDiffers(record, want.records()[row]), "") << row;
  }
}

inline std::string RandomBlock(uint64_t seed, size_t rows) {
  RecordFactory factory(seed);
  TestBlock block(1000);
  for (size_t i = 0; i < rows; ++i) block.Add(factory.Random(block.next_leaf()));
  return block.Finish();
}

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_TEST_BLOCK_H_
