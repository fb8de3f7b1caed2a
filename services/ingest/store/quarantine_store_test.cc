#include "services/ingest/store/quarantine_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/domain/quarantine_codec.h"

namespace tidemark::ingest {
namespace {

using ::testing::ElementsAre;
using testing::FaultFileSystem;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReasonIs;
using Fault = FaultFileSystem::Fault;

constexpr char kFile[] = "data/quarantine/entries.tmq";

QuarantineEntry Rejected(std::string id, std::string reason = "UNKNOWN_CATEGORY",
                         std::string source = "shop") {
  return {.source = std::move(source),
          .event_id = std::move(id),
          .revision = 0,
          .code = 3,
          .reason = std::move(reason),
          .field = "category",
          .message = "\"信息\" is not a category",
          .event = std::string(100, 'e'),
          .resubmittable = true,
          .size_bytes = 120,
          .position = 7,
          .first_us = 1'000,
          .last_us = 1'000,
          .principal = "tester"};
}

std::vector<std::string> IdsOf(const QuarantineStore& store, std::string_view source = "shop",
                               const QuarantineFilter& filter = {}) {
  std::vector<std::string> ids;
  for (const QuarantineEntry& entry : store.List(source, filter, 0, 1'000'000, SIZE_MAX).entries) {
    ids.push_back(entry.event_id);
  }
  return ids;
}

class QuarantineStoreTest : public ::testing::Test {
 protected:
  QuarantineStore Open() { return QuarantineStore({&fs_, "data/quarantine", limits_}); }
  static void Add(QuarantineStore& store, const std::vector<std::string>& ids) {
    std::vector<QuarantineEntry> entries;
    for (const std::string& id : ids) entries.push_back(Rejected(id));
    store.Add(std::move(entries), {});
  }

  FaultFileSystem fs_;
  QuarantineLimits limits_;
};

TEST(QuarantineCodecTest, EntriesComeBackAsTheyWere) {
  QuarantineEntry entry = Rejected("编号-1");
  entry.number = UINT64_MAX;
  entry.revision = UINT32_MAX;
  entry.count = 3;
  entry.raw_event = std::string("\xff\0x", 3);
  std::string bytes;
  EncodeEntry(entry, &bytes);
  QuarantineEntry read;
  ASSERT_TRUE(DecodeEntry(bytes, &read));
  EXPECT_EQ(read, entry);
  // What a later release adds behind is passed over; what is cut off is no entry.
  ASSERT_TRUE(DecodeEntry(bytes + "later", &read));
  EXPECT_EQ(read, entry);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeEntry(bytes.substr(0, size), &read)) << size;
  }
}

TEST_F(QuarantineStoreTest, WhatWasAddedIsThereAfterACrash) {
  {
    QuarantineStore store = Open();
    Add(store, {"a", "b"});
    Add(store, {"c"});
    store.Add({}, {{"shop", 5}});
  }
  fs_.Crash();
  const QuarantineStore store = Open();
  EXPECT_THAT(IdsOf(store), ElementsAre("a", "b", "c"));
  QuarantineEntry want = Rejected("b");
  want.number = 2;
  EXPECT_EQ(store.List("shop", {}, 1, 1, SIZE_MAX).entries, std::vector{want});
  EXPECT_THAT(IdsOf(store, "other"), IsEmpty());
}

