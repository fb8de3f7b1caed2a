#include "common/rpc/request_budget.h"

#include <gtest/gtest.h>

#include <vector>

namespace tidemark::rpc {
namespace {

TEST(RequestBudgetTest, OneRequestAlwaysGetsIn) {
  RequestBudget budget(100);
  EXPECT_TRUE(budget.TryTake(1000));
  EXPECT_FALSE(budget.TryTake(1));
  budget.Give(1000);
  EXPECT_TRUE(budget.TryTake(1));
}

TEST(RequestBudgetTest, WhoWaitsGetsRoomInOrderAsItIsGivenBack) {
  RequestBudget budget(100);
  ASSERT_TRUE(budget.TryTake(60));
  ASSERT_TRUE(budget.TryTake(40));
  std::vector<int> served;
  ASSERT_TRUE(budget.TakeWhenRoom(15, [&] { served.push_back(1); }));
  ASSERT_TRUE(budget.TakeWhenRoom(10, [&] { served.push_back(2); }));
  EXPECT_EQ(budget.waiters(), 2u);
  budget.Give(40);
  EXPECT_EQ(served, (std::vector<int>{1, 2}));
  EXPECT_EQ(budget.waiters(), 0u);
  EXPECT_EQ(budget.bytes(), 85u);
}

TEST(RequestBudgetTest, WithRoomNobodyWaits) {
  RequestBudget budget(100);
  bool served = false;
  ASSERT_TRUE(budget.TakeWhenRoom(70, [&] { served = true; }));
  EXPECT_TRUE(served);
  EXPECT_EQ(budget.bytes(), 70u);
}

TEST(RequestBudgetTest, WhatWaitsIsBoundedToo) {
  RequestBudget budget(100);
  ASSERT_TRUE(budget.TryTake(100));
  ASSERT_TRUE(budget.TakeWhenRoom(20, [] {}));
  EXPECT_FALSE(budget.TakeWhenRoom(6, [] { FAIL() << "refused, so never served"; }));
  EXPECT_TRUE(budget.TakeWhenRoom(5, [] {}));
  budget.Give(100);
  EXPECT_EQ(budget.bytes(), 25u);
}

TEST(RequestBudgetTest, WhoGivesBackAtOnceLetsTheNextOneIn) {
  RequestBudget budget(400);
  ASSERT_TRUE(budget.TryTake(400));
  int served = 0;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(budget.TakeWhenRoom(1, [&] {
      ++served;
      budget.Give(1);
    }));
  }
  budget.Give(400);
  EXPECT_EQ(served, 100);
  EXPECT_EQ(budget.bytes(), 0u);
}

}  // namespace
}  // namespace tidemark::rpc
