// What every StatStore promises, and that the columnar engine answers as the oracle does.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/analytics/store/memory_store.h"
#include "services/analytics/store/random_world.h"
#include "services/analytics/store/run_store.h"

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;
using testing::FaultFileSystem;
using ::testing::HasSubstr;
using testing::StatusIs;

constexpr char kLog[] = "00000000000000000000000000000001";
constexpr char kOtherLog[] = "00000000000000000000000000000002";

RunStore::Options SmallRuns(fs::FileSystem* fs) {
  return {.fs = fs,
          .dir = "/statistics",
          .chunk_effects = 37,
          .seal_effects = 150,
          .max_run_effects = 2500,
          .merge_runs = 3,
          .background = false};
}

// Cells as text lines, so that differences can be read.
std::vector<std::string> Lines(const absl::StatusOr<EngineResult>& result) {
  if (!result.ok()) return {std::string(absl::StatusCodeToString(result.status().code()))};
  std::vector<std::string> lines;
  for (size_t cell = 0; cell < result->period.size(); ++cell) {
    std::string line = absl::StrCat("p", result->period[cell]);
    for (const auto& groups : result->groups) absl::StrAppend(&line, " g", groups[cell]);
    if (!result->origin.empty()) absl::StrAppend(&line, " o", result->origin[cell]);
    for (const auto& values : result->aggregates) absl::StrAppend(&line, " a", values[cell]);
    for (const auto& values : result->quantiles) absl::StrAppend(&line, " q", values[cell]);
    lines.push_back(absl::StrCat(line, " n", result->purchases[cell]));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Who consumed where and when, without the pseudonyms, which no engine tells.
std::vector<std::string> ConsumerLines(const StatStore& store, const EngineQuery& query) {
  std::vector<std::string> lines;
  const auto take = [&](std::span<const Consumption> consumptions) {
    std::string line;
    uint64_t previous = 0;
    for (const Consumption& consumption : consumptions) {
      EXPECT_TRUE(line.empty() || consumption.cell > previous);
      previous = consumption.cell;
      std::vector<uint32_t> groups(query.groupings.size());
      absl::StrAppend(&line, " p", PeriodOfCell(query, consumption.cell, groups));
      for (const uint32_t group : groups) absl::StrAppend(&line, " g", group);
      absl::StrAppend(&line, " t", consumption.first_us);
    }
    lines.push_back(line);
    return absl::OkStatus();
  };
  const absl::StatusOr<uint64_t> read = store.EachConsumer(query, take);
  if (!read.ok()) return {std::string(absl::StatusCodeToString(read.status().code()))};
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Empty when they agree.
std::string Difference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> only_a, only_b;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only_a));
  std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(only_b));
  if (only_a.empty() && only_b.empty()) return "";
  only_a.resize(std::min<size_t>(only_a.size(), 5));
  only_b.resize(std::min<size_t>(only_b.size(), 5));
  return absl::StrCat("runs: ", absl::StrJoin(only_a, "; "),
                      "\noracle: ", absl::StrJoin(only_b, "; "));
}

struct Engine {
  std::string name;
  std::function<std::unique_ptr<StatStore>(FaultFileSystem*)> make;
};

class StatStoreTest : public ::testing::TestWithParam<Engine> {
 protected:
  StatStoreTest() : store_(GetParam().make(&fs_)) {}

