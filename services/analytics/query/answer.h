#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_ANSWER_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_ANSWER_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/query/engine_plan.h"
#include "services/analytics/query/plan.h"
#include "services/analytics/query/table.h"

namespace tidemark::analytics {

// Plans for the engine, asks it and makes the table. Errors of MakeEnginePlan, StatStore::Run and
// MakeTable, and what `stop` says (EngineQuery::stop). Runs for as long as the engine does.
absl::StatusOr<Table> Answer(const Plan& plan, const StatStore& store,
                             std::function<absl::Status()> stop = nullptr);

// What the engine says to a plan, nothing where no effect can be in its periods. Errors of
// StatStore::Run; OUT_OF_RANGE has the reason SUM_OVERFLOW.
absl::StatusOr<EngineResult> AskStore(const Plan& plan, const EnginePlan& engine_plan,
                                      const StatStore& store);

// As Answer, for a thread that must be back soon. ABORTED: it might take more than a fraction of a
// millisecond; nothing was computed.
absl::StatusOr<Table> AnswerIfQuick(const Plan& plan, const StatStore& store);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_ANSWER_H_
