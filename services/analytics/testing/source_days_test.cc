// Days of sources: what stands of them and how they are closed, folded as blocks of the log into
// both engines, against a recount from nothing: at every size of the log, across restarts.
#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "clients/cpp/ledger/block_builder.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/analytics/domain/floor_div.h"
#include "services/analytics/domain/fold.h"
#include "services/analytics/domain/precedence_history.h"
#include "services/analytics/domain/source_day_fold.h"
#include "services/analytics/domain/standing_sums.h"
#include "services/analytics/store/memory_store.h"
#include "services/analytics/testing/folded_folder.h"
#include "services/analytics/testing/linked_world.h"

namespace tidemark::analytics::testing {
namespace {

constexpr int32_t kFirstDay = -1;
constexpr int32_t kEndDay = 9;
const std::vector<std::string> kSources = {"s0", "s1", "s2", "s3"};

// Shanghai's days begin eight hours before those of UTC.
int32_t DayOf(int64_t time_us) {
  return static_cast<int32_t>(FloorDiv(time_us + int64_t{8} * 3600 * 1'000'000, kDay));
}

using SourceDay = std::pair<std::string, int32_t>;

// A record of the log: an event, totals of a day, or a mark of the catalog.
struct Item {
  enum { kEvent, kTotals, kMark } what = kEvent;
  size_t position = 0;  // of the event, in the order of events
  SourceDay day;
  DaySums totals;
  uint64_t version = 0;
};

struct Log {
  std::vector<SentEvent> sent;
  std::vector<size_t> order;
  LinkedLog linked;  // leaves are those of the log
  std::vector<Item> items;
};

// What the log comes to at a size, by the words of the definition.
struct Expected {
  std::map<SourceDay, StandingSums> sums;
  std::map<SourceDay, DayTotals> totals;
  std::set<std::string> watched;

  SourceDayState StateOf(const SourceDay& day) const {
    const auto found = sums.find(day);
    const StandingSums stands = found == sums.end() ? StandingSums() : found->second;
    const auto closed = totals.find(day);
    if (closed != totals.end()) {
      return StandingSums(closed->second.sums) == stands ? SourceDayState::kComplete
                                                         : SourceDayState::kDifferent;
    }
    return stands.events > 0 ? SourceDayState::kOpen : SourceDayState::kSilent;
  }
};

// A MemoryStore that has no memory for the first questions, and counts what is read of it.
class StoreWithoutMemory final : public StatStore {
 public:
  StoreWithoutMemory(const StatStore* store, int refusals) : store_(*store), refusals_(refusals) {}
  int notes_read() const { return notes_read_; }

  absl::Status Append(const EffectBatch&) override { return absl::UnimplementedError(""); }
  uint64_t folded_size() const override { return store_.folded_size(); }
  std::string log_id() const override { return store_.log_id(); }
  absl::StatusOr<SnapshotInfo> Snapshot(uint64_t size) const override {
    return store_.Snapshot(size);
  }
  uint64_t LogSizeAt(int64_t time_us) const override { return store_.LogSizeAt(time_us); }
  std::shared_ptr<const CodeList> Codes(Field field) const override { return store_.Codes(field); }
  bool HasCode(Field, std::string_view, uint64_t) const override { return false; }
  bool HasOrder(std::string_view, uint64_t) const override { return false; }
  TimeBounds EventTimes(uint64_t log_size) const override { return store_.EventTimes(log_size); }
  uint64_t DataVersion(int64_t, int64_t, uint64_t) const override { return 0; }
  absl::StatusOr<EngineResult> Run(const EngineQuery& query) const override {
    if (refusals_-- > 0) return absl::ResourceExhaustedError("others have it");
    return store_.Run(query);
  }
  absl::StatusOr<uint64_t> EachConsumer(
      const EngineQuery& query,
      absl::FunctionRef<absl::Status(std::span<const Consumption>)> take) const override {
    return store_.EachConsumer(query, take);
  }
  StoreStats Stats() const override { return {}; }
  absl::StatusOr<std::vector<EventFacts>> ReadEvents(
      std::span<const uint64_t> leaves) const override {
    return store_.ReadEvents(leaves);
  }
  absl::Status ReadNotes(absl::FunctionRef<absl::Status(std::string_view)> take) const override {
    ++notes_read_;
    return store_.ReadNotes(take);
  }

