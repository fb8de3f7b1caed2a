#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/store/identity_run_check.h"
#include "services/ingest/store/identity_run_cursor.h"
#include "services/ingest/store/identity_run_folder.h"
#include "services/ingest/store/run_filter.h"

namespace tidemark::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using tidemark::testing::FaultFileSystem;
using tidemark::testing::StatusIs;

Fingerprint Random(std::mt19937_64& random) { return {random(), random()}; }

TEST(RunFilterTest, HasEveryEntryAndFewOthers) {
  std::mt19937_64 random(1);
  for (const size_t entries : {1, 40, 100'000}) {
    RunFilter filter(RunFilter::BlocksFor(entries));
    // At most 12 bits each, and one block.
    EXPECT_LE(filter.memory(), entries * 12 / 8 + RunFilter::kBlockBytes);
    std::vector<Fingerprint> keys;
    for (size_t i = 0; i < entries; ++i) keys.push_back(Random(random));
    for (const Fingerprint& key : keys) filter.Add(key);
    for (const Fingerprint& key : keys) ASSERT_TRUE(filter.MayContain(key));
    int passed = 0;
    for (int i = 0; i < 100'000; ++i) passed += filter.MayContain(Random(random));
    EXPECT_LT(passed, 800) << entries;
  }
  EXPECT_FALSE(RunFilter(0).MayContain({1, 2}));
}

TEST(RunFilterTest, BlocksAreFilledInOrder) {
  RunFilter filter(100);
  const auto block_of = [&filter](uint64_t low) {
    const std::string before(filter.bytes().begin(), filter.bytes().end());
    filter.Add({low, 0});
    for (size_t i = 0; i < before.size(); ++i) {
      if (before[i] != filter.bytes()[i]) return i / RunFilter::kBlockBytes;
    }
    return size_t{0};
  };
  size_t last = 0;
  for (uint64_t i = 1; i < 100; ++i) {
    const size_t block = block_of(i << 53 | i);
    EXPECT_GE(block, last);
    last = block;
  }
  EXPECT_GT(last, 70u);
}

class IdentityRunTest : public ::testing::Test {
 protected:
  IdentityRunTest() { EXPECT_OK(folder_.Make()); }

  // A table with `count` identities of leaves from `first` on; every third leaf has none.
  std::unique_ptr<IdentityTable> Table(uint64_t first, uint64_t count, uint64_t mask = UINT64_MAX) {
    auto table = std::make_unique<IdentityTable>(SIZE_MAX);
    for (uint64_t leaf = first; leaf < first + count; ++leaf) {
      if (leaf % 3 == 2) continue;
      Fingerprint key = Random(random_);
      key.low &= mask;
      key.high &= mask;
      EXPECT_TRUE(table->InsertNew(key, leaf));
      EXPECT_TRUE(log_.InsertNew(key, leaf));
      keys_.emplace(leaf, key);
    }
    return table;
  }
  IdentityRunView Write(const IdentityTable& table, uint64_t begin, uint64_t end) {
    const std::atomic<bool> stop{false};
    const auto view = folder_.Write(table, {begin, end}, stop);
    EXPECT_OK(view);
    return *view;
  }
  void ExpectFound(const IdentityRunSet& runs) {
    for (const auto& [leaf, key] : keys_) {
      std::vector<OlderLeaves::Entry> found;
      std::shared_ptr<const IdentityRun> failed;
      ASSERT_OK(runs.LookUp({&key, 1}, 0, &found, &failed));
      EXPECT_EQ(std::count_if(found.begin(), found.end(),
                              [leaf = leaf](const auto& entry) { return entry.leaf == leaf; }),
                1);
    }
  }

  FaultFileSystem fs_;
  std::mt19937_64 random_{7};
  const IdentityRunOwner owner_{.log_id = {1, 2, 3}, .key_check = {4, 5}};
  IdentityRunFolder folder_{{.fs = &fs_, .dir = "ids", .owner = owner_}};
  IdentityTable log_{SIZE_MAX};
  std::map<uint64_t, Fingerprint> keys_;
};

TEST_F(IdentityRunTest, HoldsATable) {
  const IdentityRunView view = Write(*Table(0, 30'000), 0, 30'000);
  EXPECT_EQ(view.run->entries(), 20'000u);
  const IdentityRunSet runs({view});
  EXPECT_EQ(runs.end_leaf(), 30'000u);
  EXPECT_EQ(runs.entries(), 20'000u);
  // 12 bits of filter; fences; at most a block a part.
  EXPECT_LE(runs.memory(), 20'000 * 12.5 / 8 + 16 * 64);
  ExpectFound(runs);
  std::vector<OlderLeaves::Entry> found;
  std::shared_ptr<const IdentityRun> failed;
  std::vector<Fingerprint> others;
  for (int i = 0; i < 20'000; ++i) others.push_back(Random(random_));
  ASSERT_OK(runs.LookUp(others, 0, &found, &failed));
  EXPECT_THAT(found, IsEmpty());
  // Runs that were asked already are not asked again.
  ASSERT_OK(runs.LookUp({&keys_.begin()->second, 1}, 30'000, &found, &failed));
  EXPECT_THAT(found, IsEmpty());
  EXPECT_THAT(CheckIdentityRuns(folder_, 30'000, &log_).problems, IsEmpty());
}

TEST_F(IdentityRunTest, ManyEntriesMayShareAFingerprint) {
  const IdentityRunView view = Write(*Table(0, 3000, 3), 0, 3000);
  ExpectFound(IdentityRunSet({view}));
  EXPECT_THAT(CheckIdentityRuns(folder_, 3000, &log_).problems, IsEmpty());
}

TEST_F(IdentityRunTest, MergedRunsHoldWhatTheirPartsHeld) {
  std::vector<IdentityRunView> views;
  for (uint64_t at = 0; at < 9000; at += 3000) {
    views.push_back(Write(*Table(at, 3000), at, at + 3000));
  }
  const std::atomic<bool> stop{false};
  ASSERT_OK_AND_ASSIGN(const auto merged, folder_.Merge(views, stop));
  ASSERT_OK_AND_ASSIGN(const IdentityRunView view, IdentityRunView::Load(merged));
  EXPECT_EQ(merged->name().ToString(), "00000000000000000000-00000000000000009000.tmi");
  ExpectFound(IdentityRunSet({view}));
  // The wider one counts.
  ASSERT_OK_AND_ASSIGN(const auto contents, folder_.Read(9000));
  EXPECT_THAT(contents.views, SizeIs(1));
  EXPECT_THAT(contents.useless, SizeIs(3));
  EXPECT_THAT(CheckIdentityRuns(folder_, 9000, &log_).problems, IsEmpty());
}

TEST_F(IdentityRunTest, WritingEndsWhenAskedTo) {
  const std::vector<IdentityRunView> views = {Write(*Table(0, 300), 0, 300),
                                              Write(*Table(300, 300), 300, 600)};
  const std::atomic<bool> stop{true};
  EXPECT_THAT(folder_.Merge(views, stop), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(folder_.Write(*Table(600, 300), {600, 900}, stop),
              StatusIs(absl::StatusCode::kCancelled));
  ASSERT_OK_AND_ASSIGN(const auto files, fs_.List("ids"));
  EXPECT_THAT(files, SizeIs(2));
}

TEST_F(IdentityRunTest, AFolderSaysWhatIsMissing) {
  Write(*Table(0, 300), 0, 300);
  Write(*Table(600, 300), 600, 900);
  Write(*Table(900, 300), 900, 1200);
  ASSERT_OK(fs::WriteFileAtomically(fs_, "ids/x.tmi.tmp", "left by a crash"));
  // The log lost its last leaves: what stands there next may be something else.
  ASSERT_OK_AND_ASSIGN(const auto contents, folder_.Read(1100));
  EXPECT_THAT(contents.views, SizeIs(2));
  ASSERT_THAT(contents.gaps, SizeIs(1));
  EXPECT_EQ(contents.gaps[0].begin_leaf, 300u);
  EXPECT_EQ(contents.gaps[0].end_leaf, 600u);
  EXPECT_THAT(contents.useless,
              ElementsAre("00000000000000000900-00000000000000001200.tmi", "x.tmi.tmp"));
  EXPECT_THAT(CheckIdentityRuns(folder_, 1100, nullptr).problems,
              ElementsAre(HasSubstr("missing")));
}

TEST_F(IdentityRunTest, RunsOfAnotherLogOrKeyAreNotUsed) {
  Write(*Table(0, 300), 0, 300);
  IdentityRunOwner other = owner_;
  other.key_check.low ^= 1;
  const IdentityRunFolder folder({.fs = &fs_, .dir = "ids", .owner = other});
  ASSERT_OK_AND_ASSIGN(const auto contents, folder.Read(300));
  EXPECT_THAT(contents.views, IsEmpty());
  EXPECT_THAT(contents.problems, ElementsAre(HasSubstr("another log or key")));
}

TEST_F(IdentityRunTest, EveryDamagedByteIsFound) {
  Write(*Table(0, 600), 0, 600);
  const std::string path = "ids/00000000000000000000-00000000000000000600.tmi";
  ASSERT_OK_AND_ASSIGN(const std::string good, fs::ReadFile(fs_, path));
  // Everything behind the parts, and one byte of every 61 before.
  for (uint64_t at = 0; at < good.size(); at += at + 700 < good.size() ? 61 : 1) {
    const std::string bad(1, static_cast<char>(good[at] ^ 1 << at % 8));
    ASSERT_OK(fs_.Corrupt(path, at, bad));
    ASSERT_THAT(CheckIdentityRuns(folder_, 600, &log_).problems, SizeIs(1)) << at;
    ASSERT_OK(fs_.Corrupt(path, at, good.substr(at, 1)));
  }
  for (uint64_t size = 0; size < good.size(); size += 97) {
    ASSERT_OK(fs::WriteFileAtomically(fs_, path, good.substr(0, size)));
    ASSERT_THAT(CheckIdentityRuns(folder_, 600, &log_).problems, SizeIs(1)) << size;
  }
  ASSERT_OK(fs::WriteFileAtomically(fs_, path, good));
  EXPECT_THAT(CheckIdentityRuns(folder_, 600, &log_).problems, IsEmpty());
}

TEST_F(IdentityRunTest, ARunThatIsNotWhatTheLogSaysIsFound) {
  const auto table = Table(0, 600);
  Write(*table, 0, 600);
  IdentityTable other(SIZE_MAX);
  for (const auto& [leaf, key] : keys_) {
    ASSERT_TRUE(other.InsertNew(key, leaf == 300 ? 299 : leaf));
  }
  EXPECT_THAT(CheckIdentityRuns(folder_, 600, &other).problems, ElementsAre(HasSubstr("leaf 300")));
  // An event that the run does not have.
  ASSERT_TRUE(log_.InsertNew({1, 2}, 2));
  EXPECT_THAT(CheckIdentityRuns(folder_, 600, &log_).problems, ElementsAre(HasSubstr("has 401")));
}

TEST(IdentityRunNameTest, OnlyExactNamesAreNames) {
  const IdentityRunName name{5, 77};
  const std::string text = name.ToString();
  EXPECT_EQ(text, "00000000000000000005-00000000000000000077.tmi");
  const auto parsed = IdentityRunName::Parse(text);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->begin_leaf, 5u);
  EXPECT_EQ(parsed->end_leaf, 77u);
  for (const char* bad : {"", "00000000000000000005-00000000000000000077.tmi.tmp",
                          "00000000000000000077-00000000000000000005.tmi",
                          "00000000000000000005-00000000000000000005.tmi",
                          "+0000000000000000005-00000000000000000077.tmi", "5-77.tmi"}) {
    EXPECT_FALSE(IdentityRunName::Parse(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace tidemark::ingest
