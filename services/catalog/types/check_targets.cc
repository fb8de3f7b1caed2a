#include "absl/strings/str_cat.h"
#include "services/catalog/domain/decimal.h"
#include "services/catalog/types/type_rules.h"
#include "tidemark/catalog/v1/indicators.pb.h"
#include "tidemark/catalog/v1/observations.pb.h"

namespace tidemark::catalog {
namespace {

uint32_t CountOf(const type::v1::Period& period) { return std::max(period.count(), uint32_t{1}); }

void CheckPoint(const v1::PathPoint& point, const type::v1::Period& due, const std::string& field,
                Report& report) {
  if (point.period().grain() == due.grain() && CountOf(point.period()) == CountOf(due)) return;
  report.AddTyped(field + ".period",
                  "want a period of the same grain and count as `due`: a year is not compared with "
                  "three quarters",
                  "INVALID_PERIOD");
}

}  // namespace

void CheckTarget(const v1::Target& target, Report& report) {
  if (target.goal_case() == v1::Target::GOAL_NOT_SET) {
    return report.AddTyped("goal", "missing; want `quantitative` or `qualitative`");
  }
  if (target.has_qualitative()) {
    const v1::QualitativeGoal& goal = target.qualitative();
    if (goal.status() == v1::WORK_STATUS_DONE && goal.evidence().empty()) {
      report.AddTyped("qualitative.evidence", "missing; say what it is judged from");
    }
    return;
  }
  const v1::QuantitativeGoal& goal = target.quantitative();
  const bool about = goal.kind() == v1::GOAL_KIND_ABOUT;
  if (about != goal.has_tolerance()) {
    report.AddTyped("quantitative.tolerance",
                    about ? "missing; say how far from the goal still counts" : "only with ABOUT");
  } else if (about && ParseDecimal(goal.tolerance().value())->unscaled <= 0) {
    report.AddTyped("quantitative.tolerance", "want a number above 0");
  }
  if (goal.has_baseline()) {
    CheckPoint(goal.baseline(), target.due(), "quantitative.baseline", report);
  }
  for (int i = 0; i < goal.path_size(); ++i) {
    CheckPoint(goal.path(i), target.due(), absl::StrCat("quantitative.path[", i, "]"), report);
  }
}

void CheckTargetTogether(const v1::Target& target, const ResourceLookup& after, Report& report) {
  if (!target.has_quantitative()) return;
  const v1::QuantitativeGoal& goal = target.quantitative();
  if (const auto indicator = FindMessage<v1::Indicator>(after, goal.indicator())) {
    if (indicator->unit().kind() != goal.unit().kind() ||
        indicator->unit().currency() != goal.unit().currency()) {
      report.AddTyped("quantitative.unit",
                      absl::StrCat("is of another kind or currency than ", goal.indicator()),
                      "UNIT_MISMATCH");
    }
  }
  if (goal.series().empty()) return;
  const auto series = FindMessage<v1::ObservationSeries>(after, goal.series());
  if (!series) return;
  if (series->indicator() != goal.indicator() || series->form() != v1::SERIES_FORM_LEVEL) {
    report.AddTyped("quantitative.series",
                    absl::StrCat(goal.series(), " holds no levels of ", goal.indicator()));
  }
}

}  // namespace tidemark::catalog
