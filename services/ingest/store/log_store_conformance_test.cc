// What every LogStore does: the log of this process, and that of another through its RPCs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "clients/cpp/ledger/block.h"
#include "clients/cpp/ledger/checkpoint.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/store/log_store_fixture.h"

namespace tidemark::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;

INSTANTIATE_TEST_SUITE_P(Stores, LogStoreTest, ::testing::ValuesIn(kLogStoreKinds), NameOfKind);

TEST_P(LogStoreTest, AcceptedEventsAreContiguousBehindTheMarkOfTheirView) {
  const AppendResult first = Append(*log_, Events({"a", "b"}));
  ASSERT_OK(first.status);
  // Leaf 0 is the CATALOG_MARK of version 1.
  EXPECT_EQ(first.first_leaf, 1u);
  EXPECT_EQ(first.accepted, 2u);
  EXPECT_THAT(first.exceptions, ::testing::IsEmpty());
  const AppendResult second = Append(*log_, Events({"c"}));
  EXPECT_EQ(second.first_leaf, 3u);
  EXPECT_EQ(log_->state().size, 4u);
  EXPECT_EQ(ReadEvent(*log_, 2).id, "b");
  EXPECT_EQ(LeafOf(*log_, "shop", "c"), 3u);
  EXPECT_EQ(LeafOf(*log_, "other", "c"), ledger::kNoLeaf);
  ExpectGoodLog();
}

TEST_P(LogStoreTest, DuplicatesAndConflictsNameTheLeafInTheLog) {
  Append(*log_, Events({"a", "b"}));
  std::vector<TestEvent> again = Events({"x", "b", "a", "y"});
  again[2].amount = 7;
  for (int round = 0; round < 2; ++round) {
    const AppendResult result = Append(*log_, again);
    ASSERT_OK(result.status);
    EXPECT_EQ(result.accepted, round == 0 ? 2u : 0u);
    ASSERT_EQ(result.exceptions.size(), round == 0 ? 2u : 4u);
    const auto& duplicate = result.exceptions[round == 0 ? 0 : 1];
    EXPECT_EQ(duplicate.row, 1u);
    EXPECT_EQ(duplicate.outcome, Outcome::kDuplicate);
    EXPECT_EQ(duplicate.leaf, 2u);
    const auto& conflict = result.exceptions[round == 0 ? 1 : 2];
    EXPECT_EQ(conflict.row, 2u);
    EXPECT_EQ(conflict.outcome, Outcome::kConflict);
    EXPECT_EQ(conflict.leaf, 1u);
    EXPECT_EQ(conflict.field, "amount");
  }
  EXPECT_EQ(ReadEvent(*log_, 1).amount, 100);
  Open();
  const AppendResult after = Append(*log_, Events({"a"}));
  ASSERT_EQ(after.exceptions.size(), 1u);
  EXPECT_EQ(after.exceptions[0].outcome, Outcome::kDuplicate);
  ExpectGoodLog();
}

TEST_P(LogStoreTest, TheFirstOfTwoEqualEventsOfABatchCounts) {
  std::vector<TestEvent> events = Events({"a", "a", "b", "a"});
  events[3].amount = 1;
  const AppendResult result = Append(*log_, events);
  EXPECT_EQ(result.accepted, 2u);
  ASSERT_EQ(result.exceptions.size(), 2u);
  EXPECT_EQ(result.exceptions[0].row, 1u);
  EXPECT_EQ(result.exceptions[0].leaf, 1u);
  EXPECT_EQ(result.exceptions[1].row, 3u);
  EXPECT_EQ(result.exceptions[1].outcome, Outcome::kConflict);
  EXPECT_EQ(ReadEvent(*log_, 2).id, "b");
}

TEST_P(LogStoreTest, DuplicatesAreFoundAcrossBatchesUnderWay) {
  // Sent without waiting: they meet in one group, or while their block is being written.
  std::vector<std::unique_ptr<PendingBatch>> pending;
  for (int i = 0; i < 50; ++i) pending.push_back(Start(*log_, Numbered(0, 200)));
  size_t accepted = 0;
  for (const auto& batch : pending) {
    const AppendResult result = batch->result.get();
    ASSERT_OK(result.status);
    accepted += result.accepted;
    EXPECT_EQ(result.accepted + result.exceptions.size(), 200u);
    for (const RowException& exception : result.exceptions) {
      EXPECT_EQ(exception.outcome, Outcome::kDuplicate);
      EXPECT_EQ(exception.leaf, 1u + exception.row);
    }
  }
  EXPECT_EQ(accepted, 200u);
  ExpectGoodLog();
}