 private:
  const StatStore& store_;
  mutable int refusals_;
  mutable int notes_read_ = 0;
};

class SourceDaysTest : public ::testing::Test {
 protected:
  SourceDaysTest() : history_({}) {
    catalog_client::CatalogBuilder catalog;
    catalog.Observatory("Asia/Shanghai", {1969, 1, 1});
    for (const std::string& source : kSources) catalog.Source(source);
    catalog.Source("s3").set_closes_days(true);
    catalog.Commit();
    // s1 begins to close days, s3 ceases to.
    catalog.Source("s1").set_closes_days(true);
    catalog.Source("s3").set_closes_days(false);
    // Another of the events of each transaction counts, which is nothing to the days.
    auto& observatory = catalog.Observatory("Asia/Shanghai", {1969, 1, 1});
    observatory.add_precedence(ingest::v1::REPORTING_ROLE_DEPARTMENT);
    observatory.add_precedence(ingest::v1::REPORTING_ROLE_LOGISTICS);
    observatory.add_precedence(ingest::v1::REPORTING_ROLE_PAYMENT);
    catalog.Commit();
    EXPECT_OK(catalog.AppendTo(&history_));
  }

  struct Engine : FoldedFolder {
    std::unique_ptr<SourceDayFold> days;

    void Open(size_t chunk, PrecedenceAt precedence, catalog_client::CatalogHistory* history) {
      days.reset();
      FoldedFolder::Open(chunk, std::move(precedence));
      days = std::make_unique<SourceDayFold>(store.get(), &fold->links(), history);
    }
  };

  PrecedenceAt PrecedenceOf() {
    return [this](uint64_t version) { return precedence_.At(version); };
  }
  uint64_t Below(uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_); }

  static Expected Recount(const Log& log, uint64_t size) {
    Expected expected;
    std::map<std::pair<std::string, std::string>, const SentEvent*> highest;
    for (uint64_t leaf = 0; leaf < size; ++leaf) {
      const Item& item = log.items[leaf];
      if (item.what == Item::kMark) {
        expected.watched.insert(item.version == 1 ? "s3" : "s1");
      } else if (item.what == Item::kTotals) {
        expected.totals[item.day] = {leaf, item.totals};
        expected.watched.insert(item.day.first);
      } else {
        const SentEvent& event = log.sent[log.order[item.position]];
        const SentEvent*& found = highest[event.identity()];
        if (found == nullptr || event.revision > found->revision) found = &event;
      }
    }
    for (const auto& [identity, event] : highest) {
      if (event->kind == ledger::EventKind::kVoid) continue;
      StandingSums& sums = expected.sums[{event->source, DayOf(event->time_us)}];
      ++sums.events;
      if (event->kind == ledger::EventKind::kPurchase) sums.gross += event->amount;
      if (event->kind == ledger::EventKind::kRefund) sums.refunds += event->amount;
    }
    return expected;
  }

  Log MakeLog(uint64_t seed) {
    Log log;
    log.sent = MakeLinkedEvents(seed, 5 + Below(60));
    log.order.resize(log.sent.size());
    std::iota(log.order.begin(), log.order.end(), 0);
    if (seed % 3 != 0) std::shuffle(log.order.begin(), log.order.end(), random_);
    log.linked = LinkInOrder(log.sent, log.order);
    log.items.push_back({.what = Item::kMark, .version = 1});
    const size_t second_mark = Below(log.order.size());
    for (size_t position = 0; position < log.order.size(); ++position) {
      if (position == second_mark) log.items.push_back({.what = Item::kMark, .version = 2});
      log.items.push_back({.position = position});
      while (Below(3) == 0) AddTotals(&log);
    }
    MoveLeaves(&log);
    return log;
  }

