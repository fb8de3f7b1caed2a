#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_ANSWER_STEPS_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_ANSWER_STEPS_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/query/plan.h"
#include "services/analytics/query/table.h"

namespace tidemark::analytics {

// What answering a plan took, step by step.
struct AnswerSteps {
  // Code tables for the engine, readings for comparisons, the engine, and the table made of it.
  int64_t tables_nanos = 0;
  int64_t panels_nanos = 0;
  int64_t engine_nanos = 0;
  int64_t answer_nanos = 0;
  uint64_t time_slices = 0;
  // By dimension of the plan.
  std::vector<uint64_t> groups;
  // With events, of the periods shown and those that they are compared with.
  uint64_t cells = 0;
  uint64_t parts_read = 0;
};

// Answer, told step by step. Errors as there.
absl::StatusOr<Table> AnswerInSteps(const Plan& plan, const StatStore& store,
                                    const base::Clock& clock, std::function<absl::Status()> stop,
                                    AnswerSteps* steps);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_ANSWER_STEPS_H_
