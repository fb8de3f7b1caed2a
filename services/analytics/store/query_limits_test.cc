// Queries that must not go on: stopped, too large, out of memory.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/executor.h"
#include "common/status/status_macros.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/analytics/store/first_times.h"
#include "services/analytics/store/query_control.h"
#include "services/analytics/store/random_world.h"
#include "services/analytics/store/run_store.h"
#include "services/analytics/store/run_together.h"

namespace tidemark::analytics {
namespace {

using testing::FaultFileSystem;
using ::testing::HasSubstr;
using testing::StatusIs;

constexpr char kLog[] = "00000000000000000000000000000001";
constexpr size_t kRows = 20'000;

// kRows purchases of as many products, consumers and orders.
class QueryLimitsTest : public ::testing::Test {
 protected:
  void Open(WorkLimits limits, int threads = 2) {
    store_.reset();
    auto opened = RunStore::Open({.fs = &fs_,
                                  .dir = "/statistics",
                                  .threads = threads,
                                  .rebuild = true,
                                  .background = false,
                                  .limits = limits});
    ASSERT_OK(opened);
    store_ = *std::move(opened);
    std::vector<PlainEffect> effects(kRows);
    for (size_t i = 0; i < kRows; ++i) {
      PlainEffect& effect = effects[i];
      effect.time_us = static_cast<int64_t>(i);
      effect.amount = static_cast<int64_t>(i * 2'654'435'761 % 1'000'003);
      effect.fields[static_cast<int>(Field::kSource)] = "s";
      effect.fields[static_cast<int>(Field::kProduct)] = absl::StrCat("p", i % kProducts);
      effect.order = absl::StrCat("o", i % kProducts);
      effect.pseudonym = std::string(16, 'x');
      std::memcpy(effect.pseudonym.data(), &i, sizeof(i));
    }
    OwnedBatch block(kLog, 0, 0, std::move(effects), 1);
    ASSERT_OK(store_->Append(block.batch()));
  }

  // By product, or all in one cell.
  EngineQuery Query(std::vector<Aggregate> aggregates, bool by_product = true) const {
    EngineQuery query;
    query.log_size = store_->folded_size();
    query.slices = {{INT64_MIN, INT64_MAX, 0, 0}};
    query.period_count = 1;
    query.aggregates = std::move(aggregates);
    if (!by_product) return query;
    auto table = std::make_shared<GroupTable>();
    for (uint32_t code = 0; code <= kProducts; ++code) table->groups.push_back(code);
    query.groupings = {{Field::kProduct, {table}, kProducts + 1}};
    return query;
  }

  static constexpr uint32_t kProducts = 2'000;
  FaultFileSystem fs_;
  std::unique_ptr<RunStore> store_;
};

TEST_F(QueryLimitsTest, WhatReadsMoreThanMaxRowsIsNotBegun) {
  Open({});
  bool read = false;
  EngineQuery query = Query({Aggregate::kGross}, false);
  query.stop = [&] {
    read = true;
    return absl::OkStatus();
  };
  query.max_rows = kRows - 1;
  EXPECT_THAT(store_->Run(query), StatusIs(absl::StatusCode::kAborted));
  EXPECT_FALSE(read);
  query.max_rows = kRows;
  EXPECT_OK(store_->Run(query));
  EXPECT_TRUE(read);
  for (Aggregate distinct : {Aggregate::kOrders, Aggregate::kConsumers, Aggregate::kNewConsumers}) {
    query.aggregates = {distinct};
    EXPECT_THAT(store_->Run(query), StatusIs(absl::StatusCode::kAborted));
  }
  query.aggregates = {};
  query.quantiles = {5000};
  EXPECT_THAT(store_->Run(query), StatusIs(absl::StatusCode::kAborted));
}

// Every way of working, each with little memory per query.
TEST_F(QueryLimitsTest, MemoryOfAQueryIsBounded) {
  const uint64_t little = 30'000;
  const std::vector<Aggregate> distinct = {Aggregate::kConsumers, Aggregate::kOrders};
  for (const bool bitmaps : {false, true}) {
    for (const bool few_cells : {false, true}) {
      SCOPED_TRACE(absl::StrCat(bitmaps, few_cells));
      WorkLimits limits;
      if (!bitmaps) limits.bitmap_bytes = 0;
      if (!few_cells) limits.few_cells = limits.dense_bytes = 0;
      limits.rows_per_task = 500;
      limits.rows_per_thread = 500;
      Open(limits);
      ASSERT_OK(store_->Run(Query(distinct)));
      limits.query_bytes = little;
      Open(limits);
      EXPECT_THAT(store_->Run(Query(distinct)),
                  StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("shorter range")));
      // One cell's bitmaps are small, its lists are not.
      EXPECT_EQ(store_->Run(Query(distinct, /*by_product=*/false)).ok(), bitmaps);
      EXPECT_THAT(store_->Run(Query({Aggregate::kNewConsumers}, /*by_product=*/false)),
                  StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("new_consumers")));
      // All of it was given back.
      EXPECT_OK(store_->Run(Query({Aggregate::kGross}, /*by_product=*/false)));
    }
  }
}

TEST_F(QueryLimitsTest, WhoConsumedWhereCountsTowardsTheMemory) {
  const auto count = [this](const EngineQuery& query) -> absl::StatusOr<size_t> {
    size_t consumers = 0;
    TM_RETURN_IF_ERROR(store_
                           ->EachConsumer(query,
                                          [&](std::span<const Consumption>) {
                                            ++consumers;
                                            return absl::OkStatus();
                                          })
                           .status());
    return consumers;
  };
  WorkLimits limits;
  limits.rows_per_task = limits.rows_per_thread = 500;
  limits.few_cells = 1;
  Open(limits);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(*count(Query({})), kRows);
  limits.query_bytes = 200'000;
  Open(limits);
  EXPECT_THAT(count(Query({}, /*by_product=*/false)),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("shorter range")));
  // All of it was given back.
  EXPECT_OK(store_->Run(Query({Aggregate::kGross}, /*by_product=*/false)));
}