  // From positions among the events to those in the log.
  static void MoveLeaves(Log* log) {
    std::vector<uint64_t> leaf_of;
    for (uint64_t leaf = 0; leaf < log->items.size(); ++leaf) {
      if (log->items[leaf].what == Item::kEvent) leaf_of.push_back(leaf);
    }
    const auto moved = [&](uint64_t leaf) { return leaf < leaf_of.size() ? leaf_of[leaf] : leaf; };
    for (ledger::EventRecord& record : log->linked.records) {
      record.original_leaf = moved(record.original_leaf);
      record.previous_leaf = moved(record.previous_leaf);
      record.transaction_leaf = moved(record.transaction_leaf);
    }
    for (std::vector<uint64_t>& resolves : log->linked.resolves) {
      for (uint64_t& leaf : resolves) leaf = moved(leaf);
    }
  }

  // Of what is there, of what will be there in the end, or of anything.
  void AddTotals(Log* log) {
    Item item{.what = Item::kTotals};
    item.day = {kSources[Below(4)], static_cast<int32_t>(Below(7))};
    Log whole = *log;
    if (Below(3) == 0) {
      for (size_t position = 0; position < log->order.size(); ++position)
        whole.items.push_back({.position = position});
    }
    const StandingSums sums = Recount(whole, whole.items.size()).sums[item.day];
    item.totals = {.events = sums.events,
                   .gross = static_cast<int64_t>(sums.gross),
                   .refunds = static_cast<int64_t>(sums.refunds)};
    if (Below(4) == 0) item.totals.gross += 1;
    log->items.push_back(item);
  }

  static std::string Block(const Log& log, uint64_t first, uint64_t end) {
    ledger::BlockBuilder builder;
    for (uint64_t leaf = first; leaf < end; ++leaf) {
      const Item& item = log.items[leaf];
      if (item.what == Item::kMark) {
        EXPECT_OK(builder.AddCatalogMark({.version = item.version, .hash = {}}));
      } else if (item.what == Item::kTotals) {
        EXPECT_OK(builder.AddSourceDay({.source = item.day.first,
                                        .day = item.day.second,
                                        .events = static_cast<uint64_t>(item.totals.events),
                                        .gross = item.totals.gross,
                                        .refunds = item.totals.refunds,
                                        .principal = "p"}));
      } else {
        EXPECT_OK(builder.Add(log.linked.records[item.position]));
      }
    }
    return FinishBlock(first, &builder);
  }

  static void Read(const std::string& block, Fold* fold, SourceDayFold* days, StatStore* store,
                   bool append = true) {
    ASSERT_OK_AND_ASSIGN(auto reader, ledger::BlockReader::Open(block));
    EffectBatch batch;
    ASSERT_OK(fold->Read(reader, &batch));
    ASSERT_OK(days->Read(reader, &batch));
    if (!append) return;
    ASSERT_OK(store->Append(batch));
  }

  void Compare(const Log& log, uint64_t size, const StatStore& store, const LinkFold& links,
               const SourceDayFold& days) {
    const Expected want = Recount(log, size);
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &zone));
    catalog_client::LocalDays calendar(zone);
    std::map<SourceDay, StandingSums> sums;
    ASSERT_OK(ReadStanding(store, links, &calendar, kSources, kFirstDay, kEndDay, size,
                           [&](size_t source, int32_t day, const StandingSums& part) {
                             sums[{kSources[source], day}].Add(part);
                           }));
    for (const std::string& source : kSources) {
      std::map<int32_t, SourceDayState> states;
      ASSERT_OK(days.ReadStates(source, size, kFirstDay, kEndDay,
                                [&](int32_t day, SourceDayState state) { states[day] = state; }));
      std::map<int32_t, DayTotals> totals;
      ASSERT_OK(days.ReadTotals(source, size, kFirstDay, kEndDay,
                                [&](int32_t day, const DayTotals& t) { totals[day] = t; }));
      for (int32_t day = kFirstDay; day < kEndDay; ++day) {
        SCOPED_TRACE(absl::StrCat(source, " day ", day, " at ", size));
        const auto expected = want.sums.find({source, day});
        const StandingSums stands = expected == want.sums.end() ? StandingSums() : expected->second;
        EXPECT_TRUE((sums[{source, day}] == stands));
        const auto closed = want.totals.find({source, day});
        EXPECT_EQ(totals.contains(day), closed != want.totals.end());
        if (totals.contains(day) && closed != want.totals.end()) {
          EXPECT_EQ(totals[day].leaf, closed->second.leaf);
          EXPECT_TRUE(totals[day].sums == closed->second.sums);
        }
        if (!want.watched.contains(source)) continue;
        const SourceDayState state = want.StateOf({source, day});
        ++seen_[static_cast<int>(state)];
        EXPECT_EQ(states.contains(day) ? states[day] : SourceDayState::kSilent, state);
      }
    }
  }

  catalog_client::CatalogHistory history_;
  PrecedenceHistory precedence_{&history_};
  std::mt19937_64 random_{11};
  std::map<int, int> seen_;
};