TEST_P(LogStoreTest, ARefundIsLinkedToItsOriginal) {
  Append(*log_, Events({"buy"}));
  Append(*log_, {{.id = "back", .refund_of = "buy"}});
  EXPECT_EQ(ReadEvent(*log_, 2).original_leaf, 1u);
  // In one batch, original first.
  Append(*log_, {{.id = "b2"}, {.id = "r2", .refund_of = "b2"}});
  EXPECT_EQ(ReadEvent(*log_, 4).original_leaf, 3u);
  ExpectGoodLog();
}

TEST_P(LogStoreTest, AnOriginalThatComesLaterResolvesTheRefundsThatWait) {
  Append(*log_, {{.id = "r1", .refund_of = "buy"}, {.id = "r2", .refund_of = "buy"}});
  EXPECT_EQ(ReadEvent(*log_, 1).original_leaf, ledger::kWaitingLeaf);
  Open();
  Append(*log_, {{.id = "r3", .refund_of = "buy"}});
  Append(*log_, Events({"buy"}));
  EXPECT_THAT(ReadEvent(*log_, 4).resolves, ElementsAre(1, 2, 3));
  Open();
  Append(*log_, {{.id = "r4", .refund_of = "buy"}});
  EXPECT_EQ(ReadEvent(*log_, 5).original_leaf, 4u);
  // In one batch, refund first.
  Append(*log_, {{.id = "r5", .refund_of = "b5"}, {.id = "b5"}});
  EXPECT_EQ(ReadEvent(*log_, 6).original_leaf, ledger::kWaitingLeaf);
  EXPECT_THAT(ReadEvent(*log_, 7).resolves, ElementsAre(6));
  ExpectGoodLog();
}

TEST_P(LogStoreTest, ARevisionIsLinkedToTheHighestOneBefore) {
  ASSERT_OK(
      Append(*log_, {{.id = "a"}, {.id = "a", .amount = 90, .revision = 2}, {.id = "b"}}).status);
  const AppendResult late = Append(*log_, {{.id = "c"},
                                           {.id = "a", .amount = 80, .revision = 1},
                                           {.id = "a", .amount = 90, .revision = 2},
                                           {.id = "a", .amount = 91, .revision = 2},
                                           {.id = "a", .amount = 70, .revision = 7}});
  ASSERT_OK(late.status);
  EXPECT_EQ(late.accepted, 3u);
  ASSERT_EQ(late.exceptions.size(), 2u);
  EXPECT_EQ(late.exceptions[0].outcome, Outcome::kDuplicate);
  EXPECT_EQ(late.exceptions[0].leaf, 2u);
  EXPECT_EQ(late.exceptions[1].outcome, Outcome::kConflict);
  EXPECT_EQ(late.exceptions[1].leaf, 2u);
  EXPECT_EQ(late.exceptions[1].field, "amount");
  EXPECT_EQ(ReadEvent(*log_, 1).previous_leaf, ledger::kNoLeaf);
  EXPECT_EQ(ReadEvent(*log_, 2).previous_leaf, 1u);
  EXPECT_EQ(ReadEvent(*log_, 5).previous_leaf, 2u) << "the highest, not the one below";
  EXPECT_EQ(ReadEvent(*log_, 6).previous_leaf, 2u);
  // Each sent again is found, also within a batch that brings another.
  const AppendResult again = Append(*log_, {{.id = "a", .amount = 60, .revision = 9},
                                            {.id = "a"},
                                            {.id = "a", .amount = 80, .revision = 1}});
  EXPECT_EQ(again.accepted, 1u);
  ASSERT_EQ(again.exceptions.size(), 2u);
  EXPECT_EQ(again.exceptions[0].leaf, 1u);
  EXPECT_EQ(again.exceptions[1].leaf, 5u);
  Open();
  ASSERT_OK(Append(*log_, {{.id = "a", .amount = 50, .revision = 8}}).status);
  EXPECT_EQ(ReadEvent(*log_, 8).previous_leaf, 7u);
  ExpectGoodLog();
}

