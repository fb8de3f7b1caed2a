// Refunds, revisions, withdrawals and transactions, folded as blocks of the log into both engines,
// against a recount from nothing: at every size of the log, in any order, across restarts.
#include <algorithm>
#include <memory>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cpp/ledger/block_builder.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/analytics/domain/fold.h"
#include "services/analytics/store/memory_store.h"
#include "services/analytics/store/run_store.h"
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
  // A folder whose runs are tiny, so that events and what they name are in different ones.
  struct Engine {
    tidemark::testing::FaultFileSystem fs;
    std::unique_ptr<RunStore> store;
    std::unique_ptr<Fold> fold;
    void Open(size_t chunk) {
      fold.reset();
      store.reset();
      auto opened = RunStore::Open({.fs = &fs,
                                    .dir = "/statistics",
                                    .chunk_effects = chunk,
                                    .seal_effects = 2 * chunk,
                                    .max_run_effects = 40 * chunk,
                                    .merge_runs = 3,
                                    .background = false});
      ASSERT_OK(opened);
      store = *std::move(opened);
      fold = std::make_unique<Fold>(store.get());
    }
  };

  static std::string Block(const LinkedLog& log, uint64_t first, uint64_t end) {
    ledger::BlockBuilder builder;
    for (uint64_t leaf = first; leaf < end; ++leaf) EXPECT_OK(builder.Add(log.records[leaf]));
    ledger::CompactRange range(first);
    range.Append(std::vector<ledger::Hash>(builder.size()));
    std::string block;
    EXPECT_OK(builder.Finish({.first_leaf = first,
                              .accepted_time_us = static_cast<int64_t>(first),
                              .log_id = {1},
                              .nodes = range.nodes()},
                             &block));
    return block;
  }

  uint64_t Below(uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_); }

  static void Append(const std::string& block, Fold* fold, StatStore* store) {
    ASSERT_OK_AND_ASSIGN(auto reader, ledger::BlockReader::Open(block));
    EffectBatch batch;
    ASSERT_OK(fold->Read(reader, &batch));
    ASSERT_OK(store->Append(batch));
  }

  // Folds in random blocks, with restarts.
  void FoldAll(const LinkedLog& log, Engine* engine, MemoryStore* memory) {
    Fold fold(memory);
    const size_t chunk = 1 + Below(30);
    engine->Open(chunk);
    for (uint64_t leaf = 0; leaf < log.records.size() && !HasFatalFailure();) {
      const uint64_t end = std::min<uint64_t>(log.records.size(), leaf + 1 + Below(12));
      const std::string block = Block(log, leaf, end);
      Append(block, &fold, memory);
      Append(block, engine->fold.get(), engine->store.get());
      leaf = end;
      if (Below(10) == 0) {
        // What was not written is folded again.
        engine->Open(chunk);
        for (uint64_t again = engine->store->folded_size(); again < leaf;) {
          const uint64_t stop = std::min<uint64_t>(leaf, again + 1 + Below(12));
          Append(Block(log, again, stop), engine->fold.get(), engine->store.get());
          again = stop;
        }
      }
    }
  }

  std::mt19937_64 random_{7};
};

TEST_F(LinkedEventsTest, EverySnapshotEqualsTheRecount) {
  std::map<std::string, int> seen;
  for (uint64_t seed = 0; seed < 150 && !HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    const std::vector<SentEvent> sent = MakeLinkedEvents(seed, 5 + Below(60));
    std::vector<size_t> order(sent.size());
    std::iota(order.begin(), order.end(), 0);
    if (seed % 3 != 0) std::shuffle(order.begin(), order.end(), random_);
    const LinkedLog log = LinkInOrder(sent, order);
    Engine engine;
    MemoryStore memory;
    FoldAll(log, &engine, &memory);
    for (size_t size = 0; size <= order.size() && !HasFailure(); ++size) {
      const std::string want = Show(RecountLinked(sent, order, size, &seen));
      EXPECT_EQ(Show(Read(memory, size)), want) << "memory at " << size;
      EXPECT_EQ(Show(Read(*engine.store, size)), want) << "runs at " << size;
    }
  }
  for (const auto& [what, times] : seen) std::cout << what << ": " << times << "\n";
  EXPECT_THAT(seen, ::testing::SizeIs(8));
}

TEST_F(LinkedEventsTest, AnyOrderEndsInTheSameAnswers) {
  for (uint64_t seed = 1000; seed < 1020 && !HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::vector<SentEvent> sent = MakeLinkedEvents(seed, 60);
    // Of one source's events in one transaction that are alike but for their id, the first one that
    // comes counts.
    for (size_t i = 0; i < sent.size(); ++i) sent[i].time_us += static_cast<int64_t>(i);
    std::vector<size_t> order(sent.size());
    std::iota(order.begin(), order.end(), 0);
    std::map<std::string, int> seen;
    const std::string want = Show(RecountLinked(sent, order, order.size(), &seen));
    for (int i = 0; i < 20 && !HasFailure(); ++i) {
      std::shuffle(order.begin(), order.end(), random_);
      const LinkedLog log = LinkInOrder(sent, order);
      Engine engine;
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

TEST_F(LinkedEventsTest, ABlockThatWasNotAppendedIsReadAgain) {
  const std::vector<SentEvent> sent = MakeLinkedEvents(5, 50);
  std::vector<size_t> order(sent.size());
  std::iota(order.begin(), order.end(), 0);
  const LinkedLog log = LinkInOrder(sent, order);
  MemoryStore memory;
  Fold fold(&memory);
  for (uint64_t leaf = 0; leaf < order.size(); leaf += 10) {
    const std::string block = Block(log, leaf, std::min<uint64_t>(order.size(), leaf + 10));
    ASSERT_OK_AND_ASSIGN(auto reader, ledger::BlockReader::Open(block));
    EffectBatch lost;
    ASSERT_OK(fold.Read(reader, &lost));
    Append(block, &fold, &memory);
  }
  std::map<std::string, int> seen;
  EXPECT_EQ(Show(Read(memory, order.size())),
            Show(RecountLinked(sent, order, order.size(), &seen)));
}

}  // namespace
}  // namespace tidemark::analytics::testing