TEST_F(QuarantineStoreTest, TheSameRejectionIsOneEntryHoweverOftenItComes) {
  {
    QuarantineStore store = Open();
    for (int i = 1; i <= 100; ++i) {
      QuarantineEntry again = Rejected("a");
      again.first_us = again.last_us = 1'000 * i;
      // Twice in one batch, too.
      store.Add({again, again, Rejected("a", "OUT_OF_RANGE")}, {});
    }
  }
  const QuarantineStore store = Open();
  const std::vector<QuarantineEntry> entries = store.List("shop", {}, 0, 10, SIZE_MAX).entries;
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].count, 200u);
  EXPECT_EQ(entries[0].first_us, 1'000);
  EXPECT_EQ(entries[0].last_us, 100'000);
  EXPECT_EQ(entries[1].count, 100u);
  const QuarantineStats stats = store.Stats("shop");
  ASSERT_EQ(stats.counts.size(), 2u);
  EXPECT_EQ(stats.counts[0].rejections + stats.counts[1].rejections, 300u);
  EXPECT_EQ(stats.aged_out + stats.dropped, 0u);
}

TEST_F(QuarantineStoreTest, OtherContentOfTheSameRejectionReplacesTheEarlier) {
  QuarantineStore store = Open();
  Add(store, {"a", "b"});
  QuarantineEntry other = Rejected("a");
  other.event = "other";
  store.Add({other}, {});
  const QuarantineStore reopened = Open();
  EXPECT_THAT(IdsOf(reopened), ElementsAre("a", "b"));
  EXPECT_EQ(reopened.List("shop", {}, 0, 1, SIZE_MAX).entries[0].event, "other");
}

TEST_F(QuarantineStoreTest, EventsWithoutAnIdAreToldApartByTheirPlace) {
  QuarantineStore store = Open();
  QuarantineEntry broken = Rejected("", "MALFORMED_EVENT", "");
  store.Add({broken}, {});
  store.Add({broken}, {});
  broken.position = 8;
  store.Add({broken}, {});
  EXPECT_EQ(store.List("", {}, 0, 10, SIZE_MAX).entries.size(), 2u);
}

TEST_F(QuarantineStoreTest, TheOldestOfASourceAgeOutAndAreCounted) {
  limits_.max_source_events = 3;
  {
    QuarantineStore store = Open();
    Add(store, {"a", "b"});
    Add(store, {"c", "d", "e"});
    store.Add({Rejected("x", "UNKNOWN_REGION", "other")}, {});
    EXPECT_THAT(IdsOf(store), ElementsAre("c", "d", "e"));
    EXPECT_EQ(store.Stats("shop").aged_out, 2u);
  }
  const QuarantineStore store = Open();
  EXPECT_THAT(IdsOf(store), ElementsAre("c", "d", "e"));
  EXPECT_EQ(store.Stats("shop").aged_out, 2u);
  EXPECT_EQ(store.Stats("other").aged_out, 0u);
  EXPECT_THAT(IdsOf(store, "other"), ElementsAre("x"));
}

TEST_F(QuarantineStoreTest, InTotalTheSourceWithTheMostMakesRoom) {
  limits_.max_events = 5;
  QuarantineStore store = Open();
  store.Add({Rejected("quiet", "UNKNOWN_REGION", "quiet")}, {});
  for (int i = 0; i < 100; ++i) Add(store, {absl::StrCat(i)});
  EXPECT_THAT(IdsOf(store, "quiet"), ElementsAre("quiet"));
  EXPECT_THAT(IdsOf(store), ElementsAre("96", "97", "98", "99"));
}

TEST_F(QuarantineStoreTest, BytesAreBoundedInMemoryAndOnDisk) {
  limits_.max_source_bytes = 100'000;
  QuarantineStore store = Open();
  for (int i = 0; i < 20'000; ++i) Add(store, {absl::StrCat(i)});
  const QuarantineStats stats = store.Stats("shop");
  EXPECT_LE(stats.bytes, 100'000u);
  EXPECT_EQ(stats.events + stats.aged_out, 20'000u);
  const auto file = fs::ReadFile(fs_, kFile);
  ASSERT_THAT(file.status(), IsOk());
  EXPECT_LT(file->size(), size_t{5} << 20);
}

TEST_F(QuarantineStoreTest, WithoutRoomForAnyNothingReachesTheDisk) {
  limits_.max_events = 0;
  QuarantineStore store = Open();
  Add(store, {"secret-a", "secret-b"});
  EXPECT_THAT(IdsOf(store), IsEmpty());
  EXPECT_EQ(store.Stats("shop").dropped, 2u);
  EXPECT_THAT(fs::ReadFile(fs_, kFile).value(), ::testing::Not(::testing::HasSubstr("secret")));
}

TEST_F(QuarantineStoreTest, RemovedEntriesStayGone) {
  {
    QuarantineStore store = Open();
    Add(store, {"a", "b", "c"});
    const uint64_t numbers[] = {1, 3, 99};
    EXPECT_EQ(store.Remove("other", numbers).value(), 0u);
    EXPECT_EQ(store.Remove("shop", numbers).value(), 2u);
  }
  fs_.Crash();
  QuarantineStore store = Open();
  EXPECT_THAT(IdsOf(store), ElementsAre("b"));
  // Numbers are never given twice.
  Add(store, {"d"});
  EXPECT_EQ(store.List("shop", {}, 3, 1, SIZE_MAX).entries[0].number, 4u);
}

TEST_F(QuarantineStoreTest, AfterAResubmissionTheAcceptedAreGoneAndTheOthersHaveTheNewReason) {
  {
    QuarantineStore store = Open();
    Add(store, {"a", "b"});
    QuarantineEntry refused = store.List("shop", {}, 1, 1, SIZE_MAX).entries[0];
    refused.reason = "CONTENT_CONFLICT";
    const uint64_t gone[] = {1};
    store.Settle("shop", gone, {refused});
  }
  const QuarantineStore store = Open();
  EXPECT_THAT(IdsOf(store), ElementsAre("b"));
  EXPECT_THAT(IdsOf(store, "shop", {.reason = "CONTENT_CONFLICT"}), ElementsAre("b"));
}

TEST_F(QuarantineStoreTest, PagesAndFiltersChoose) {
  QuarantineStore store = Open();
  for (int i = 0; i < 5; ++i) {
    QuarantineEntry entry = Rejected(absl::StrCat(i));
    entry.last_us = i * 100;
    store.Add({entry, Rejected(absl::StrCat(i), "OUT_OF_RANGE")}, {});
  }
  EXPECT_THAT(IdsOf(store, "shop", {.reason = "UNKNOWN_CATEGORY", .start_us = 100, .end_us = 300}),
              ElementsAre("1", "2"));
  EXPECT_THAT(IdsOf(store, "shop", {.field = "amount"}), IsEmpty());
  const Quarantine::Page page = store.List("shop", {}, 4, 3, SIZE_MAX);
  EXPECT_EQ(page.entries.size(), 3u);
  EXPECT_TRUE(page.more);
  EXPECT_FALSE(store.List("shop", {}, 7, 3, SIZE_MAX).more);
  // One entry at least, however small the room.
  EXPECT_EQ(store.List("shop", {}, 0, 100, 1).entries.size(), 1u);
  const uint64_t numbers[] = {2, 5, 77};
  EXPECT_EQ(store.Find("shop", numbers, 0, 100, SIZE_MAX).entries.size(), 2u);
}

TEST_F(QuarantineStoreTest, AFullDiskDropsEntriesAndCountsThem) {
  QuarantineStore store = Open();
  Add(store, {"a"});
  fs_.SetDiskFull(true);
  Add(store, {"b", "c", "a"});
  EXPECT_THAT(IdsOf(store), ElementsAre("a"));
  EXPECT_EQ(store.Stats("shop").dropped, 3u);
  const uint64_t numbers[] = {1};
  EXPECT_THAT(store.Remove("shop", numbers).status(), ReasonIs("DISK_FULL"));
  EXPECT_THAT(IdsOf(store), ElementsAre("a"));
  fs_.SetDiskFull(false);
  Add(store, {"d"});
  fs_.Crash();
  const QuarantineStore reopened = Open();
  EXPECT_THAT(IdsOf(reopened), ElementsAre("a", "d"));
  EXPECT_EQ(reopened.Stats("shop").dropped, 3u);
}

// Whatever change of the disk fails, or crashes the machine: what an Add that was written holds is
// there afterwards, the rest is counted, and the store goes on.
TEST_F(QuarantineStoreTest, EveryFaultAtEveryWriteLosesWhatItMayAndNothingElse) {
  for (const Fault fault : {Fault::kIoError, Fault::kDiskFull, Fault::kNoFiles, Fault::kTornCrash,
                            Fault::kCrashBefore}) {
    for (uint64_t nth = 1; nth <= 40; ++nth) {
      FaultFileSystem fs;
      std::vector<std::string> kept;
      uint64_t dropped = 0;
      {
        QuarantineStore store({&fs, "data/quarantine", limits_});
        fs.FailChange(nth, fault);
        for (int i = 0; i < 8; ++i) {
          Add(store, {absl::StrCat(i)});
          if (store.Stats("shop").dropped == dropped) kept.push_back(absl::StrCat(i));
          dropped = store.Stats("shop").dropped;
        }
        EXPECT_EQ(kept.size() + dropped, 8u);
      }
      fs.ClearFaults();
      fs.Crash();
      QuarantineStore store({&fs, "data/quarantine", limits_});
      EXPECT_THAT(IdsOf(store), ::testing::IsSupersetOf(kept))
          << static_cast<int>(fault) << " at " << nth;
      Add(store, {"after"});
      EXPECT_THAT(IdsOf(store), ::testing::Contains("after"));
    }
  }
}

TEST_F(QuarantineStoreTest, DamageCostsTheEntriesInItAndIsTold) {
  {
    QuarantineStore store = Open();
    for (const char* id : {"a", "b", "c"}) Add(store, {id});
  }
  const std::string good = fs::ReadFile(fs_, kFile).value();
  for (size_t at = 0; at < good.size(); ++at) {
    ASSERT_THAT(fs_.Corrupt(kFile, at, std::string(1, static_cast<char>(good[at] ^ 0x20))), IsOk());
    {
      QuarantineStore store = Open();
      EXPECT_GE(IdsOf(store).size(), 2u) << at;
      // What is left is written to a file without damage with the next change.
      Add(store, {"d"});
    }
    const QuarantineStore again = Open();
    EXPECT_EQ(again.Stats("shop").damaged_parts, 0u) << at;
    EXPECT_GE(IdsOf(again).size(), 3u) << at;
    ASSERT_THAT(fs::WriteFileAtomically(fs_, kFile, good), IsOk());
  }
  ASSERT_THAT(fs_.Corrupt(kFile, good.find("信息"), "x"), IsOk());
  EXPECT_EQ(Open().Stats("shop").damaged_parts, 1u);
}

TEST_F(QuarantineStoreTest, AFileThatCannotBeReadBeginsANewOne) {
  {
    QuarantineStore store = Open();
    Add(store, {"a"});
  }
  fs_.FailReads(kFile, 30);
  QuarantineStore store = Open();
  EXPECT_EQ(store.Stats("shop").damaged_parts, 1u);
  Add(store, {"b"});
  EXPECT_THAT(IdsOf(store), ElementsAre("b"));
}

TEST_F(QuarantineStoreTest, CrashesOfADiskWithItsOwnOrderLeaveWhatWasSynced) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    FaultFileSystem fs;
    fs.KeepSomeAtCrash(seed);
    std::vector<std::string> kept;
    for (int life = 0; life < 4; ++life) {
      QuarantineStore store({&fs, "data/quarantine", limits_});
      EXPECT_THAT(IdsOf(store), ::testing::IsSupersetOf(kept)) << seed;
      fs.FailChange(3 + seed % 5 + life, Fault::kTornCrash);
      for (int i = 0; i < 10; ++i) {
        const std::string id = absl::StrCat(life, "-", i);
        const uint64_t dropped = store.Stats("shop").dropped;
        Add(store, {id});
        if (store.Stats("shop").dropped == dropped) kept.push_back(id);
      }
      fs.ClearFaults();
    }
  }
}

}  // namespace
}  // namespace tidemark::ingest