TEST_F(QueryLimitsTest, QuantilesCountTowardsTheMemory) {
  WorkLimits limits;
  limits.query_bytes = uint64_t{1} << 20;
  Open(limits);
  EngineQuery query = Query({});
  EXPECT_OK(store_->Run(query));
  query.quantiles = {5000};
  EXPECT_THAT(store_->Run(query),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("quantiles")));
}

TEST_F(QueryLimitsTest, QueriesShareOneBudgetAndGiveBackWhatTheyTook) {
  WorkLimits limits;
  limits.all_queries_bytes = uint64_t{16} << 20;
  Open(limits);
  const EngineQuery query = Query({Aggregate::kGross, Aggregate::kConsumers});
  for (int i = 0; i < 50; ++i) ASSERT_OK(store_->Run(query));
  // A second one while the first holds its tables.
  limits.all_queries_bytes = 250'000;
  Open(limits);
  std::atomic<bool> inside = false;
  absl::StatusOr<EngineResult> second = absl::UnknownError("not asked");
  EngineQuery first = query;
  first.aggregates = {Aggregate::kGross};
  EngineQuery same = first;
  first.stop = [&] {
    if (!inside.exchange(true)) second = store_->Run(same);
    return absl::OkStatus();
  };
  ASSERT_OK(store_->Run(first));
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("ask again")));
  EXPECT_OK(store_->Run(same));
}

TEST_F(QueryLimitsTest, TooManyCellsEndTheSearchForThem) {
  WorkLimits limits;
  limits.few_cells = limits.dense_bytes = 0;
  limits.rows_per_task = 2'048;
  Open(limits, /*threads=*/1);
  EngineQuery query = Query({Aggregate::kGross});
  query.max_cells = 5;
  std::atomic<int> asked = 0;
  query.stop = [&] {
    ++asked;
    return absl::OkStatus();
  };
  EXPECT_THAT(store_->Run(query),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("more than 5 cells")));
  EXPECT_LT(asked, 3) << "the first task has met too many";
}