  absl::Status Append(std::vector<PlainEffect> effects, uint32_t marks = 0, int64_t accepted = 1) {
    OwnedBatch block(kLog, store_->folded_size(), marks, std::move(effects), accepted);
    for (uint32_t i = 0; i < marks; ++i) {
      ++version_;
      block.batch().catalog_marks.push_back(
          {store_->folded_size() + i, version_, {static_cast<uint8_t>(version_), 1}});
    }
    return store_->Append(block.batch());
  }
  static PlainEffect Purchase(int64_t time_us, int64_t amount, std::string region = "r") {
    PlainEffect effect;
    effect.time_us = time_us;
    effect.amount = amount;
    effect.fields[static_cast<int>(Field::kSource)] = "s";
    effect.fields[static_cast<int>(Field::kConsumerRegion)] = std::move(region);
    return effect;
  }
  EngineQuery Everything(std::vector<Aggregate> aggregates) const {
    EngineQuery query;
    query.log_size = store_->folded_size();
    query.slices = {{INT64_MIN, INT64_MAX, 0, 0}};
    query.period_count = 1;
    query.aggregates = std::move(aggregates);
    return query;
  }

  FaultFileSystem fs_;
  std::unique_ptr<StatStore> store_;
  uint64_t version_ = 0;
};

TEST_P(StatStoreTest, EmptyStoreHasNothing) {
  EXPECT_EQ(store_->folded_size(), 0u);
  EXPECT_EQ(store_->log_id(), "");
  EXPECT_EQ(store_->LogSizeAt(100), 0u);
  EXPECT_EQ(store_->EventTimes(0).last_us, -1);
  EXPECT_EQ(store_->DataVersion(INT64_MIN, INT64_MAX, 0), 0u);
  EXPECT_THAT(*store_->Codes(Field::kSource), ElementsAre(""));
  EXPECT_THAT(Lines(store_->Run(Everything({Aggregate::kGross}))), ElementsAre());
}

TEST_P(StatStoreTest, BlocksMustFollowEachOther) {
  ASSERT_OK(Append({Purchase(1, 5)}));
  OwnedBatch gap(kLog, 2, 0, {Purchase(1, 5)}, 1);
  EXPECT_THAT(store_->Append(gap.batch()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("want 1")));
  OwnedBatch other(kOtherLog, 1, 0, {Purchase(1, 5)}, 1);
  EXPECT_THAT(store_->Append(other.batch()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(kLog)));
  EXPECT_EQ(store_->folded_size(), 1u);
  EXPECT_EQ(store_->log_id(), kLog);
}

TEST_P(StatStoreTest, CodesAreNumberedInOrderOfTheLog) {
  ASSERT_OK(Append({Purchase(1, 5, "b"), Purchase(1, 5, "a"), Purchase(1, 5, "b")}));
  ASSERT_OK(Append({Purchase(1, 5, "c"), Purchase(1, 5, "a")}));
  EXPECT_THAT(*store_->Codes(Field::kConsumerRegion), ElementsAre("", "b", "a", "c"));
  EXPECT_THAT(*store_->Codes(Field::kKind), ElementsAre("", "purchase"));
}

TEST_P(StatStoreTest, CodesAndOrdersAreKnownFromTheirFirstEffectOn) {
  PlainEffect ordered = Purchase(1, 5, "a");
  ordered.order = "o1";
  ASSERT_OK(Append({Purchase(1, 5, "b"), ordered, Purchase(1, 5, "b")}));
  ASSERT_OK(Append({Purchase(1, 5, "c")}));
  const auto known_from = [&](const auto& is_known) {
    uint64_t size = 0;
    while (size <= store_->folded_size() && !is_known(size)) ++size;
    return size;
  };
  const auto code = [&](const char* text) {
    return known_from(
        [&](uint64_t size) { return store_->HasCode(Field::kConsumerRegion, text, size); });
  };
  EXPECT_EQ(code("b"), 1u);
  EXPECT_EQ(code("a"), 2u);
  EXPECT_EQ(code("c"), 4u);
  EXPECT_EQ(code("d"), 5u);
  EXPECT_EQ(code(""), 5u);
  EXPECT_FALSE(store_->HasCode(Field::kCategory, "b", 4));
  EXPECT_EQ(known_from([&](uint64_t size) { return store_->HasOrder("o1", size); }), 2u);
  EXPECT_FALSE(store_->HasOrder("o2", 4));
}

