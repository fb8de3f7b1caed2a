#include "services/analytics/statistics/uplift/uplift_days.h"

#include "common/status/error.h"
#include "common/testing/status_matchers.h"

namespace tidemark::analytics {
namespace {

using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;

class UpliftDaysTest : public ::testing::Test {
 protected:
  std::vector<std::string> Names(const UpliftDays& plan, const std::vector<size_t>& days) const {
    std::vector<std::string> names;
    for (const size_t day : days) names.push_back(calendar_.Name(plan.days[day]));
    return names;
  }

  const Calendar calendar_{absl::FixedTimeZone(8 * 3600)};
  UpliftQuestion question_{
      .activity_first = "2024-06-18", .activity_last = "2024-06-20", .placebo_dates = 2};
};

TEST_F(UpliftDaysTest, FourWeeksBeforeUnlessTold) {
  ASSERT_OK_AND_ASSIGN(const UpliftDays plan, PlanDays(calendar_, question_));
  EXPECT_THAT(Names(plan, plan.windows.activity),
              ::testing::ElementsAre("2024-06-18", "2024-06-19", "2024-06-20"));
  ASSERT_EQ(plan.windows.before.size(), 28u);
  EXPECT_EQ(Names(plan, plan.windows.before).front(), "2024-05-21");
  EXPECT_EQ(Names(plan, plan.windows.before).back(), "2024-06-17");
  // Whole weeks earlier.
  ASSERT_EQ(plan.placebos.size(), 2u);
  EXPECT_EQ(Names(plan, plan.placebos[0].activity).front(), "2024-06-11");
  EXPECT_EQ(Names(plan, plan.placebos[1].activity).front(), "2024-06-04");
  EXPECT_EQ(plan.days.size(), 3 + 28 + 14u);
}

// Samoa went from 29 to 31 December 2011.
TEST_F(UpliftDaysTest, ADayThatTheZoneLeftOutIsNone) {
  absl::TimeZone apia;
  ASSERT_TRUE(absl::LoadTimeZone("Pacific/Apia", &apia));
  const Calendar calendar(apia);
  const UpliftQuestion question{.activity_first = "2012-01-06",
                                .activity_last = "2012-01-06",
                                .before_first = "2011-12-29",
                                .before_last = "2012-01-01",
                                .placebo_dates = 2};
  ASSERT_OK_AND_ASSIGN(const UpliftDays plan, PlanDays(calendar, question));
  std::vector<std::string> before;
  for (const size_t day : plan.windows.before) before.push_back(calendar.Name(plan.days[day]));
  EXPECT_THAT(before, ::testing::ElementsAre("2011-12-29", "2011-12-31", "2012-01-01"));
  // The day a week earlier is the one left out.
  ASSERT_EQ(plan.placebos.size(), 1u);
  EXPECT_EQ(calendar.Name(plan.days[plan.placebos[0].activity.front()]), "2011-12-23");
}

TEST_F(UpliftDaysTest, HolidaysAreLeftOut) {
  question_.holidays = {"2024-06-10", "2024-06-04", "2024-06-19"};
  ASSERT_OK_AND_ASSIGN(const UpliftDays plan, PlanDays(calendar_, question_));
  EXPECT_EQ(plan.windows.before.size(), 26u);
  // The activity keeps its days; a placebo with one is none.
  EXPECT_EQ(plan.windows.activity.size(), 3u);
  ASSERT_EQ(plan.placebos.size(), 1u);
  EXPECT_EQ(Names(plan, plan.placebos[0].activity).front(), "2024-06-11");
}

TEST_F(UpliftDaysTest, PlacebosNeverReachIntoTheActivity) {
  question_.activity_last = "2024-06-25";  // eight days
  ASSERT_OK_AND_ASSIGN(const UpliftDays plan, PlanDays(calendar_, question_));
  EXPECT_EQ(Names(plan, plan.placebos[0].activity).front(), "2024-06-04");
  EXPECT_EQ(Names(plan, plan.placebos[0].activity).back(), "2024-06-11");
}

TEST_F(UpliftDaysTest, WrongDaysNameTheField) {
  const auto field = [this](auto change) {
    UpliftQuestion question = question_;
    change(&question);
    return status::FieldOf(PlanDays(calendar_, question).status());
  };
  EXPECT_EQ(field([](UpliftQuestion* q) { q->activity_first = ""; }), "activity.first");
  EXPECT_EQ(field([](UpliftQuestion* q) { q->activity_last = "June"; }), "activity.last");
  EXPECT_EQ(field([](UpliftQuestion* q) { q->activity_last = "2024-12-31"; }), "activity");
  EXPECT_EQ(field([](UpliftQuestion* q) { q->before_first = "2024-05-01"; }), "before.last");
  EXPECT_EQ(field([](UpliftQuestion* q) { q->before_first = q->before_last = "2024-06-18"; }),
            "before");
  // What is before the year 1 has no name.
  EXPECT_EQ(field([](UpliftQuestion* q) { q->activity_first = q->activity_last = "0001-01-01"; }),
            "activity");
  EXPECT_EQ(field([](UpliftQuestion* q) { q->holidays = {"2024", "x"}; }), "public_holidays[1]");
  EXPECT_EQ(field([](UpliftQuestion* q) { q->holidays = {"2024-05", "2024-06"}; }), "before");
}

TEST_F(UpliftDaysTest, DoesNotReachBackForEver) {
  question_.activity_last = "2024-09-10";
  question_.placebo_dates = 50;
  const absl::Status far = PlanDays(calendar_, question_).status();
  EXPECT_THAT(far, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(far, ReasonIs("TOO_MANY_PERIODS"));
}

}  // namespace
}  // namespace tidemark::analytics