// The leaves of a batch move when a row turns out to be a revision and not a duplicate.
TEST_P(LogStoreTest, RevisionsAndDuplicatesOfOneBatchAreToldApart) {
  std::vector<TestEvent> events;
  for (int round = 0; round < 3; ++round) {
    for (uint32_t revision : {0u, 3u, 1u}) {
      for (const char* id : {"a", "b", "c"}) events.push_back({.id = id, .revision = revision});
    }
  }
  const AppendResult result = Append(*log_, events);
  ASSERT_OK(result.status);
  EXPECT_EQ(result.accepted, 9u);
  ASSERT_EQ(result.exceptions.size(), 18u);
  for (const RowException& exception : result.exceptions) {
    EXPECT_EQ(exception.outcome, Outcome::kDuplicate);
    EXPECT_EQ(exception.leaf, 1u + exception.row % 9);
  }
  for (uint64_t leaf = 4; leaf < 10; ++leaf) {
    EXPECT_EQ(ReadEvent(*log_, leaf).previous_leaf, leaf - 3) << "the highest so far";
  }
  const AppendResult dry =
      Append(*log_, {{.id = "a", .revision = 1}, {.id = "a", .revision = 2}}, {.dry_run = true});
  EXPECT_EQ(dry.accepted, 1u);
  ASSERT_EQ(dry.exceptions.size(), 1u);
  EXPECT_EQ(dry.exceptions[0].leaf, 7u);
  ExpectGoodLog();
}

