// Refunds, revisions, withdrawals and transactions, folded as blocks of the log into both engines,
// against a recount from nothing: at every size of the log, in any order, across restarts.
#include <algorithm>
#include <deque>
#include <memory>
#include <numeric>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cpp/catalog/catalog_history.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "clients/cpp/ledger/block_builder.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/analytics/domain/fold.h"
#include "services/analytics/domain/precedence_history.h"
#include "services/analytics/domain/source_overlaps.h"
#include "services/analytics/store/memory_store.h"
#include "services/analytics/testing/folded_folder.h"
#include "services/analytics/testing/linked_world.h"

namespace tidemark::analytics::testing {
namespace {

std::string Show(const LinkedRecount& recount) {
  std::vector<std::string> lines;
  for (const auto& [key, cell] : recount)
    lines.push_back(absl::StrCat(key.first, " ", key.second, ": ", absl::StrJoin(cell, " ")));
  return absl::StrJoin(lines, "\n");
}

// What an engine has, as the recount gives it.
LinkedRecount Read(const StatStore& store, uint64_t size) {
  EngineQuery query;
  query.log_size = size;
  for (uint32_t day = 0; day < 8; ++day)
    query.slices.push_back({day * kDay, (day + 1) * kDay, day});
  query.period_count = 8;
  const auto regions = store.Codes(Field::kConsumerRegion);
  auto table = std::make_shared<GroupTable>();
  for (uint32_t code = 0; code < regions->size(); ++code) table->groups.push_back(code);
  query.groupings = {{Field::kConsumerRegion, {table}, static_cast<uint32_t>(regions->size())}};
  query.aggregates.assign(std::begin(kRecounted), std::end(kRecounted));
  const absl::StatusOr<EngineResult> result = store.Run(query);
  LinkedRecount recount;
  EXPECT_OK(result);
  if (!result.ok()) return recount;
  for (size_t row = 0; row < result->period.size(); ++row) {
    RecountedCell& cell = recount[{result->period[row], (*regions)[result->groups[0][row]]}];
    for (size_t i = 0; i < cell.size(); ++i) cell[i] = result->aggregates[i][row];
  }
  return recount;
}

class LinkedEventsTest : public ::testing::Test {
 protected:
  static std::string Block(const LinkedLog& log, uint64_t first, uint64_t end) {
    ledger::BlockBuilder builder;
    for (uint64_t leaf = first; leaf < end; ++leaf) {
      const auto mark = log.marks.find(leaf);
      if (mark == log.marks.end()) {
        EXPECT_OK(builder.Add(log.records[leaf]));
      } else {
        EXPECT_OK(builder.AddCatalogMark({.version = mark->second, .hash = {}}));
      }
    }
    return FinishBlock(first, &builder);
  }

  uint64_t Below(uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_); }

  static void Append(const std::string& block, Fold* fold, StatStore* store) {
    ASSERT_OK_AND_ASSIGN(auto reader, ledger::BlockReader::Open(block));
    EffectBatch batch;
    ASSERT_OK(fold->Read(reader, &batch));
    ASSERT_OK(store->Append(batch));
  }

  // Folds in random blocks, with restarts.
  void FoldAll(const LinkedLog& log, FoldedFolder* engine, MemoryStore* memory) {
    const PrecedenceAt precedence = [this](uint64_t version) { return PrecedenceOf(version); };
    Fold fold(memory, precedence);
    const size_t chunk = 1 + Below(30);
    engine->Open(chunk, precedence);
    for (uint64_t leaf = 0; leaf < log.records.size() && !HasFatalFailure();) {
      const uint64_t end = std::min<uint64_t>(log.records.size(), leaf + 1 + Below(12));
      const std::string block = Block(log, leaf, end);
      Append(block, &fold, memory);
      Append(block, engine->fold.get(), engine->store.get());
      leaf = end;
      if (Below(10) == 0) {
        // What was not written is folded again.
        engine->Open(chunk, precedence);
        for (uint64_t again = engine->store->folded_size(); again < leaf;) {
          const uint64_t stop = std::min<uint64_t>(leaf, again + 1 + Below(12));
          Append(Block(log, again, stop), engine->fold.get(), engine->store.get());
          again = stop;
        }
      }
    }
  }