// A stop after any number of questions ends the query, whatever it was doing.
TEST_F(QueryLimitsTest, AQueryStopsWhereverItIs) {
  WorkLimits limits;
  limits.few_cells = limits.dense_bytes = limits.bitmap_bytes = 0;
  limits.rows_per_task = 2'000;
  limits.rows_per_thread = 2'000;
  limits.histogram_bytes = 20'000;
  limits.collect_amounts = 10;
  Open(limits);
  EngineQuery query = Query({Aggregate::kGross, Aggregate::kNewConsumers});
  query.quantiles = {5000, 9000};
  query.order_filters = {{{"o1", "o2"}, false, true}};
  std::atomic<int> asked = 0;
  query.stop = [&] {
    ++asked;
    return absl::OkStatus();
  };
  ASSERT_OK(store_->Run(query));
  const int questions = asked;
  ASSERT_GT(questions, 100) << "many scans for the quantiles";
  for (int last = 1; last < questions / 2; last += 1 + last / 4) {
    asked = 0;
    query.stop = [&]() -> absl::Status {
      return ++asked < last ? absl::OkStatus() : absl::DeadlineExceededError("too late");
    };
    EXPECT_THAT(store_->Run(query), StatusIs(absl::StatusCode::kDeadlineExceeded, "too late"));
    EXPECT_LE(asked, last + 1) << "one more per other thread";
  }
}

TEST_F(QueryLimitsTest, NewConsumersOfOneSnapshotAreFoundOnce) {
  Open({});
  const EngineQuery query = Query({Aggregate::kNewConsumers}, /*by_product=*/false);
  ASSERT_OK_AND_ASSIGN(const EngineResult alone, store_->Run(query));
  EXPECT_EQ(alone.aggregates[0][0], static_cast<int64_t>(kRows));
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t i = 1; i <= 20; ++i) {
        EngineQuery asked = query;
        asked.log_size = i * 1'000 - (t % 2);  // two snapshots at a time
        const auto result = store_->Run(asked);
        if (result.ok() && result->aggregates[0][0] == static_cast<int64_t>(asked.log_size))
          ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 80);
}

TEST(FirstTimesTest, SharesAnAnswerAndSurvivesItsMakersFailure) {
  MemoryBudget budget(1 << 20);
  FirstTimes times;
  const std::function<absl::Status()> never, stopped = [] { return absl::CancelledError(""); };
  {
    QueryControl control(stopped, 1 << 20, &budget);
    EXPECT_THAT(times.At(5, 100, {}, {}, control), StatusIs(absl::StatusCode::kCancelled));
  }
  {
    QueryControl control(never, 100, &budget);
    EXPECT_THAT(times.At(5, 100, {}, {}, control), StatusIs(absl::StatusCode::kResourceExhausted));
  }
  QueryControl first(never, 1 << 20, &budget), second(never, 1 << 20, &budget);
  ASSERT_OK_AND_ASSIGN(const auto a, times.At(5, 100, {}, {}, first));
  ASSERT_OK_AND_ASSIGN(const auto b, times.At(5, 100, {}, {}, second));
  EXPECT_EQ(a, b);
  EXPECT_GT(first.used(), 0u);
  EXPECT_EQ(second.used(), 0u) << "shared, not copied";
  // An older snapshot is shared as well while somebody has it.
  ASSERT_OK_AND_ASSIGN(const auto old_a, times.At(4, 100, {}, {}, first));
  ASSERT_OK_AND_ASSIGN(const auto old_b, times.At(4, 100, {}, {}, second));
  EXPECT_EQ(old_a, old_b);
  EXPECT_NE(old_a, a);
  ASSERT_OK_AND_ASSIGN(const auto other, times.At(5, 100, {3}, {}, second));
  EXPECT_NE(other, a) << "other sources are left out";
}

