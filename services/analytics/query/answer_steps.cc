#include "services/analytics/query/answer_steps.h"

#include <utility>

#include "common/status/status_macros.h"
#include "services/analytics/query/answer.h"
#include "services/analytics/query/panel_answer.h"
#include "services/analytics/query/result.h"

namespace tidemark::analytics {
namespace {

// The time since it was asked last.
class Lap {
 public:
  explicit Lap(const base::Clock& clock) : clock_(clock), begun_(clock.MonotonicNanos()) {}
  int64_t Take() {
    const int64_t now = clock_.MonotonicNanos();
    return now - std::exchange(begun_, now);
  }

 private:
  const base::Clock& clock_;
  int64_t begun_;
};

}  // namespace

absl::StatusOr<Table> AnswerInSteps(const Plan& plan, const StatStore& store,
                                    const base::Clock& clock, std::function<absl::Status()> stop,
                                    AnswerSteps* steps) {
  Lap lap(clock);
  TM_ASSIGN_OR_RETURN(EnginePlan engine_plan, MakeEnginePlan(plan, store));
  engine_plan.query.stop = std::move(stop);
  steps->time_slices = engine_plan.query.slices.size();
  for (const std::vector<Group>& groups : engine_plan.groups) {
    steps->groups.push_back(groups.size());
  }
  steps->tables_nanos = lap.Take();
  TM_ASSIGN_OR_RETURN(const std::vector<PanelAnswer> panels,
                      AskPanels(plan, engine_plan.query, store));
  steps->panels_nanos = lap.Take();
  TM_ASSIGN_OR_RETURN(EngineResult result, AskStore(plan, engine_plan, store));
  steps->cells = result.period.size();
  steps->parts_read = result.parts_read;
  steps->engine_nanos = lap.Take();
  absl::StatusOr<Table> table = MakeTable(plan, engine_plan, std::move(result), panels);
  steps->answer_nanos = lap.Take();
  return table;
}

}  // namespace tidemark::analytics
