#include "services/analytics/statistics/co_consumption/shared_consumers.h"

#include "common/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace tidemark::analytics {
namespace {

TEST(SharedConsumersTest, CountsMembersPairsAndWhatCameFirst) {
  uint64_t work = 1000;
  SharedConsumers shared(3, /*within_us=*/10, &work);
  ASSERT_OK(shared.Add(std::vector<FirstOf>{{0, 100}, {1, 105}}));
  ASSERT_OK(shared.Add(std::vector<FirstOf>{{0, 100}, {1, 110}, {2, 111}}));
  ASSERT_OK(shared.Add(std::vector<FirstOf>{{1, 7}, {2, 7}}));
  ASSERT_OK(shared.Add(std::vector<FirstOf>{{2, 0}}));
  EXPECT_EQ(shared.Consumers(0), 2);
  EXPECT_EQ(shared.Consumers(1), 3);
  EXPECT_EQ(shared.Consumers(2), 3);
  EXPECT_EQ(shared.Both(0, 1), 2);
  EXPECT_EQ(shared.Both(1, 0), 2);
  EXPECT_EQ(shared.Both(0, 2), 1);
  EXPECT_EQ(shared.Both(1, 2), 2);
  EXPECT_EQ(shared.Then(0, 1), 2);  // 5 and exactly 10 later
  EXPECT_EQ(shared.Then(1, 0), 0);
  EXPECT_EQ(shared.Then(0, 2), 0);  // 11 later
  EXPECT_EQ(shared.Then(1, 2), 2);  // at the same time is not before
  EXPECT_EQ(shared.Then(2, 1), 1);
}

TEST(SharedConsumersTest, TooMuchWorkIsRefused) {
  uint64_t work = 5;
  SharedConsumers shared(3, 0, &work);
  ASSERT_OK(shared.Add(std::vector<FirstOf>{{0, 1}, {1, 1}}));
  EXPECT_THAT(shared.Add(std::vector<FirstOf>{{0, 1}, {1, 1}}),
              testing::StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace tidemark::analytics