TEST_F(SourceDaysTest, EverySnapshotEqualsTheRecount) {
  for (uint64_t seed = 0; seed < 60 && !HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    const Log log = MakeLog(seed);
    MemoryStore memory;
    Fold fold(&memory, PrecedenceOf());
    SourceDayFold days(&memory, &fold.links(), &history_);
    Engine engine;
    const size_t chunk = 1 + Below(30);
    engine.Open(chunk, PrecedenceOf(), &history_);
    for (uint64_t leaf = 0; leaf < log.items.size() && !HasFatalFailure();) {
      const uint64_t end = std::min<uint64_t>(log.items.size(), leaf + 1 + Below(12));
      const std::string block = Block(log, leaf, end);
      if (Below(8) == 0) Read(block, &fold, &days, &memory, /*append=*/false);
      Read(block, &fold, &days, &memory);
      Read(block, engine.fold.get(), engine.days.get(), engine.store.get());
      leaf = end;
      if (Below(4) != 0) continue;
      // What was not written is folded again.
      engine.Open(chunk, PrecedenceOf(), &history_);
      if (Below(2) == 0) {
        Compare(log, engine.store->folded_size(), *engine.store, engine.fold->links(),
                *engine.days);
      }
      for (uint64_t again = engine.store->folded_size(); again < leaf;) {
        const uint64_t stop = std::min<uint64_t>(leaf, again + 1 + Below(12));
        Read(Block(log, again, stop), engine.fold.get(), engine.days.get(), engine.store.get());
        again = stop;
      }
    }
    for (uint64_t size = 0; size <= log.items.size() && !HasFailure(); ++size) {
      Compare(log, size, memory, fold.links(), days);
      Compare(log, size, *engine.store, engine.fold->links(), *engine.days);
    }
  }
  for (int state = 1; state <= 4; ++state) EXPECT_GT(seen_[state], 1000) << state;
}

// Live, after a restart at any place, and where the source is watched only then.
TEST_F(SourceDaysTest, SumsMayPass64BitsAndComeBack) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  for (const bool watched_before : {true, false}) {
    Log log;
    const auto add = [&log](SentEvent event) {
      log.order.push_back(log.sent.size());
      log.items.push_back({.position = log.sent.size()});
      log.sent.push_back(std::move(event));
    };
    const auto close = [&log](int64_t events, int64_t gross) {
      log.items.push_back({.what = Item::kTotals,
                           .day = {"s0", 3},
                           .totals = {.events = events, .gross = gross, .refunds = 0}});
    };
    log.items.push_back({.what = Item::kMark, .version = 1});
    if (watched_before) close(1, 6);
    for (const char* id : {"a", "b", "c"})
      add({.source = "s0", .id = id, .time_us = 3 * kDay, .amount = kMost});
    // As 64 bits have the sum.
    close(3, static_cast<int64_t>(3 * static_cast<uint64_t>(kMost)));
    int64_t amount = 6;
    for (const char* id : {"a", "b", "c"}) {
      add({.source = "s0", .id = id, .revision = 1, .time_us = 3 * kDay, .amount = amount--});
      close(3, 15);
    }
    log.linked = LinkInOrder(log.sent, log.order);
    MoveLeaves(&log);
    ASSERT_EQ(Recount(log, log.items.size()).StateOf({"s0", 3}), SourceDayState::kComplete);
    for (uint64_t restart = 0; restart <= log.items.size() && !HasFailure(); ++restart) {
      SCOPED_TRACE(absl::StrCat("restart at ", restart));
      MemoryStore store;
      auto fold = std::make_unique<Fold>(&store, PrecedenceOf());
      auto days = std::make_unique<SourceDayFold>(&store, &fold->links(), &history_);
      for (uint64_t leaf = 0; leaf < log.items.size(); ++leaf) {
        if (leaf == restart) {
          fold = std::make_unique<Fold>(&store, PrecedenceOf());
          days = std::make_unique<SourceDayFold>(&store, &fold->links(), &history_);
        }
        Read(Block(log, leaf, leaf + 1), fold.get(), days.get(), &store);
      }
      for (uint64_t size = 0; size <= log.items.size() && !HasFailure(); ++size)
        Compare(log, size, store, fold->links(), *days);
    }
  }
}

