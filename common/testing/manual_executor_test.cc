#include "common/testing/manual_executor.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tidemark::testing {
namespace {

TEST(ManualExecutorTest, RunsInOrderWhenTold) {
  ManualExecutor executor;
  std::vector<int> ran;
  ASSERT_TRUE(executor.TryPost([&] {
    ran.push_back(1);
    ASSERT_TRUE(executor.TryPost([&] { ran.push_back(3); }));
  }));
  ASSERT_TRUE(executor.TryPost([&] { ran.push_back(2); }));
  EXPECT_TRUE(ran.empty());
  EXPECT_TRUE(executor.RunOne());
  EXPECT_EQ(executor.RunAll(), 2u);
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
  EXPECT_FALSE(executor.RunOne());
}

TEST(ManualExecutorTest, RefusesAtItsLimit) {
  ManualExecutor executor(1);
  EXPECT_TRUE(executor.TryPost([] {}));
  EXPECT_FALSE(executor.TryPost([] {}));
  EXPECT_EQ(executor.pending(), 1u);
}

TEST(ManualExecutorTest, WaitsForAnotherThread) {
  ManualExecutor executor;
  std::thread poster([&] { ASSERT_TRUE(executor.TryPost([] {})); });
  executor.WaitForTask();
  EXPECT_TRUE(executor.RunOne());
  poster.join();
}

TEST(InlineExecutorTest, RunsAtOnce) {
  InlineExecutor executor;
  bool ran = false;
  EXPECT_TRUE(executor.TryPost([&] { ran = true; }));
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace tidemark::testing