  // The catalog's versions for the precedences of a world.
  void SetUpCatalog(const std::vector<SetPrecedences>& versions) {
    catalog_ =
        std::make_unique<catalog_client::CatalogHistory>(catalog_client::CatalogHistory::Options{});
    catalog_client::CatalogBuilder builder;
    for (const SetPrecedences& set : versions) {
      const auto fill = [&](const std::string& name, auto& resource) {
        const auto found = set.find(name);
        if (found == set.end()) return;
        for (const ledger::ReportingRole role : found->second)
          resource.add_precedence(static_cast<ingest::v1::ReportingRole>(role));
      };
      fill("", builder.Observatory("UTC", {2020, 1, 1}));
      for (const auto& [id, parent] : kCategories) fill(id, builder.Category(id, parent));
      builder.Commit();
    }
    ASSERT_OK(builder.AppendTo(catalog_.get()));
    history_ = std::make_unique<PrecedenceHistory>(catalog_.get());
  }
  absl::StatusOr<std::shared_ptr<const Precedence>> PrecedenceOf(uint64_t version) {
    return history_ == nullptr ? std::make_shared<const Precedence>() : history_->At(version);
  }

  // Every event once, in random order when `shuffled`, with the marks of the versions between them.
  std::vector<size_t> OrderOf(size_t events, size_t versions, bool shuffled) {
    std::vector<size_t> order(events);
    std::iota(order.begin(), order.end(), 0);
    if (shuffled) std::shuffle(order.begin(), order.end(), random_);
    size_t at = 0;
    for (size_t version = 0; version < versions; ++version) {
      at += Below(order.size() - at + 1);
      order.insert(order.begin() + static_cast<ptrdiff_t>(at++), events + version);
    }
    return order;
  }

  std::vector<std::string> Overlaps(const Fold& fold, const StatStore& store, uint64_t size) {
    std::deque<std::string> texts;
    auto members = fold.links().MembersAt(size, &texts, [] { return absl::OkStatus(); });
    const auto snapshot = store.Snapshot(size);
    EXPECT_OK(members);
    EXPECT_OK(snapshot);
    const auto overlaps = OverlapsOf(*std::move(members), **PrecedenceOf(snapshot->catalog_version),
                                     INT64_MIN, INT64_MAX);
    EXPECT_OK(overlaps);
    std::vector<std::string> lines;
    for (const SourceOverlap& o : *overlaps) {
      lines.push_back(absl::StrCat(std::string(o.counted), " ", std::string(o.other), ": ",
                                   o.events, " ", o.counted_amount, " ", o.other_amount, " ",
                                   o.differing));
    }
    return lines;
  }