TEST_F(SourceDaysTest, NothingIsKeptWhileNobodyClosesDays) {
  MemoryStore memory;
  Fold fold(&memory);
  SourceDayFold days(&memory, &fold.links(), nullptr);
  Log log;
  log.sent = {{.source = "s0", .id = "a", .amount = 5}};
  log.order = {0};
  log.linked = LinkInOrder(log.sent, log.order);
  log.items = {{}};
  const std::string block = Block(log, 0, 1);
  ASSERT_OK_AND_ASSIGN(auto reader, ledger::BlockReader::Open(block));
  EffectBatch batch;
  ASSERT_OK(fold.Read(reader, &batch));
  ASSERT_OK(days.Read(reader, &batch));
  EXPECT_TRUE(batch.notes.empty());
  EXPECT_EQ(days.memory_bytes(), 0u);
}

// The notes are read once, however often a block has to be tried.
TEST_F(SourceDaysTest, ABlockIsTriedUntilThereIsMemoryForIt) {
  MemoryStore memory;
  Fold fold(&memory, PrecedenceOf());
  Log log;
  log.sent = {{.source = "s0", .id = "a", .time_us = 3 * kDay, .amount = 5}};
  log.order = {0};
  log.linked = LinkInOrder(log.sent, log.order);
  log.items = {{.what = Item::kMark, .version = 1},
               {.position = 0},
               {.what = Item::kTotals, .day = {"s0", 3}, .totals = {.events = 1, .gross = 5}}};
  {
    SourceDayFold days(&memory, &fold.links(), &history_);
    Read(Block(log, 0, 2), &fold, &days, &memory);
  }
  const StoreWithoutMemory store(&memory, 3);
  SourceDayFold days(&store, &fold.links(), &history_);
  const std::string block = Block(log, 2, 3);
  ASSERT_OK_AND_ASSIGN(auto reader, ledger::BlockReader::Open(block));
  EffectBatch batch;
  ASSERT_OK(fold.Read(reader, &batch));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(absl::IsResourceExhausted(days.Read(reader, &batch)));
  ASSERT_OK(days.Read(reader, &batch));
  EXPECT_EQ(store.notes_read(), 1);
  ASSERT_OK(memory.Append(batch));
  Compare(log, 3, memory, fold.links(), days);
}

// Until its catalog is there; the block is read again then.
TEST_F(SourceDaysTest, ADayIsNotClosedBeforeTheCatalogIsThere) {
  MemoryStore memory;
  Fold fold(&memory);
  catalog_client::CatalogHistory empty({});
  SourceDayFold days(&memory, &fold.links(), &empty);
  Log log;
  log.items = {{.what = Item::kMark, .version = 1}, {.what = Item::kTotals, .day = {"s0", 3}}};
  const std::string block = Block(log, 0, 2);
  ASSERT_OK_AND_ASSIGN(auto reader, ledger::BlockReader::Open(block));
  EffectBatch batch;
  ASSERT_OK(fold.Read(reader, &batch));
  EXPECT_TRUE(absl::IsUnavailable(days.Read(reader, &batch)));
  SourceDayFold later(&memory, &fold.links(), &history_);
  ASSERT_OK(later.Read(reader, &batch));
  ASSERT_OK(memory.Append(batch));
  std::map<int32_t, SourceDayState> states;
  ASSERT_OK(later.ReadStates("s0", 2, 0, 10,
                             [&](int32_t day, SourceDayState state) { states[day] = state; }));
  EXPECT_EQ(states[3], SourceDayState::kComplete);
}

}  // namespace
}  // namespace tidemark::analytics::testing
