// What a StatStore tells by the time of the original of a refund.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/analytics/store/columns.h"
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
constexpr int64_t kHour = 4 * kOriginGrainUs;

TEST(OriginTimeTest, LagsKeepTheSideOfEveryBound) {
  for (const int64_t original : {-kHour - 1, -kHour, int64_t{-1}, int64_t{0}, int64_t{7}, kHour}) {
    for (const int64_t time : {-3 * kHour - 5, int64_t{0}, kHour - 1, kHour, 40 * kHour + 3}) {
      const int64_t origin = OriginOf(time, LagOf(time, original));
      for (int64_t bound = -4 * kOriginGrainUs; bound <= 8 * kOriginGrainUs;
           bound += kOriginGrainUs) {
        EXPECT_EQ(bound <= origin, bound <= original) << time << " " << original << " " << bound;
      }
    }
  }
}

struct Engine {
  std::string name;
  std::function<std::unique_ptr<StatStore>(FaultFileSystem*)> make;
};

class OriginTimeStoreTest : public ::testing::TestWithParam<Engine> {
 protected:
  OriginTimeStoreTest() : store_(GetParam().make(&fs_)) {}

  static PlainEffect Purchase(uint64_t leaf, int64_t time_us, int64_t amount) {
    PlainEffect effect;
    effect.leaf = leaf;
    effect.time_us = time_us;
    effect.amount = amount;
    return effect;
  }
  static EffectCopy Refund(uint64_t leaf, uint64_t original, int64_t time_us, int64_t amount) {
    return {.effective = leaf,
            .kind = EffectKind::kRefund,
            .own = true,
            .event_leaf = leaf,
            .fields_leaf = original,
            .facts = {.event_time_us = time_us, .amount = amount}};
  }
  absl::Status Append(uint32_t records, std::vector<PlainEffect> effects,
                      std::vector<EffectCopy> copies) {
    OwnedBatch block(kLog, store_->folded_size(), records, std::move(effects), std::move(copies),
                     1);
    return store_->Append(block.batch());
  }
  // Of all effects in [0, 100 h) by origin: group, gross and refunds.
  std::vector<std::string> Lines(uint64_t log_size, std::vector<int64_t> bounds) const {
    EngineQuery query;
    query.log_size = log_size;
    query.slices = {{0, 100 * kHour, 0, 0}};
    query.period_count = 1;
    query.aggregates = {Aggregate::kGross, Aggregate::kRefunds};
    query.origin_bounds = std::move(bounds);
    const absl::StatusOr<EngineResult> result = store_->Run(query);
    if (!result.ok()) return {result.status().ToString()};
    std::vector<std::string> lines;
    for (size_t cell = 0; cell < result->period.size(); ++cell) {
      lines.push_back(absl::StrCat(result->origin[cell], ": ", result->aggregates[0][cell], " ",
                                   result->aggregates[1][cell]));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  FaultFileSystem fs_;
  std::unique_ptr<StatStore> store_;
};

TEST_P(OriginTimeStoreTest, ARefundIsInTheGroupOfItsOriginal) {
  // Nothing names an original yet; then a refund of an event before the period, and one in it.
  ASSERT_OK(Append(
      3, {Purchase(0, -5 * kHour, 100), Purchase(1, 2 * kHour, 200), Purchase(2, 40 * kHour, 400)},
      {}));
  ASSERT_OK(Append(3, {Purchase(3, 41 * kHour, 800)},
                   {Refund(4, 0, 50 * kHour, 3), Refund(5, 1, 60 * kHour, 5)}));
  ASSERT_OK(Append(1, {Purchase(6, 3 * kHour, 1600)}, {}));
  EXPECT_THAT(Lines(7, {0, 30 * kHour}), ElementsAre("0: 0 3", "1: 1800 5", "2: 1200 0"));
  EXPECT_THAT(Lines(3, {0, 30 * kHour}), ElementsAre("1: 200 0", "2: 400 0"));
  EXPECT_THAT(Lines(7, {-10 * kHour}), ElementsAre("1: 3000 8"));
}

TEST_P(OriginTimeStoreTest, WhatIsTakenBackIsInTheGroupItWasIn) {
  ASSERT_OK(Append(2, {Purchase(0, 2 * kHour, 100)}, {Refund(1, 0, 50 * kHour, 3)}));
  // A revision moves the original: its effect and that of the refund are made anew.
  EffectCopy back{.effective = 2, .negative = true, .event_leaf = 0, .fields_leaf = 0};
  EffectCopy refund_back{.effective = 2,
                         .kind = EffectKind::kRefund,
                         .negative = true,
                         .event_leaf = 1,
                         .fields_leaf = 0};
  EffectCopy refund_again = refund_back;
  refund_again.negative = false;
  refund_again.fields_leaf = 2;
  ASSERT_OK(Append(1, {Purchase(2, 40 * kHour, 100)}, {back, refund_back, refund_again}));
  EXPECT_THAT(Lines(2, {30 * kHour}), ElementsAre("0: 100 3"));
  EXPECT_THAT(Lines(3, {30 * kHour}), ElementsAre("1: 100 3"));
}

TEST_P(OriginTimeStoreTest, OtherKindsHaveTheirOwnTime) {
  EffectCopy excess = Refund(1, 0, 50 * kHour, 300);
  excess.kind = EffectKind::kVoidRefund;
  EffectCopy cohort{.effective = 2,
                    .kind = EffectKind::kCohortRefund,
                    .event_leaf = 2,
                    .fields_leaf = 0,
                    .time_of_fields = true};
  ASSERT_OK(
      Append(3, {Purchase(0, 2 * kHour, 100)}, {excess, Refund(2, 0, 60 * kHour, 9), cohort}));
  EngineQuery query;
  query.log_size = 3;
  query.slices = {{0, 100 * kHour, 0, 0}};
  query.period_count = 1;
  query.aggregates = {Aggregate::kVoidRefunds, Aggregate::kCohortRefunds, Aggregate::kRefunds};
  query.origin_bounds = {30 * kHour};
  ASSERT_OK_AND_ASSIGN(const EngineResult result, store_->Run(query));
  ASSERT_EQ(result.origin.size(), 2u);
  const size_t early = result.origin[0] == 0 ? 0 : 1;
  EXPECT_EQ(result.aggregates[0][1 - early], 300);
  EXPECT_EQ(result.aggregates[1][early], 9);
  EXPECT_EQ(result.aggregates[2][early], 9);
  EXPECT_EQ(result.aggregates[0][early], 0);
}

TEST_P(OriginTimeStoreTest, BoundsThatCannotBeKeptAreInvalid) {
  ASSERT_OK(Append(1, {Purchase(0, kHour, 100)}, {}));
  for (const std::vector<int64_t>& bounds :
       {std::vector<int64_t>{1}, {kHour, kHour}, {kHour, 0}, {kHour + kOriginGrainUs / 3}}) {
    EXPECT_THAT(Lines(1, bounds), ElementsAre(HasSubstr("origin_bounds")));
  }
  EngineQuery query;
  query.log_size = 1;
  query.slices = {{0, kHour, 0, 0}};
  query.period_count = 1;
  query.origin_bounds = {kHour};
  EXPECT_THAT(
      store_->EachConsumer(query, [](std::span<const Consumption>) { return absl::OkStatus(); }),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("origin_bounds")));
}

INSTANTIATE_TEST_SUITE_P(
    Engines, OriginTimeStoreTest,
    ::testing::Values(
        Engine{"Memory", [](FaultFileSystem*) { return std::make_unique<MemoryStore>(); }},
        Engine{
            "Tail",
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

}  // namespace
}  // namespace tidemark::analytics