TEST_P(StatStoreTest, SnapshotsTellTimeAndCatalog) {
  ASSERT_OK(Append({Purchase(1, 5)}, /*marks=*/2, /*accepted=*/10));
  ASSERT_OK(Append({Purchase(2, 5), Purchase(3, 5)}, /*marks=*/0, /*accepted=*/10));
  ASSERT_OK(Append({}, /*marks=*/1, /*accepted=*/20));
  EXPECT_EQ(store_->Snapshot(0)->catalog_version, 0u);
  EXPECT_EQ(store_->Snapshot(0)->accepted_time_us, 0);
  EXPECT_EQ(store_->Snapshot(1)->catalog_version, 1u);
  EXPECT_EQ(store_->Snapshot(5)->catalog_version, 2u);
  EXPECT_EQ(store_->Snapshot(5)->accepted_time_us, 10);
  EXPECT_EQ(store_->Snapshot(6)->catalog_version, 3u);
  EXPECT_EQ(store_->Snapshot(0)->catalog_hash, CatalogHash{});
  EXPECT_EQ(store_->Snapshot(1)->catalog_hash, (CatalogHash{1, 1}));
  EXPECT_EQ(store_->Snapshot(6)->catalog_hash, (CatalogHash{3, 1}));
  EXPECT_EQ(store_->Snapshot(6)->accepted_time_us, 20);
  EXPECT_THAT(store_->Snapshot(7), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_EQ(store_->LogSizeAt(9), 0u);
  EXPECT_EQ(store_->LogSizeAt(10), 5u);
  EXPECT_EQ(store_->LogSizeAt(20), 6u);
}

TEST_P(StatStoreTest, SumsThatDoNotFitAreOutOfRange) {
  ASSERT_OK(Append({Purchase(1, INT64_MAX)}));
  EXPECT_THAT(Lines(store_->Run(Everything({Aggregate::kGross}))),
              ElementsAre(absl::StrCat("p0 a", INT64_MAX, " n1")));
  ASSERT_OK(Append({Purchase(1, 1)}));
  EXPECT_THAT(store_->Run(Everything({Aggregate::kGross})),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(Lines(store_->Run(Everything({Aggregate::kPurchases}))), ElementsAre("p0 a2 n2"));
}

TEST_P(StatStoreTest, WideSumsAlwaysFit) {
  ASSERT_OK(Append({Purchase(1, INT64_MAX), Purchase(1, INT64_MAX), Purchase(1, 7)}));
  EngineQuery query = Everything({Aggregate::kPurchases, Aggregate::kGross});
  query.wide_sums = true;
  ASSERT_OK_AND_ASSIGN(const EngineResult result, store_->Run(query));
  EXPECT_THAT(result.aggregates, ElementsAre(ElementsAre(3), ElementsAre(5)));
  EXPECT_THAT(result.upper, ElementsAre(ElementsAre(0), ElementsAre(1)));
}

TEST_P(StatStoreTest, TooManyCellsAreRefused) {
  ASSERT_OK(Append({Purchase(1, 1, "a"), Purchase(1, 1, "b"), Purchase(1, 1, "c")}));
  EngineQuery query = Everything({Aggregate::kGross});
  auto table = std::make_shared<GroupTable>();
  table->groups = {0, 1, 2, 3};
  query.groupings = {{Field::kConsumerRegion, {table}, 4}};
  query.max_cells = 3;
  EXPECT_OK(store_->Run(query));
  query.max_cells = 2;
  EXPECT_THAT(store_->Run(query),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("narrow")));
}

TEST_P(StatStoreTest, WhatStopsAQueryIsItsAnswer) {
  ASSERT_OK(Append({Purchase(1, 1, "a"), Purchase(2, 2, "b")}));
  EngineQuery query = Everything({Aggregate::kGross});
  query.stop = [] { return absl::OkStatus(); };
  EXPECT_THAT(Lines(store_->Run(query)), ElementsAre("p0 a3 n2"));
  query.stop = [] { return absl::CancelledError("the caller is gone"); };
  EXPECT_THAT(store_->Run(query), StatusIs(absl::StatusCode::kCancelled, "the caller is gone"));
}

TEST_P(StatStoreTest, TellsWhoConsumedWhereAndWhenFirst) {
  const auto by = [](char who, int64_t time_us, std::string region) {
    PlainEffect effect = Purchase(time_us, 5, std::move(region));
    effect.pseudonym = std::string(16, who);
    return effect;
  };
  ASSERT_OK(Append({by('x', 30, "a"), by('x', 10, "a"), by('x', 20, "b"), by('y', 7, "b"),
                    Purchase(5, 5, "b")}));
  EngineQuery query = Everything({});
  auto table = std::make_shared<GroupTable>();
  table->groups = {kDropped, 0, 1};
  query.groupings = {{Field::kConsumerRegion, {table}, 2}};
  query.slices = {{0, 15, 0, 0}, {15, 100, 1, 0}};
  query.period_count = 2;
  EXPECT_THAT(ConsumerLines(*store_, query),
              ElementsAre(" p0 g0 t10 p1 g0 t30 p1 g1 t20", " p0 g1 t7"));
  query.log_size = 1;
  EXPECT_THAT(ConsumerLines(*store_, query), ElementsAre(" p1 g0 t30"));
  query.stop = [] { return absl::CancelledError("the caller is gone"); };
  EXPECT_THAT(ConsumerLines(*store_, query), ElementsAre("CANCELLED"));
  query.stop = nullptr;
  EXPECT_THAT(store_->EachConsumer(
                  query, [](std::span<const Consumption>) { return absl::DataLossError("no"); }),
              StatusIs(absl::StatusCode::kDataLoss));
  query.groupings.assign(8, {Field::kConsumerRegion, {table}, 1 << 16});
  EXPECT_THAT(ConsumerLines(*store_, query), ElementsAre("RESOURCE_EXHAUSTED"));
}

// Four dimensions of 2^16 groups each are 2^64 combinations; filters leave one of each.
TEST_P(StatStoreTest, OnlyGroupsThatPassTheFiltersAreNumbered) {
  ASSERT_OK(Append({Purchase(1, 1, "a"), Purchase(2, 2, "b"), Purchase(3, 4, "b")}));
  EngineQuery query = Everything({Aggregate::kGross});
  auto groups = std::make_shared<GroupTable>();
  groups->groups = {7, 500, 60'000};
  auto only_b = std::make_shared<GroupTable>();
  only_b->groups = {kDropped, kDropped, 0};
  for (int i = 0; i < 4; ++i)
    query.groupings.push_back({Field::kConsumerRegion, {groups}, 1 << 16});
  query.filters = {{Field::kConsumerRegion, {only_b}}};
  EXPECT_THAT(Lines(store_->Run(query)), ElementsAre("p0 g60000 g60000 g60000 g60000 a6 n2"));
}

TEST_P(StatStoreTest, BrokenQueriesAreInvalid) {
  ASSERT_OK(Append({Purchase(1, 1)}));
  EngineQuery query = Everything({Aggregate::kGross});
  query.log_size = 2;
  EXPECT_THAT(store_->Run(query), StatusIs(absl::StatusCode::kOutOfRange));
  query.log_size = 1;
  query.slices = {{5, 5, 0, 0}};
  EXPECT_THAT(store_->Run(query), StatusIs(absl::StatusCode::kInvalidArgument));
  query.slices = {{0, 5, 1, 0}};
  EXPECT_THAT(store_->Run(query), StatusIs(absl::StatusCode::kInvalidArgument));
  query.slices = {{0, 5, 0, 1}};
  query.filters = {{Field::kSource, {std::make_shared<GroupTable>()}}};
  EXPECT_THAT(store_->Run(query),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("mapping 1")));
  query = Everything({});
  query.quantiles = {0};
  EXPECT_THAT(store_->Run(query),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("quantile")));
}