  std::unique_ptr<catalog_client::CatalogHistory> catalog_;
  std::unique_ptr<PrecedenceHistory> history_;
  std::mt19937_64 random_{7};
};

TEST_F(LinkedEventsTest, EverySnapshotEqualsTheRecount) {
  std::map<std::string, int> seen;
  int overlapping = 0;
  for (uint64_t seed = 0; seed < 150 && !HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    const std::vector<SentEvent> sent = MakeLinkedEvents(seed, 5 + Below(60));
    const std::vector<SetPrecedences> versions = MakePrecedences(seed);
    SetUpCatalog(versions);
    const std::vector<size_t> order = OrderOf(sent.size(), versions.size(), seed % 3 != 0);
    const LinkedLog log = LinkInOrder(sent, order);
    FoldedFolder engine;
    MemoryStore memory;
    FoldAll(log, &engine, &memory);
    for (size_t size = 0; size <= order.size() && !HasFailure(); ++size) {
      const std::string want = Show(RecountLinked(sent, order, size, versions, &seen));
      EXPECT_EQ(Show(Read(memory, size)), want) << "memory at " << size;
      EXPECT_EQ(Show(Read(*engine.store, size)), want) << "runs at " << size;
      const std::vector<std::string> overlaps = RecountOverlaps(sent, order, size, versions);
      EXPECT_EQ(Overlaps(*engine.fold, *engine.store, size), overlaps) << size;
      overlapping += overlaps.empty() ? 0 : 1;
    }
  }
  for (const auto& [what, times] : seen) std::cout << what << ": " << times << "\n";
  EXPECT_THAT(seen, ::testing::SizeIs(8));
  EXPECT_GT(overlapping, 1'000);
}

TEST_F(LinkedEventsTest, AnyOrderEndsInTheSameAnswers) {
  for (uint64_t seed = 1000; seed < 1020 && !HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::vector<SentEvent> sent = MakeLinkedEvents(seed, 60);
    // Of one source's events in one transaction that are alike but for their id, the first one that
    // comes counts.
    for (size_t i = 0; i < sent.size(); ++i) sent[i].time_us += static_cast<int64_t>(i);
    const std::vector<SetPrecedences> versions = MakePrecedences(seed);
    SetUpCatalog(versions);
    std::vector<size_t> order = OrderOf(sent.size(), versions.size(), /*shuffled=*/false);
    std::map<std::string, int> seen;
    const std::string want = Show(RecountLinked(sent, order, order.size(), versions, &seen));
    for (int i = 0; i < 20 && !HasFailure(); ++i) {
      order = OrderOf(sent.size(), versions.size(), /*shuffled=*/true);
      const LinkedLog log = LinkInOrder(sent, order);
      FoldedFolder engine;
      MemoryStore memory;
      FoldAll(log, &engine, &memory);
      EXPECT_EQ(Show(Read(*engine.store, order.size())), want);
    }
  }
}

// As of a source that writes the same number into every event: each comes at the cost of a few.
TEST_F(LinkedEventsTest, AnyNumberOfEventsMayShareATransaction) {
  constexpr uint64_t kEvents = 100'000;
  LinkedEvents events;
  std::vector<VerdictChange> changes;
  events.AddSingle({.leaf = 0, .event_time_us = kEvents, .amount = 1, .source = "s"});
  for (uint64_t leaf = 1; leaf < kEvents; ++leaf) {
    // Each before all that came so far, so that it counts instead.
    ASSERT_OK(events.Add({.leaf = leaf,
                          .event_time_us = static_cast<int64_t>(kEvents - leaf),
                          .amount = 1,
                          .source = "s",
                          .id = "e",
                          .transaction_leaf = 0},
                         &changes));
    ASSERT_EQ(changes.size(), 2u);
    ASSERT_EQ(changes[0].leaf, leaf - 1);
    ASSERT_EQ(changes[0].after.kind, EffectKind::kUncounted);
    ASSERT_EQ(changes[1].after.kind, EffectKind::kPurchase);
  }
}

// As of a source that corrects one event for ever.
TEST_F(LinkedEventsTest, AnyNumberOfRevisionsMayFollow) {
  constexpr uint64_t kRevisions = 100'000;
  LinkedEvents events;
  std::vector<VerdictChange> changes;
  events.AddSingle({.leaf = 0, .amount = 1, .source = "s"});
  for (uint64_t leaf = 1; leaf <= kRevisions; ++leaf) {
    ASSERT_OK(events.Add({.leaf = leaf,
                          .revision = static_cast<uint32_t>(leaf),
                          .amount = 1,
                          .source = "s",
                          .id = "e",
                          .previous_leaf = leaf - 1,
                          .transaction_leaf = 1},
                         &changes));
    ASSERT_EQ(changes.size(), 2u);
  }
  for (const uint64_t size : {kRevisions / 2, kRevisions + 1}) {
    LinkedEvents::MemberScan scan(size);
    while (events.Continue(1'000, &scan)) {
    }
    ASSERT_EQ(scan.members.size(), 1u);
    EXPECT_EQ(scan.members[0].leaf, size - 1);
  }
}

TEST_F(LinkedEventsTest, MembersAreReadWhileMoreRecordsCome) {
  constexpr uint64_t kMembers = 100;
  LinkedEvents events;
  std::vector<VerdictChange> changes;
  events.AddSingle({.leaf = 0, .amount = 1, .source = "s"});
  uint64_t leaf = 1;
  const auto add = [&](uint32_t revision, uint64_t previous) {
    ASSERT_OK(events.Add({.leaf = leaf,
                          .revision = revision,
                          .amount = 1,
                          .source = leaf % 2 == 0 ? "s" : "t",
                          .id = "e",
                          .previous_leaf = previous,
                          .transaction_leaf = 0},
                         &changes));
    ++leaf;
  };
  while (leaf < kMembers) add(0, ledger::kNoLeaf);
  LinkedEvents::MemberScan scan(kMembers);
  while (events.Continue(7, &scan)) {
    add(1, leaf - kMembers);
    add(0, ledger::kNoLeaf);
  }
  std::set<uint64_t> leaves;
  for (const TransactionMember& member : scan.members) leaves.insert(member.leaf);
  EXPECT_EQ(scan.members.size(), kMembers);
  EXPECT_EQ(leaves.size(), kMembers);
  EXPECT_EQ(*leaves.rbegin(), kMembers - 1);
}

TEST_F(LinkedEventsTest, ReadingMembersEndsWhenItsCallerIsGone) {
  MemoryStore memory;
  Fold fold(&memory);
  std::deque<std::string> texts;
  EXPECT_THAT(fold.links().MembersAt(0, &texts, [] { return absl::CancelledError("gone"); }),
              ::tidemark::testing::StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(LinkedEventsTest, ABlockThatWasNotAppendedIsReadAgain) {
  const std::vector<SentEvent> sent = MakeLinkedEvents(5, 50);
  const std::vector<SetPrecedences> versions = MakePrecedences(5);
  SetUpCatalog(versions);
  const std::vector<size_t> order = OrderOf(sent.size(), versions.size(), /*shuffled=*/false);
  const LinkedLog log = LinkInOrder(sent, order);
  MemoryStore memory;
  Fold fold(&memory, [this](uint64_t version) { return PrecedenceOf(version); });
  for (uint64_t leaf = 0; leaf < order.size(); leaf += 10) {
    const std::string block = Block(log, leaf, std::min<uint64_t>(order.size(), leaf + 10));
    ASSERT_OK_AND_ASSIGN(auto reader, ledger::BlockReader::Open(block));
    EffectBatch lost;
    ASSERT_OK(fold.Read(reader, &lost));
    Append(block, &fold, &memory);
  }
  std::map<std::string, int> seen;
  EXPECT_EQ(Show(Read(memory, order.size())),
            Show(RecountLinked(sent, order, order.size(), versions, &seen)));
}

// Judged by a catalog that is not there yet it would be judged wrongly for good.
TEST_F(LinkedEventsTest, ABlockWaitsForTheCatalogOfItsMark) {
  const std::vector<SentEvent> sent = MakeLinkedEvents(5, 20);
  std::vector<size_t> order(sent.size() + 1);
  std::iota(order.begin(), order.end(), 0);
  const LinkedLog log = LinkInOrder(sent, order);
  MemoryStore memory;
  bool loaded = false;
  Fold fold(&memory, [&](uint64_t version) -> absl::StatusOr<std::shared_ptr<const Precedence>> {
    if (version > 0 && !loaded) return absl::UnavailableError("not loaded");
    return std::make_shared<const Precedence>();
  });
  const std::string block = Block(log, 0, order.size());
  ASSERT_OK_AND_ASSIGN(auto reader, ledger::BlockReader::Open(block));
  EffectBatch batch;
  EXPECT_THAT(fold.Read(reader, &batch),
              ::tidemark::testing::StatusIs(absl::StatusCode::kUnavailable));
  loaded = true;
  Append(block, &fold, &memory);
}

// What a version of the catalog that changes no precedence costs: nothing is looked at.
TEST_F(LinkedEventsTest, TheSameOrderInOtherWordsChangesNothing) {
  catalog_client::CatalogBuilder builder;
  builder.Category("a").add_precedence(ingest::v1::REPORTING_ROLE_SELLER_PLATFORM);
  LinkedEvents events;
  std::vector<VerdictChange> changes;
  events.AddSingle({.leaf = 0, .amount = 1, .source = "s", .category = "a"});
  ASSERT_OK(events.Add({.leaf = 1,
                        .amount = 1,
                        .role = ledger::ReportingRole::kDepartment,
                        .source = "t",
                        .category = "a",
                        .id = "e",
                        .transaction_leaf = 0},
                       &changes));
  events.SetPrecedence(std::make_shared<const Precedence>(*builder.View()), &changes);
  EXPECT_THAT(changes, ::testing::IsEmpty());
}

}  // namespace
}  // namespace tidemark::analytics::testing
