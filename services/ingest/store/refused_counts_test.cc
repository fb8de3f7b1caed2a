#include "services/ingest/store/refused_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"

namespace tidemark::ingest {
namespace {

using tidemark::testing::FaultFileSystem;

class RefusedCountsTest : public ::testing::Test {
 protected:
  void Open(size_t rewrite_bytes = size_t{1} << 20) {
    counts_.reset();
    auto opened = RefusedCounts::Open({.fs = &fs_,
                                       .path = "refused",
                                       .interval = absl::ZeroDuration(),
                                       .rewrite_bytes = rewrite_bytes});
    ASSERT_OK(opened);
    counts_ = *std::move(opened);
  }
  void Add(int32_t day, uint64_t count, const std::string& reason = "UNKNOWN_REGION") {
    counts_->Add(
        {{.source = "店", .day = day, .reason = reason, .field = "category", .count = count}});
  }
  uint64_t CountOf(int32_t day) {
    uint64_t sum = 0;
    for (const RefusedCount& count : counts_->Of("店", day)) sum += count.count;
    return sum;
  }
  std::string File() { return *fs::ReadFile(fs_, "refused"); }

  FaultFileSystem fs_;
  std::unique_ptr<RefusedCounts> counts_;

 private:
  const log::ScopedSink quiet_{[](std::string_view) {}};
};

TEST_F(RefusedCountsTest, WhatWasWrittenSurvivesAPowerFailure) {
  Open();
  Add(1, 5);
  Add(2, 1);
  ASSERT_OK(counts_->Write());
  Add(1, 2);
  Add(1, 3, "UNKNOWN_CATEGORY");
  ASSERT_OK(counts_->Write());
  Add(1, 100);
  counts_.reset();
  // The destructor wrote, too.
  fs_.Crash();
  Open();
  EXPECT_EQ(CountOf(1), 110u);
  EXPECT_EQ(CountOf(2), 1u);
  EXPECT_EQ(CountOf(3), 0u);
}

TEST_F(RefusedCountsTest, ADamagedLineCostsWhatItSays) {
  Open();
  Add(1, 5);
  Add(2, 7);
  ASSERT_OK(counts_->Write());
  const std::string file = File();
  const size_t at = file.find("\t1\t");
  ASSERT_OK(fs_.Corrupt("refused", at + 1, "9"));
  Open();
  EXPECT_EQ(CountOf(1), 0u);
  EXPECT_EQ(CountOf(9), 0u);
  EXPECT_EQ(CountOf(2), 7u);
  // The next write makes the file whole again.
  Add(3, 1);
  ASSERT_OK(counts_->Write());
  Open();
  EXPECT_EQ(CountOf(2), 7u);
  EXPECT_EQ(CountOf(3), 1u);
}

TEST_F(RefusedCountsTest, ATornOrFailedWriteCostsOnlyWhatItSaid) {
  Open();
  Add(1, 5);
  ASSERT_OK(counts_->Write());
  fs_.SetDiskFull(true);
  Add(1, 1);
  EXPECT_FALSE(counts_->Write().ok());
  EXPECT_FALSE(counts_->Write().ok());
  fs_.SetDiskFull(false);
  ASSERT_OK(counts_->Write());
  EXPECT_EQ(CountOf(1), 6u);
  // A kill in the middle of a line.
  Add(2, 4);
  ASSERT_OK(counts_->Write());
  counts_.reset();
  ASSERT_OK(fs_.TruncateFile("refused", File().size() - 5));
  Open();
  EXPECT_EQ(CountOf(1), 6u);
  EXPECT_EQ(CountOf(2), 0u);
  Add(2, 8);
  ASSERT_OK(counts_->Write());
  Open();
  EXPECT_EQ(CountOf(1), 6u);
  EXPECT_EQ(CountOf(2), 8u);
}

TEST_F(RefusedCountsTest, TheFileDoesNotGrowForEver) {
  Open(/*rewrite_bytes=*/1000);
  size_t largest = 0;
  for (int i = 0; i < 500; ++i) {
    Add(i % 3, 1);
    ASSERT_OK(counts_->Write());
    largest = std::max(largest, File().size());
  }
  EXPECT_LT(largest, 1200u);
  Open();
  EXPECT_EQ(CountOf(0) + CountOf(1) + CountOf(2), 500u);
}

}  // namespace
}  // namespace tidemark::ingest
