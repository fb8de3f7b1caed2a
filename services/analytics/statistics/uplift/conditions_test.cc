#include "services/analytics/statistics/uplift/conditions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Codes(const std::optional<Line>& trend, size_t controls, size_t placebos) {
  std::vector<std::string> codes;
  for (const PlanNote& note : FailedConditions(trend, controls, placebos))
    codes.push_back(note.code);
  return codes;
}

TEST(ConditionsTest, NothingIsSaidOfWhatHolds) {
  EXPECT_THAT(Codes(Line{0.01, 0.01}, 3, 19), IsEmpty());
  EXPECT_THAT(Codes(std::nullopt, 3, 19), IsEmpty());
}

TEST(ConditionsTest, ATrendBeforeIsMoreThanTwoStandardErrorsFromZero) {
  EXPECT_THAT(Codes(Line{0.5, 0.25}, 3, 19), IsEmpty());
  EXPECT_THAT(Codes(Line{0.51, 0.25}, 3, 19), ElementsAre("PRE_TREND"));
  EXPECT_THAT(Codes(Line{-0.51, 0.25}, 3, 19), ElementsAre("PRE_TREND"));
  EXPECT_THAT(FailedConditions(Line{-0.51, 0.25}, 3, 19)[0].message,
              HasSubstr("by -0.51 a day, more than 2 standard errors of 0.25"));
  // On a line without a gap: every slope counts but what rounding leaves.
  EXPECT_THAT(Codes(Line{1e-3, 0}, 3, 19), ElementsAre("PRE_TREND"));
  EXPECT_THAT(Codes(Line{1e-16, 1e-18}, 3, 19), IsEmpty());
}

TEST(ConditionsTest, FewControls) {
  EXPECT_THAT(Codes(std::nullopt, 2, 19), ElementsAre("FEW_CONTROLS"));
  EXPECT_THAT(FailedConditions(std::nullopt, 1, 19)[0].message, HasSubstr("only 1 region is"));
}

TEST(ConditionsTest, FivePerCentIsWithinReachOfNineteenPlacebos) {
  EXPECT_THAT(Codes(std::nullopt, 3, 18), ElementsAre("P_FLOOR"));
  EXPECT_THAT(FailedConditions(std::nullopt, 3, 18)[0].message,
              HasSubstr("with 18 placebos p cannot be below 1/19"));
  EXPECT_THAT(FailedConditions(std::nullopt, 3, 0)[0].message, HasSubstr("below 1/1"));
  EXPECT_THAT(Codes(Line{1, 0.1}, 1, 0), ElementsAre("PRE_TREND", "FEW_CONTROLS", "P_FLOOR"));
}

}  // namespace
}  // namespace tidemark::analytics
