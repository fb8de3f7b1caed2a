#include "clients/cpp/grants/use_meter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/grants/fake_use_book.h"
#include "common/testing/status_matchers.h"

namespace tidemark::grants {
namespace {

using testing::IsOk;
using testing::ReasonIs;
using Fault = FakeUseBook::Fault;

constexpr absl::CivilDay kDay(2026, 3, 4);
constexpr int kResearch = type::v1::PURPOSE_RESEARCH;

class UseMeterTest : public ::testing::Test {
 protected:
  UseMeter::Options Options(size_t max_sums = 1000) {
    return {.reporter = "r",
            .report = [this](const auto& request) { return book_.Report(request); },
            .interval = absl::InfiniteDuration(),
            .max_sums = max_sums,
            .stop_patience = absl::ZeroDuration()};
  }
  static void Use(UseMeter& meter, const std::string& grant, uint64_t units = 1,
                  absl::CivilDay day = kDay) {
    ASSERT_OK_AND_ASSIGN(auto use, meter.Reserve(grant, 0, day, kResearch, units));
    ASSERT_TRUE(use);
    use->Commit();
  }

  FakeUseBook book_;
};

TEST_F(UseMeterTest, ReportsSumsByGrantDayAndPurpose) {
  UseMeter meter(Options());
  for (int i = 0; i < 3; ++i) Use(meter, "a");
  Use(meter, "a", 5, kDay + 1);
  Use(meter, "b", 7);
  EXPECT_EQ(meter.unreported(), 15u);
  ASSERT_OK(meter.Flush());
  EXPECT_EQ(meter.unreported(), 0u);
  const auto requests = book_.requests();
  ASSERT_EQ(requests.size(), 1u);
  ASSERT_EQ(requests[0].uses_size(), 3);
  EXPECT_EQ(requests[0].uses(0).units(), 3u);
  EXPECT_EQ(requests[0].uses(1).day().day(), 5);
  EXPECT_EQ(requests[0].uses(1).purpose(), type::v1::PURPOSE_RESEARCH);
  EXPECT_EQ(meter.Used("a"), 8u);
  ASSERT_OK(meter.Flush());
  EXPECT_EQ(book_.requests().size(), 1u) << "nothing to say, nothing said";
}

TEST_F(UseMeterTest, WhatWasNotCommittedIsGivenBack) {
  UseMeter meter(Options());
  Use(meter, "a");
  ASSERT_OK(meter.Flush());
  {
    ASSERT_OK_AND_ASSIGN(auto first, meter.Reserve("a", 2, kDay, kResearch, 1));
    ASSERT_TRUE(first);
    EXPECT_EQ(meter.Used("a"), 2u);
    ASSERT_OK_AND_ASSIGN(auto second, meter.Reserve("a", 2, kDay, kResearch, 1));
    EXPECT_FALSE(second) << "the first may still take place";
  }
  EXPECT_EQ(meter.Used("a"), 1u);
  ASSERT_OK(meter.Flush());
  EXPECT_EQ(book_.units("a"), 1u);
}

TEST_F(UseMeterTest, ABatchWhoseAnswerWasLostCountsOnce) {
  UseMeter meter(Options());
  Use(meter, "a", 4);
  book_.Set(Fault::kNotAnswered);
  EXPECT_FALSE(meter.Flush().ok());
  Use(meter, "a", 3);
  EXPECT_EQ(meter.Used("a"), std::nullopt);
  EXPECT_EQ(meter.unreported(), 7u);
  book_.Set(Fault::kNone);
  ASSERT_OK(meter.Flush());
  EXPECT_EQ(book_.units("a"), 4u);
  ASSERT_OK(meter.Flush());
  EXPECT_EQ(book_.units("a"), 7u);
  const auto requests = book_.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].SerializeAsString(), requests[1].SerializeAsString());
  EXPECT_EQ(requests[2].batch(), 2u);
}

