#include "services/analytics/statistics/uplift/conditions.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tidemark::analytics {
namespace {

constexpr double kStandardErrors = 2;
// What rounding may leave of a slope of zero: estimates repeat within it.
constexpr double kRounding = 1e-9;
// p of one in so many is the usual 5 %.
constexpr size_t kUsualP = 20;

}  // namespace

std::vector<PlanNote> FailedConditions(const std::optional<Line>& trend, size_t controls,
                                       size_t placebos) {
  std::vector<PlanNote> notes;
  if (trend && std::abs(trend->slope) > std::max(kStandardErrors * trend->deviation, kRounding)) {
    notes.push_back(
        {"PRE_TREND",
         absl::StrFormat("the comparison does not hold: before the activity the difference of "
                         "ln gross changed by %.4g a day, more than 2 standard errors of %.4g "
                         "from zero; choose other controls, or other days before",
                         trend->slope, trend->deviation)});
  }
  if (controls < kFewestControls) {
    notes.push_back(
        {"FEW_CONTROLS",
         absl::StrCat("only ", controls, controls == 1 ? " region is" : " regions are",
                      " compared with, so what happened in one of them makes the estimate; want ",
                      kFewestControls, " or more")});
  }
  if (placebos + 1 < kUsualP) {
    notes.push_back(
        {"P_FLOOR", absl::StrCat("with ", placebos, placebos == 1 ? " placebo" : " placebos",
                                 " p cannot be below 1/", placebos + 1,
                                 ", however large the effect; more controls or placebo dates "
                                 "lower that")});
  }
  return notes;
}

}  // namespace tidemark::analytics