TEST(QueryControlTest, TheFirstFailureStays) {
  MemoryBudget budget(1'000);
  const std::function<absl::Status()> never;
  {
    QueryControl a(never, 600, &budget), b(never, 600, &budget);
    EXPECT_TRUE(a.Take(600));
    EXPECT_FALSE(a.Take(1));
    EXPECT_THAT(a.status(), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("one may")));
    a.Fail(absl::CancelledError("later"));
    EXPECT_THAT(a.status(), StatusIs(absl::StatusCode::kResourceExhausted));
    EXPECT_TRUE(b.Take(400));
    EXPECT_TRUE(b.Continue());
    EXPECT_FALSE(b.Take(1));
    EXPECT_FALSE(b.Continue());
    EXPECT_EQ(budget.used(), 1'000u);
  }
  EXPECT_EQ(budget.used(), 0u);
}

// Runs what is posted on a thread each.
class Threads final : public base::Executor {
 public:
  ~Threads() override {
    for (std::thread& thread : threads_) thread.join();
  }
  bool TryPost(absl::AnyInvocable<void()> task) override {
    threads_.emplace_back(std::move(task));
    return true;
  }

 private:
  std::vector<std::thread> threads_;
};

TEST(RunTogetherTest, WaitsForHelpersWhenTheCallerThrows) {
  Threads pool;
  std::atomic<int> inside = 0, started = 0;
  for (int i = 0; i < 20; ++i) {
    started = 0;
    const auto work = [&](size_t thread) {
      ++inside;
      ++started;
      while (thread == 0 && started < 2) std::this_thread::yield();  // a helper is in
      --inside;
      if (thread == 0) throw std::bad_alloc();
    };
    EXPECT_THROW(RunTogether(&pool, 3, work), std::bad_alloc);
    EXPECT_EQ(inside, 0);
  }
}

TEST(RunTogetherTest, AHelpersFailureIsTheCallers) {
  Threads pool;
  std::atomic<bool> thrown = false;
  const auto work = [&](size_t thread) {
    if (thread == 1) {
      thrown = true;
      throw std::bad_alloc();
    }
    while (!thrown) std::this_thread::yield();
  };
  EXPECT_THROW(RunTogether(&pool, 2, work), std::bad_alloc);
}

// A sink that has no memory on one of the threads.
class Failing final : public Sink {
 public:
  explicit Failing(bool fails) : fails_(fails) {}
  void Add(ScanBlock&) override {
    if (fails_) throw std::bad_alloc();
  }

 private:
  const bool fails_;
};

TEST(ParallelScanTest, ASinkWithoutMemoryEndsTheQuery) {
  PlainEffect effect;
  effect.fields[static_cast<int>(Field::kSource)] = "s";
  OwnedBatch block(kLog, 0, 0, std::vector<PlainEffect>(1'000, effect), 1);
  RawChunk chunk(0, 1'000, std::make_shared<ChunkMemory>());
  const std::vector<CodeId> codes = {0, 1};
  RawChunk::Ids ids;
  for (auto& field : ids.codes) field = codes.data();
  ASSERT_OK(chunk.Append(block.batch(), ids, {}, [](uint64_t leaf) { return NoEventAt(leaf); }));
  const RowGroup group = chunk.Rows(1'000);
  EngineQuery query;
  query.log_size = 1'000;
  query.slices = {{INT64_MIN, INT64_MAX, 0, 0}};
  query.period_count = 1;
  ScanFacts facts;
  facts.limits.rows_per_task = 10;
  Threads pool;
  for (const int failing : {0, 1}) {
    MemoryBudget budget(1 << 20);
    QueryControl control(query.stop, 1 << 20, &budget);
    const ScanPlan plan(query, facts, control, {&group});
    Failing first(failing == 0), second(true);
    const ParallelScan scan(&pool, 2);
    EXPECT_THAT(scan.Run(plan, CellSpace(1), {{failing == 0 ? &first : &second}, {&second}}),
                StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("memory")));
  }
}

}  // namespace
}  // namespace tidemark::analytics