TEST_F(UseMeterTest, KeepsCountingWhileTheCatalogIsAwayUpToItsBound) {
  UseMeter meter(Options(/*max_sums=*/2));
  book_.Set(Fault::kNotSent);
  Use(meter, "a");
  EXPECT_FALSE(meter.Flush().ok());
  for (int i = 0; i < 100; ++i) Use(meter, "a");
  Use(meter, "b");
  EXPECT_THAT(meter.Reserve("c", 0, kDay, kResearch, 1), ReasonIs("USE_METER_FULL"));
  book_.Set(Fault::kNone);
  ASSERT_OK(meter.Flush());
  ASSERT_OK(meter.Flush());
  EXPECT_EQ(book_.units("a"), 101u);
  EXPECT_EQ(book_.units("b"), 1u);
  EXPECT_THAT(meter.Reserve("c", 0, kDay, kResearch, 1), IsOk());
}

TEST_F(UseMeterTest, ARefusedBatchIsDroppedAndTheNextGoesOn) {
  UseMeter meter(Options());
  Use(meter, "a");
  book_.Set(Fault::kRefused);
  EXPECT_FALSE(meter.Flush().ok());
  EXPECT_EQ(meter.unreported(), 0u);
  book_.Set(Fault::kNone);
  Use(meter, "b");
  ASSERT_OK(meter.Flush());
  EXPECT_EQ(book_.units("a"), 0u);
  EXPECT_EQ(book_.units("b"), 1u);
}

TEST_F(UseMeterTest, ABoundIsKeptOnlyOnceTheCatalogHasToldTheTotal) {
  book_.AddByOthers("a", 8);
  UseMeter meter(Options());
  ASSERT_OK_AND_ASSIGN(auto early, meter.Reserve("a", 10, kDay, kResearch, 1));
  EXPECT_FALSE(early);
  EXPECT_EQ(meter.Used("a"), std::nullopt);
  ASSERT_OK(meter.Flush());
  EXPECT_EQ(meter.Used("a"), 8u);
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(auto use, meter.Reserve("a", 10, kDay, kResearch, 1));
    ASSERT_TRUE(use);
    use->Commit();
  }
  ASSERT_OK_AND_ASSIGN(auto late, meter.Reserve("a", 10, kDay, kResearch, 1));
  EXPECT_FALSE(late);
  ASSERT_OK_AND_ASSIGN(auto raised, meter.Reserve("a", 11, kDay, kResearch, 1));
  EXPECT_TRUE(raised);
}

TEST_F(UseMeterTest, ALargeBacklogGoesInBatchesOfBoundedSize) {
  UseMeter meter(Options(/*max_sums=*/25'000));
  for (int i = 0; i < 25'000; ++i) Use(meter, absl::StrCat("g", i));
  for (int batches = 0; batches < 3; ++batches) ASSERT_OK(meter.Flush());
  EXPECT_EQ(meter.unreported(), 0u);
  for (const auto& request : book_.requests()) EXPECT_LE(request.uses_size(), 10'000);
}

TEST_F(UseMeterTest, StopReportsTheRest) {
  UseMeter meter(Options());
  Use(meter, "a", 9);
  meter.Stop();
  EXPECT_EQ(book_.units("a"), 9u);
  meter.Stop();
  EXPECT_EQ(book_.requests().size(), 1u);
}

TEST_F(UseMeterTest, ManyThreadsTogetherKeepToTheBoundAndLoseNothing) {
  auto options = Options();
  options.interval = absl::Milliseconds(1);
  UseMeter meter(options);
  while (!meter.Used("a")) {
    ASSERT_OK(meter.Reserve("a", 1000, kDay, kResearch, 1).status());
    ASSERT_OK(meter.Flush());
  }
  std::atomic<uint64_t> taken = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        auto use = meter.Reserve("a", 1000, kDay, kResearch, 1);
        if (!use.ok() || !*use) continue;
        // Every third use does not take place.
        if (i % 3 == 0) continue;
        (*use)->Commit();
        ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  meter.Stop();
  EXPECT_LE(taken.load(), 1000u);
  EXPECT_EQ(book_.units("a"), taken.load());
}

}  // namespace
}  // namespace tidemark::grants
