#include "services/analytics/query/first_cells.h"

#include <cstdint>
#include <vector>

#include "common/status/status_macros.h"
#include "services/analytics/query/key_sort.h"
#include "services/analytics/query/measures.h"
#include "services/analytics/query/pieces.h"

namespace tidemark::analytics {
namespace {

// Without dimensions every period has a row, whether it has events or not.
bool RowsStandAlone(const Plan& plan) {
  return !plan.dimensions.empty() && !plan.Compares() && plan.contributions.empty() &&
         plan.shares.empty() && plan.quotients.empty() && plan.per_head.empty() &&
         plan.ranks.empty();
}

class Chooser {
 public:
  Chooser(const Plan& plan, const EnginePlan& engine_plan, EngineResult* result)
      : plan_(plan), query_(engine_plan.query), result_(*result) {}

  absl::Status Choose() {
    if (plan_.order_by.empty() || plan_.order_by.front().column == "period") {
      const bool descending = !plan_.order_by.empty() && plan_.order_by.front().descending;
      return Keep([](uint32_t) { return false; },
                  [&](uint32_t cell) -> uint64_t {
                    return descending ? ~result_.period[cell] : result_.period[cell];
                  });
    }
    const Query::OrderBy& first = plan_.order_by.front();
    const PlannedMeasure* by = nullptr;
    for (const PlannedMeasure& measure : plan_.measures) {
      if (measure.column == first.column) by = &measure;
    }
    if (by == nullptr) return absl::OkStatus();
    TM_ASSIGN_OR_RETURN(const CellValues values, Compute(*by));
    return Keep([&](uint32_t cell) { return values.null(cell) != NullReason::kNone; },
                [&](uint32_t cell) {
                  const uint64_t key = values.doubles ? KeyOfNumber(values.reals[cell])
                                                      : KeyOfNumber(values.integers[cell]);
                  return first.descending ? ~key : key;
                });
  }

  // A number of a cell that is left out may be what makes the answer an error.
  absl::Status CheckMeasures() const {
    for (const PlannedMeasure& measure : plan_.measures) {
      if (measure.word->measure == Measure::kNet) TM_RETURN_IF_ERROR(Compute(measure).status());
    }
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<CellValues> Compute(const PlannedMeasure& measure) const {
    return ComputeMeasure(measure, query_, result_, plan_.view->observatory()->scale);
  }

  template <typename IsNull, typename KeyOf>
  absl::Status Keep(IsNull is_null, KeyOf key_of) {
    const Stop& stop = query_.stop;
    TM_ASSIGN_OR_RETURN(const std::vector<KeyedRow> first,
                        FirstByKey(result_.period.size(), plan_.limit, stop, is_null, key_of));
    if (first.size() == result_.period.size()) return absl::OkStatus();
    std::vector<uint32_t> kept;
    kept.reserve(first.size());
    for (const KeyedRow& row : first) kept.push_back(row.row);
    TM_RETURN_IF_ERROR(GatherRows(kept, stop, &result_.period));
    TM_RETURN_IF_ERROR(GatherRows(kept, stop, &result_.purchases));
    for (auto& groups : result_.groups) TM_RETURN_IF_ERROR(GatherRows(kept, stop, &groups));
    for (auto& sums : result_.aggregates) TM_RETURN_IF_ERROR(GatherRows(kept, stop, &sums));
    for (auto& values : result_.quantiles) TM_RETURN_IF_ERROR(GatherRows(kept, stop, &values));
    return absl::OkStatus();
  }

  const Plan& plan_;
  const EngineQuery& query_;
  EngineResult& result_;
};

}  // namespace

absl::Status KeepFirstCells(const Plan& plan, const EnginePlan& engine_plan, EngineResult* result) {
  const bool cuts = plan.limit != 0 && plan.limit < result->period.size();
  if (!cuts || !RowsStandAlone(plan)) return absl::OkStatus();
  Chooser chooser(plan, engine_plan, result);
  TM_RETURN_IF_ERROR(chooser.CheckMeasures());
  return chooser.Choose();
}

}  // namespace tidemark::analytics