TEST_P(LogStoreTest, AnEventMayHaveManyRevisionsButNotAnyNumber) {
  const auto revisions = [](uint32_t from, uint32_t to) {
    std::vector<TestEvent> events;
    for (uint32_t revision = from; revision < to; ++revision)
      events.push_back({.id = "a", .revision = revision});
    return events;
  };
  constexpr uint32_t kAtOnce = 32;
  uint32_t sent = 0;
  for (; sent < 64; sent += kAtOnce)
    ASSERT_OK(Append(*log_, revisions(sent, sent + kAtOnce)).status);
  EXPECT_EQ(Append(*log_, revisions(16, 48)).exceptions.size(), kAtOnce) << "sent again";
  const uint64_t size = log_->state().size;
  EXPECT_THAT(Append(*log_, revisions(sent, sent + 1)).status, ReasonIs("TOO_MANY_REVISIONS"));
  for (const uint32_t many : {kAtOnce + 2, 3'000u}) {
    std::vector<TestEvent> others;
    for (uint32_t revision = 0; revision < many; ++revision)
      others.push_back({.id = "b", .revision = revision});
    EXPECT_THAT(Append(*log_, others).status, ReasonIs("TOO_MANY_REVISIONS")) << many;
  }
  EXPECT_EQ(log_->state().size, size) << "nothing of either";
  EXPECT_EQ(Append(*log_, {{.id = "c"}}).accepted, 1u);
  ExpectGoodLog();
}

TEST_P(LogStoreTest, RecordsOfATransactionAreLinkedToItsFirst) {
  ASSERT_OK(
      Append(*log_, {{.id = "a", .transaction = "t1"}, {.id = "b", .transaction = "t2"}}).status);
  Open();
  ASSERT_OK(Append(*log_, {{.source = "bank", .id = "x", .transaction = "t1"},
                           {.id = "a", .transaction = "t1"},
                           {.source = "bank", .id = "t1"},
                           {.source = "carrier", .id = "y", .transaction = "t1"}})
                .status);
  EXPECT_EQ(ReadEvent(*log_, 1).transaction_leaf, ledger::kNoLeaf);
  EXPECT_EQ(ReadEvent(*log_, 2).transaction_leaf, ledger::kNoLeaf);
  EXPECT_EQ(ReadEvent(*log_, 3).transaction_leaf, 1u);
  EXPECT_EQ(ReadEvent(*log_, 4).transaction_leaf, ledger::kNoLeaf);
  EXPECT_EQ(ReadEvent(*log_, 5).transaction_leaf, 1u);
  ExpectGoodLog();
}

TEST_P(LogStoreTest, OnlySoManyRefundsMayWaitForOneOriginal) {
  std::vector<TestEvent> refunds;
  for (size_t i = 0; i < ledger::kMaxResolves + 1; ++i) {
    refunds.push_back({.id = absl::StrCat("r", i), .refund_of = "buy"});
  }
  AppendResult result = Append(*log_, refunds);
  EXPECT_EQ(result.accepted, ledger::kMaxResolves);
  ASSERT_EQ(result.exceptions.size(), 1u);
  EXPECT_EQ(result.exceptions[0].outcome, Outcome::kTooManyWaiting);
  EXPECT_EQ(result.exceptions[0].row, ledger::kMaxResolves);
  // The others are duplicates, not too many.
  result = Append(*log_, refunds);
  EXPECT_EQ(result.exceptions[0].outcome, Outcome::kDuplicate);
  ASSERT_OK(Append(*log_, Events({"buy"})).status);
  EXPECT_EQ(Append(*log_, {refunds.back()}).accepted, 1u);
  ExpectGoodLog();
}

TEST_P(LogStoreTest, SizesAndLeavesThatTheLogDoesNotHaveAreNamed) {
  Append(*log_, Events({"a"}));
  EXPECT_THAT(log_->InclusionProof(0, 0),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("tree_size: 0, want 1 to")));
  EXPECT_THAT(log_->InclusionProof(0, 3),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("tree_size: 3, want 1 to")));
  EXPECT_THAT(log_->Leaf(2),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("leaf: 2 is not in the log")));
  EXPECT_THAT(log_->Leaf(UINT64_MAX), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST_P(LogStoreTest, ADryRunSaysWhatWouldHappenAndWritesNothing) {
  Append(*log_, Events({"a"}));
  const uint64_t size = log_->state().size;
  std::vector<TestEvent> events = Events({"a", "b", "b", "c"});
  events[2].amount = 1;
  const AppendResult result = Append(*log_, events, {.dry_run = true});
  ASSERT_OK(result.status);
  EXPECT_EQ(result.accepted, 2u);
  ASSERT_EQ(result.exceptions.size(), 2u);
  EXPECT_EQ(result.exceptions[0].outcome, Outcome::kDuplicate);
  EXPECT_EQ(result.exceptions[0].leaf, 1u);
  EXPECT_FALSE(result.exceptions[0].leaf_is_row);
  EXPECT_EQ(result.exceptions[1].outcome, Outcome::kConflict);
  EXPECT_EQ(result.exceptions[1].leaf, 1u);
  EXPECT_TRUE(result.exceptions[1].leaf_is_row);
  EXPECT_EQ(log_->state().size, size);
  EXPECT_EQ(log_->state().identities, 1u);
}

TEST_P(LogStoreTest, ANewerViewIsMarkedBeforeItsEvents) {
  ASSERT_OK(Append(*log_, Events({"a"}), {.version = 3}).status);
  ASSERT_OK(Append(*log_, Events({"b"}), {.version = 5}).status);
  EXPECT_EQ(log_->state().size, 4u);
  EXPECT_EQ(log_->state().marked_version, 5u);
  EXPECT_EQ(ReadEvent(*log_, 3).id, "b");
  EXPECT_THAT(log_->SourceOf(2), tidemark::testing::IsOkAndHolds(""));
}

TEST_P(LogStoreTest, ABatchJudgedByAnOlderViewIsHandedBack) {
  log_->MarkCatalog({.version = 4});
  while (log_->state().marked_version < 4) std::this_thread::yield();
  EXPECT_THAT(Append(*log_, Events({"a"}), {.version = 3}).status, ReasonIs("STALE_VIEW"));
  EXPECT_OK(Append(*log_, Events({"a"}), {.version = 4}).status);
  log_->MarkCatalog({.version = 4});
  log_->MarkCatalog({.version = 2});
  Open();
  EXPECT_EQ(log_->state().marked_version, 4u);
  EXPECT_EQ(log_->state().size, 2u);
  EXPECT_THAT(Append(*log_, Events({"b"}), {.version = 3}).status, ReasonIs("STALE_VIEW"));
}

TEST_P(LogStoreTest, AcceptedTimeNeverGoesBack) {
  Append(*log_, Events({"a"}));
  const int64_t before = log_->state().accepted_time_us;
  EXPECT_EQ(before, testing::FakeClock::kStartMicros);
  clock_.JumpTo(before - 3'600'000'000);
  Append(*log_, Events({"b"}));
  EXPECT_EQ(log_->state().accepted_time_us, before);
  Open();
  Append(*log_, Events({"c"}));
  EXPECT_EQ(log_->state().accepted_time_us, before);
  clock_.JumpTo(before + 1);
  Append(*log_, Events({"d"}));
  EXPECT_EQ(log_->state().accepted_time_us, before + 1);
  ExpectGoodLog();
}

TEST_P(LogStoreTest, ReceiptsAreTheLeavesOfTheLog) {
  const AppendResult result =
      Append(*log_, Events({"a", "b", "a", "c"}), {.want_leaf_hashes = true});
  ASSERT_EQ(result.leaf_hashes.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    const uint64_t leaf = result.first_leaf + i;
    EXPECT_EQ(ReadEvent(*log_, leaf).hash, result.leaf_hashes[i]);
    ASSERT_OK_AND_ASSIGN(const std::string bytes, log_->Leaf(leaf));
    EXPECT_EQ(ledger::LeafHash(bytes), result.leaf_hashes[i]);
  }
}

TEST_P(LogStoreTest, CheckpointsAndProofsVerify) {
  EXPECT_THAT(log_->NewestCheckpoint(), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK_AND_ASSIGN(const auto verifier, ledger::NoteVerifier::FromText(log_->verifier_key()));
  std::mt19937_64 random(1);
  std::vector<StoredCheckpoint> seen;
  size_t next = 0;
  for (int round = 0; round < 25; ++round) {
    const size_t count = 1 + random() % 40;
    Append(*log_, Numbered(next, next + count));
    next += count;
    if (round % 10 == 9) Open();
    ASSERT_OK(SignCheckpoint());
    ASSERT_OK_AND_ASSIGN(seen.emplace_back(), log_->NewestCheckpoint());
    ASSERT_OK_AND_ASSIGN(const auto opened, ledger::OpenCheckpoint(seen.back().note, verifier));
    EXPECT_EQ(opened.size, log_->state().size);
    EXPECT_EQ(opened.root, seen.back().root);
  }
  for (size_t newer = 0; newer < seen.size(); ++newer) {
    for (size_t older = 0; older <= newer; ++older) {
      ASSERT_OK_AND_ASSIGN(const auto proof,
                           log_->ConsistencyProof(seen[older].size, seen[newer].size));
      EXPECT_OK(ledger::VerifyConsistency(seen[older].size, seen[newer].size, seen[older].root,
                                          seen[newer].root, proof));
    }
    for (int i = 0; i < 20; ++i) {
      const uint64_t leaf = random() % seen[newer].size;
      ASSERT_OK_AND_ASSIGN(const auto path, log_->InclusionProof(leaf, seen[newer].size));
      ASSERT_OK_AND_ASSIGN(const std::string bytes, log_->Leaf(leaf));
      EXPECT_OK(ledger::VerifyInclusion(leaf, seen[newer].size, ledger::LeafHash(bytes), path,
                                        seen[newer].root));
    }
  }
  const uint64_t size = log_->state().size;
  EXPECT_THAT(log_->InclusionProof(0, size + 1), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(log_->InclusionProof(size, size), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(log_->ConsistencyProof(1, UINT64_MAX), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(log_->Leaf(UINT64_MAX), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST_P(LogStoreTest, ProofsOverManyBlocksUseLargeSubtrees) {
  // More than 4,096 leaves, so that nodes are kept and put together from others.
  for (int i = 0; i < 12; ++i) Append(*log_, Numbered(1000 * i, 1000 * (i + 1)));
  ASSERT_OK_AND_ASSIGN(const StoredCheckpoint newest, log_->NewestCheckpoint());
  for (int round = 0; round < 2; ++round) {
    for (const uint64_t leaf : {uint64_t{0}, uint64_t{4095}, uint64_t{8192}, newest.size - 1}) {
      ASSERT_OK_AND_ASSIGN(const auto path, log_->InclusionProof(leaf, newest.size));
      ASSERT_OK_AND_ASSIGN(const std::string bytes, log_->Leaf(leaf));
      EXPECT_OK(
          ledger::VerifyInclusion(leaf, newest.size, ledger::LeafHash(bytes), path, newest.root));
    }
  }
}

TEST_P(LogStoreTest, BlocksAreServedAsStored) {
  for (int i = 0; i < 5; ++i) Append(*log_, Numbered(10 * i, 10 * (i + 1)));
  uint64_t next = 0;
  while (next < log_->state().size) {
    ASSERT_OK_AND_ASSIGN(const BlockRef ref, log_->FindBlock(next));
    EXPECT_EQ(ref.first_leaf, next);
    std::string bytes(ref.bytes, '\0');
    ASSERT_OK(log_->ReadBlock(ref, bytes.data()));
    ASSERT_OK_AND_ASSIGN(const auto header, ledger::VerifyBlock(bytes));
    EXPECT_EQ(header.first_leaf, next);
    EXPECT_EQ(header.record_count, ref.record_count);
    next = ref.end_leaf();
  }
  EXPECT_THAT(log_->FindBlock(next), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST_P(LogStoreTest, ABatchMayBeLargerThanABlock) {
  // More bytes than one block may have, unpacked.
  const TestEvent event;
  std::deque<std::string> texts;
  auto pending = std::make_unique<PendingBatch>();
  pending->result = pending->promise.get_future();
  pending->batch.principal = "tester";
  pending->batch.stamp.version = 1;
  pending->batch.want_leaf_hashes = true;
  std::mt19937_64 random(1);
  std::vector<ledger::Attribute> attributes;
  attributes.reserve(90'000);
  std::deque<std::string> ids;
  for (int i = 0; i < 90'000; ++i) {
    ids.push_back(absl::StrCat("large", i));
    std::string& value = texts.emplace_back(1000, '\0');
    for (char& c : value) c = static_cast<char>('a' + random() % 26);
    attributes.push_back({"k", value});
    ledger::EventRecord record = event.Record();
    record.id = ids.back();
    record.attributes = {&attributes.back(), 1};
    pending->batch.rows.Append(record);
  }
  pending->batch.done = [p = pending.get()](AppendResult r) { p->promise.set_value(std::move(r)); };
  log_->Append(&pending->batch);
  const AppendResult result = pending->result.get();
  ASSERT_OK(result.status);
  EXPECT_EQ(result.accepted, 90'000u);
  ASSERT_OK_AND_ASSIGN(const BlockRef first, log_->FindBlock(0));
  EXPECT_LT(first.end_leaf(), log_->state().size) << "wants more than one block";
  for (const size_t i : {size_t{0}, size_t{44'000}, size_t{89'999}}) {
    EXPECT_EQ(ReadEvent(*log_, result.first_leaf + i).hash, result.leaf_hashes[i]);
  }
}

TEST_P(LogStoreTest, AfterStopBatchesAreRefusedAndThoseQueuedAreAnswered) {
  std::vector<std::unique_ptr<PendingBatch>> pending;
  for (int i = 0; i < 20; ++i) pending.push_back(Start(*log_, Numbered(10 * i, 10 * (i + 1))));
  StopLog();
  for (const auto& batch : pending) EXPECT_OK(batch->result.get().status);
  EXPECT_THAT(Append(*log_, Events({"late"})).status, StatusIs(absl::StatusCode::kUnavailable));
}

TEST_P(LogStoreTest, TheSizeListenerHearsOfEveryGrowth) {
  std::atomic<uint64_t> heard{0};
  log_->SetSizeListener([&] { heard = log_->state().size; });
  Append(*log_, Events({"a"}));
  EXPECT_EQ(heard, 2u);
  Append(*log_, Events({"a"}));
  EXPECT_EQ(heard, 2u);
  Append(*log_, Events({"b"}));
  EXPECT_EQ(heard, 3u);
  log_->SetSizeListener({});
}

}  // namespace
}  // namespace tidemark::ingest
