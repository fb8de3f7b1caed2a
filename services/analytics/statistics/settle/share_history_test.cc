#include "services/analytics/statistics/settle/share_history.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class ShareHistoryTest : public ::testing::Test {
 protected:
  ShareHistoryTest() {
    absl::LoadTimeZone("Asia/Shanghai", &zone_);
    Add("organisations/b", 4);
    Add("organisations/a", 6, 10, 20);
    Add("providers/c", 2, 20, 0);
  }

  // Days of March 2024; 0: open.
  void Add(const std::string& holder, uint32_t weight, int start = 0, int end = 0) {
    catalog::v1::RightsShare& share = *product_.add_rights();
    share.set_holder(holder);
    share.set_weight(weight);
    const auto set = [](int day, type::v1::Date* date) {
      date->set_year(2024);
      date->set_month(3);
      date->set_day(day);
    };
    if (start != 0) set(start, share.mutable_valid()->mutable_start());
    if (end != 0) set(end, share.mutable_valid()->mutable_end());
  }
  int64_t StartOf(int day) const {
    return absl::ToUnixMicros(absl::FromCivil(absl::CivilDay(2024, 3, day), zone_));
  }
  static std::string Text(const ShareSet& set) {
    std::string text;
    for (const ShareSet::Share& share : set.shares)
      absl::StrAppend(&text, share.holder, " ", share.weight, ";");
    return text;
  }

  absl::TimeZone zone_;
  catalog::v1::Product product_;
};

TEST_F(ShareHistoryTest, SharesHoldFromTheirFirstInstantInTheZone) {
  const Calendar calendar(zone_);
  const ShareHistory history(product_.rights(), calendar);
  EXPECT_THAT(history.bounds(), ElementsAre(StartOf(10), StartOf(20)));
  EXPECT_EQ(Text(history.At(StartOf(10) - 1)), "organisations/b 1;");
  EXPECT_EQ(Text(history.At(StartOf(10))), "organisations/a 3;organisations/b 2;");
  EXPECT_EQ(Text(history.At(StartOf(20) - 1)), "organisations/a 3;organisations/b 2;");
  EXPECT_EQ(Text(history.At(StartOf(20))), "organisations/b 2;providers/c 1;");
  EXPECT_EQ(history.PieceAt(StartOf(10) - 1), 0u);
  EXPECT_EQ(history.PieceAt(StartOf(10)), 1u);
  EXPECT_EQ(history.PieceAt(StartOf(28)), 2u);
  absl::flat_hash_set<std::string_view> names;
  history.AddHolders(&names);
  EXPECT_THAT(names, UnorderedElementsAre("organisations/a", "organisations/b", "providers/c"));
}

TEST_F(ShareHistoryTest, EqualPartsAreEqualSets) {
  product_.clear_rights();
  Add("organisations/a", 3, 1, 5);
  Add("organisations/b", 6, 1, 5);
  Add("organisations/a", 500, 7, 0);
  Add("organisations/b", 1000, 7, 0);
  const Calendar calendar(zone_);
  const ShareHistory history(product_.rights(), calendar);
  EXPECT_EQ(history.At(StartOf(2)), history.At(StartOf(8)));
  EXPECT_TRUE(history.At(StartOf(6)).shares.empty());
}

}  // namespace
}  // namespace tidemark::analytics