TEST_P(StatStoreTest, TheMedianOfAnEvenNumberIsTheLowerOne) {
  ASSERT_OK(Append({Purchase(1, 40), Purchase(1, 10), Purchase(1, 30), Purchase(1, 20)}));
  EngineQuery query = Everything({});
  query.quantiles = {1, 2500, 2501, 5000, 10'000};
  EXPECT_THAT(Lines(store_->Run(query)), ElementsAre("p0 q10 q10 q20 q20 q40 n4"));
}

INSTANTIATE_TEST_SUITE_P(
    Engines, StatStoreTest,
    ::testing::Values(
        Engine{"Memory", [](FaultFileSystem*) { return std::make_unique<MemoryStore>(); }},
        Engine{
            "Runs",
            [](FaultFileSystem* fs) -> std::unique_ptr<StatStore> {
              return RunStore::Open({.fs = fs, .dir = "/statistics", .background = false}).value();
            }},
        Engine{"TinyRuns",
               [](FaultFileSystem* fs) -> std::unique_ptr<StatStore> {
                 return RunStore::Open({.fs = fs,
                                        .dir = "/statistics",
                                        .chunk_effects = 1,
                                        .seal_effects = 1,
                                        .merge_runs = 2,
                                        .background = false})
                     .value();
               }}),
    [](const auto& info) { return info.param.name; });

std::string Describe(const EngineQuery& query) {
  std::string text =
      absl::StrCat("log_size ", query.log_size, ", ", query.slices.size(), " slices, fields");
  for (const Grouping& grouping : query.groupings) absl::StrAppend(&text, " g", grouping.field);
  for (const CodeFilter& filter : query.filters) absl::StrAppend(&text, " f", filter.field);
  absl::StrAppend(&text, ", ", query.order_filters.size(), " order filters, aggregates");
  for (Aggregate aggregate : query.aggregates)
    absl::StrAppend(&text, " ", static_cast<int>(aggregate));
  return text;
}

// A world folded into both engines side by side.
class Comparison {
 public:
  Comparison(uint64_t seed, FaultFileSystem* fs) : world_(seed), options_(SmallRuns(fs)) {
    options_.chunk_effects = 1 + world_.Below(200);
    options_.seal_effects = 1 + world_.Below(600);
    options_.threads = 1 + static_cast<int>(world_.Below(2));
    if (world_.Chance(50)) {
      options_.limits = {.few_cells = 1 + world_.Below(20),
                         .dense_bytes = uint64_t{1} << world_.Below(12),
                         .bitmap_bytes = world_.Below(2000),
                         .histogram_bytes = size_t{1} << world_.Below(14),
                         .collect_amounts = static_cast<int64_t>(world_.Below(20)),
                         .rows_per_thread = 1 + world_.Below(500),
                         .rows_per_task = 1 + world_.Below(500)};
    }
    Reopen();
  }

  void Reopen() {
    runs_.reset();
    auto opened = RunStore::Open(options_);
    ASSERT_OK(opened);
    runs_ = *std::move(opened);
    ASSERT_EQ(runs_->folded_size(), runs_->durable_size());
    for (const auto& block : blocks_) {
      if (block->batch().first_leaf < runs_->durable_size()) continue;
      ASSERT_OK(runs_->Append(block->batch()));
    }
  }

  void Fold(size_t max_effects) {
    blocks_.push_back(world_.NextBlock(max_effects));
    ASSERT_OK(runs_->Append(blocks_.back()->batch()));
    ASSERT_OK(memory_.Append(blocks_.back()->batch()));
  }

  void Compare() {
    const EngineQuery query = world_.Query(memory_);
    EXPECT_EQ(Difference(Lines(runs_->Run(query)), Lines(memory_.Run(query))), "")
        << Describe(query);
    EXPECT_EQ(Difference(ConsumerLines(*runs_, query), ConsumerLines(memory_, query)), "")
        << Describe(query);
    const uint64_t size = query.log_size;
    const auto bounds = runs_->EventTimes(size), expected = memory_.EventTimes(size);
    EXPECT_EQ(bounds.first_us, expected.first_us);
    EXPECT_EQ(bounds.last_us, expected.last_us);
    const int64_t a = world_.RandomTime(), b = world_.RandomTime();
    EXPECT_EQ(runs_->DataVersion(a, b, size), memory_.DataVersion(a, b, size));
    EXPECT_EQ(runs_->Snapshot(size)->accepted_time_us, memory_.Snapshot(size)->accepted_time_us);
    EXPECT_EQ(runs_->Snapshot(size)->catalog_version, memory_.Snapshot(size)->catalog_version);
    EXPECT_EQ(runs_->Snapshot(size)->catalog_hash, memory_.Snapshot(size)->catalog_hash);
    const int64_t accepted = static_cast<int64_t>(world_.Below(world_.accepted_time_us() + 2));
    EXPECT_EQ(runs_->LogSizeAt(accepted), memory_.LogSizeAt(accepted));
    CompareKnown(size);
  }

  void CompareKnown(uint64_t size) {
    const Field field = static_cast<Field>(world_.Below(kFieldCount));
    const auto codes = memory_.Codes(field);
    const std::string& code = (*codes)[world_.Below(codes->size())];
    if (field != Field::kKind) {
      EXPECT_EQ(runs_->HasCode(field, code, size), memory_.HasCode(field, code, size)) << code;
    }
    const auto& orders = blocks_[world_.Below(blocks_.size())]->batch().order.entries;
    if (orders.empty()) return;
    const std::string_view order = orders[world_.Below(orders.size())];
    EXPECT_EQ(runs_->HasOrder(order, size), memory_.HasOrder(order, size)) << order;
  }

  void CompareCodes() {
    for (int f = 0; f < kFieldCount; ++f) {
      EXPECT_EQ(*runs_->Codes(static_cast<Field>(f)), *memory_.Codes(static_cast<Field>(f))) << f;
    }
    EXPECT_EQ(runs_->Stats().effects, memory_.Stats().effects);
  }

  RandomWorld& world() { return world_; }
  RunStore& runs() { return *runs_; }

 private:
  RandomWorld world_;
  RunStore::Options options_;
  std::vector<std::unique_ptr<OwnedBatch>> blocks_;
  std::unique_ptr<RunStore> runs_;
  MemoryStore memory_;
};

TEST(StatStoreComparisonTest, RandomWorldsGiveTheOraclesAnswers) {
  constexpr int kWorlds = 120;
  uint32_t most_runs = 0;
  for (int seed = 0; seed < kWorlds && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    FaultFileSystem fs;
    Comparison comparison(seed, &fs);
    const size_t block = 1 + comparison.world().Below(120);
    for (int i = 0; i < 40 && !::testing::Test::HasFailure(); ++i) {
      comparison.Fold(block);
      if (comparison.world().Chance(5)) {
        ASSERT_OK(comparison.runs().Seal());
      }
      if (comparison.world().Chance(5)) comparison.Reopen();
      comparison.Compare();
      most_runs = std::max(most_runs, comparison.runs().Stats().runs);
    }
    comparison.CompareCodes();
  }
  EXPECT_GT(most_runs, 2u);
}

TEST(StatStoreComparisonTest, BlocksZonesAndThreadsMakeNoDifference) {
  for (int seed = 1000; seed < 1004; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    FaultFileSystem fs;
    Comparison comparison(seed, &fs);
    for (int i = 0; i < 12; ++i) comparison.Fold(8000);
    ASSERT_OK(comparison.runs().Seal());
    comparison.Fold(8000);
    for (int i = 0; i < 25; ++i) comparison.Compare();
  }
}

}  // namespace
}  // namespace tidemark::analytics
