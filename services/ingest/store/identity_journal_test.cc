#include "services/ingest/store/identity_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"

namespace tidemark::ingest {
namespace {

Fingerprint Random(std::mt19937_64& random) { return {random(), random()}; }

TEST(IdentityJournalTest, UndoTakesBackExactlyWhatCameAfter) {
  tidemark::testing::FaultFileSystem fs;
  ASSERT_OK_AND_ASSIGN(const auto index,
                       IdentityIndex::Open({.frozen = {.folder = {.fs = &fs, .dir = "ids"}}}, 0));
  WaitingRefunds waiting;
  IdentityJournal journal;
  std::mt19937_64 random(5);
  const auto insert = [&](const Fingerprint& key, uint64_t leaf) {
    ASSERT_EQ(index->FindOrInsert(key, leaf), IdentityTable::kNotFound);
    journal.Inserted(key, leaf);
  };
  const auto wait = [&](const Fingerprint& original, uint64_t leaf) {
    waiting.Add(original, leaf);
    journal.Waits(original);
  };
  const Fingerprint early{1, 1};
  const Fingerprint late{2, 2};
  insert(Random(random), 0);
  wait(early, 0);
  wait(early, 1);
  const IdentityJournal::Position position = journal.position();
  wait(early, 2);
  wait(late, 3);
  const std::vector<uint64_t> resolved = waiting.Take(early);
  EXPECT_EQ(resolved, (std::vector<uint64_t>{0, 1, 2}));
  journal.Resolved(early, resolved);
  wait(early, 4);
  // Enough to grow segments in between.
  for (uint64_t leaf = 10; leaf < 20'000; ++leaf) insert(Random(random), leaf);
  journal.Undo(position, index.get(), &waiting);
  EXPECT_EQ(index->size(), 1u);
  EXPECT_EQ(waiting.size(), 2u);
  EXPECT_EQ(waiting.CountFor(late), 0u);
  EXPECT_EQ(waiting.Take(early), (std::vector<uint64_t>{0, 1}));
}

}  // namespace
}  // namespace tidemark::ingest
