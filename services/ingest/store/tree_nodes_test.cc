#include "services/ingest/store/tree_nodes.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/store/block_maker.h"
#include "services/ingest/store/file_window.h"

namespace tidemark::ingest {
namespace {

// A log of blocks of uneven sizes, as groups of batches are.
class TreeNodesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::mt19937_64 random(5);
    ASSERT_OK(fs_.MakeDirs("blocks"));
    ASSERT_OK_AND_ASSIGN(auto file, fs_.OpenAppend("blocks/" + BlockFileName(0)));
    const uint32_t number = files_.AddFile(BlockFileName(0));
    BlockMaker maker({});
    uint64_t offset = 0;
    for (int i = 0; i < 60; ++i) {
      maker.Start(tree_, 0);
      const uint64_t count = 1 + random() % 700;
      std::deque<std::string> ids;
      std::vector<uint32_t> selected;
      ledger::EventRows rows;
      for (uint32_t n = 0; n < count; ++n) {
        ledger::EventRecord record;
        record.source = "shop";
        record.id = ids.emplace_back(absl::StrCat("e", i, "-", n));
        record.kind = ledger::EventKind::kPurchase;
        rows.Append(record);
        selected.push_back(n);
      }
      ASSERT_OK(maker.Add(
          {.rows = rows, .selected = selected, .links = {}, .principal = {}, .commitments = {}}));
      std::vector<CommitGroup::Block> blocks;
      ASSERT_OK(maker.Finish(&blocks, &tree_));
      for (const CommitGroup::Block& block : blocks) {
        ASSERT_OK(file->Append(*block.bytes));
        files_.Publish({.first_leaf = block.first_leaf,
                        .offset = offset,
                        .record_count = block.record_count,
                        .bytes = static_cast<uint32_t>(block.bytes->size()),
                        .file = number});
        offset += block.bytes->size();
      }
    }
  }

  testing::FaultFileSystem fs_;
  BlockFiles files_{&fs_, "blocks"};
  const ledger::HmacKey salt_key_{"salt key"};
  ledger::CompactRange tree_;
};

TEST_F(TreeNodesTest, AProofAfterARestartDerivesOnlyTheBlockOfItsLeaf) {
  const uint64_t size = tree_.end();
  ASSERT_GT(size, 10000u);
  for (const uint64_t leaf : {uint64_t{0}, size / 3, size / 2, size - 1}) {
    // Nothing is kept yet, as after a restart.
    const TreeNodes nodes(&files_, &salt_key_);
    ledger::Hash hash;
    const ledger::NodeId id{.level = 0, .index = leaf};
    ASSERT_OK(nodes.Nodes({&id, 1}, {&hash, 1}));
    EXPECT_LE(nodes.blocks_derived(), 1u);
    ASSERT_OK_AND_ASSIGN(const auto proof, ledger::InclusionProof(leaf, size, nodes));
    EXPECT_OK(ledger::VerifyInclusion(leaf, size, hash, proof, tree_.Root()));
    EXPECT_LE(nodes.blocks_derived(), 2u);
  }
}

TEST_F(TreeNodesTest, AConsistencyProofDerivesNothingWhereBlocksEnd) {
  const uint64_t size = tree_.end();
  const BlockRef ref = *files_.At(41);
  const TreeNodes nodes(&files_, &salt_key_);
  ledger::CompactRange old;
  for (size_t i = 0; i <= 41; ++i) {
    std::string bytes(files_.At(i)->bytes, ' ');
    ASSERT_OK(files_.Read(*files_.At(i), bytes.data()));
    ASSERT_OK(old.Append(ledger::PeekHeader(bytes)->range()));
  }
  ASSERT_EQ(old.end(), ref.end_leaf());
  ASSERT_OK_AND_ASSIGN(const auto proof, ledger::ConsistencyProof(old.end(), size, nodes));
  EXPECT_OK(ledger::VerifyConsistency(old.end(), size, old.Root(), tree_.Root(), proof));
  EXPECT_EQ(nodes.blocks_derived(), 0u);
  // In the middle of a block: that one.
  EXPECT_OK(ledger::ConsistencyProof(ref.first_leaf + ref.record_count / 2, size, nodes));
  EXPECT_LE(nodes.blocks_derived(), 1u);
}

TEST(FileWindowTest, GivesWhatTheFileHasAtAnyOffset) {
  testing::FaultFileSystem fs;
  ASSERT_OK(fs.MakeDirs("d"));
  std::mt19937_64 random(3);
  std::string data(3 * FileWindow::kChunkBytes / 2, ' ');
  for (size_t i = 0; i < data.size(); i += 97) data[i] = static_cast<char>(random());
  ASSERT_OK(fs::WriteFileAtomically(fs, "d/f", data));
  ASSERT_OK_AND_ASSIGN(const auto file, fs.OpenRead("d/f"));
  FileWindow window(file.get(), data.size());
  for (int i = 0; i < 300; ++i) {
    // Mostly forwards; sometimes to a place before, sometimes behind the end.
    const uint64_t offset = random() % (data.size() + 10);
    const size_t want = i % 7 == 0 ? data.size() : random() % 1000;
    ASSERT_OK_AND_ASSIGN(const std::string_view got, window.At(offset, want));
    const std::string_view all =
        std::string_view(data).substr(std::min<size_t>(offset, data.size()));
    ASSERT_GE(got.size(), std::min(want, all.size()));
    ASSERT_EQ(got, all.substr(0, got.size()));
  }
}

}  // namespace
}  // namespace tidemark::ingest
