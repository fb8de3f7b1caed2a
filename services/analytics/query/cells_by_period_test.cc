#include "services/analytics/query/cells_by_period.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CellsByPeriodTest, TellsTheCellsOfEveryPeriod) {
  const absl::StatusOr<CellsByPeriod> cells = CellsByPeriod::Make({2, 0, 2, 3, 0, 2}, 5, nullptr);
  ASSERT_TRUE(cells.ok());
  EXPECT_THAT(cells->Of(0), ElementsAre(1, 4));
  EXPECT_THAT(cells->Of(1), IsEmpty());
  EXPECT_THAT(cells->Of(2), ElementsAre(0, 2, 5));
  EXPECT_THAT(cells->Of(3), ElementsAre(3));
  EXPECT_THAT(cells->Of(4), IsEmpty());
}

TEST(CellsByPeriodTest, IsStopped) {
  int looks = 0;
  const Stop stop = [&] { return ++looks < 3 ? absl::OkStatus() : absl::CancelledError("x"); };
  EXPECT_TRUE(absl::IsCancelled(
      CellsByPeriod::Make(std::vector<uint32_t>(10 * kRowsPerLook), 1, stop).status()));
}

}  // namespace
}  // namespace tidemark::analytics
