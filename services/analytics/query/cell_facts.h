#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_CELL_FACTS_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_CELL_FACTS_H_

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "services/analytics/query/cell_index.h"
#include "services/analytics/query/engine_plan.h"
#include "services/analytics/query/measures.h"
#include "services/analytics/query/panel_answer.h"
#include "services/analytics/query/plan.h"

namespace tidemark::analytics {

// What is known of the cells of an answer: measures, coverage, and what each is compared with.
// Refers to what it was made of.
class CellFacts {
 public:
  // The first `with_events` cells of `result` have events, the others none. `panels`: by
  // Plan::panels.
  CellFacts(const Plan& plan, const EnginePlan& engine_plan, const EngineResult& result,
            uint32_t with_events, const std::vector<PanelAnswer>& panels);
  // Computes the measures; before anything below is asked. Errors of ComputeMeasure; what
  // EngineQuery::stop says.
  absl::Status Compute();

  const CellIndex& index() const { return index_; }
  const CellValues& values(size_t measure) const { return values_[measure]; }
  size_t measures() const { return values_.size(); }
  const PlannedPeriod& PeriodOf(uint32_t cell) const { return plan_.periods[result_.period[cell]]; }

  // Of the sources that a cell is about: all of the answer's, or its own.
  PeriodCoverage CoverageOf(uint32_t cell) { return CoverageOf(result_.period[cell], cell); }

  // A cell's values by measure: of the answer, of a panel, or of no events.
  struct Side {
    const std::vector<CellValues>* values;
    uint32_t cell;
    const CellValues& of(size_t m) const { return (*values)[m]; }
    NullReason null(size_t m) const { return of(m).null(cell); }
  };
  // What a row compares; or why it does not.
  struct Compared {
    Side value, base;
    NullReason null = NullReason::kNone;

    // Why the row has no comparison of a measure.
    NullReason WhyNot(size_t m) const {
      if (null != NullReason::kNone) return null;
      return value.null(m) != NullReason::kNone ? value.null(m) : base.null(m);
    }
  };
  Compared ComparePrev(uint32_t cell) {
    return Compare(cell, PeriodOf(cell).prev, PeriodOf(cell).prev_pair);
  }
  Compared CompareYoy(uint32_t cell) {
    return Compare(cell, PeriodOf(cell).yoy, PeriodOf(cell).yoy_pair);
  }
  Compared CompareYearToDate(uint32_t cell);
  // With Plan::far_bases[far].
  Compared CompareFar(uint32_t cell, size_t far);
  // The value of the year to date alone; null where nobody reports and nothing happened.
  Compared YearToDate(uint32_t cell);

 private:
  EngineResult NoEvents() const;
  absl::Status SetNotReported(CellValues* values);
  std::string_view SourceOf(uint32_t cell) const;
  PeriodCoverage CoverageIn(const PlannedPeriod& part, uint32_t cell) const;
  PeriodCoverage CoverageOf(uint32_t period, uint32_t cell);
  Side NoSide() const { return {&nothing_, 0}; }
  bool IsNothing(const Side& side) const { return side.values == &nothing_; }
  Side PanelSide(int32_t panel, int32_t period, uint32_t cell) const;
  // As reported.
  Side BaseSide(const PlannedBase& base, uint32_t cell) const;
  NullReason WhyNotMatched(const PlannedPair& pair, uint32_t cell) const;
  bool IsPartial(const PlannedPair& pair, int32_t base_period, uint32_t cell);
  Compared Compare(uint32_t cell, const PlannedBase& base, const PlannedPair& pair);

  const Plan& plan_;
  const EnginePlan& engine_plan_;
  const EngineResult& result_;
  const uint32_t with_events_;
  const std::vector<PanelAnswer>& panels_;
  const int source_dimension_;
  const CellIndex index_;
  // By period and group of the dimension `source`.
  absl::flat_hash_map<std::pair<uint32_t, uint32_t>, PeriodCoverage> coverages_;
  // By measure.
  std::vector<CellValues> values_;
  // By measure: the values of a cell without events.
  std::vector<CellValues> nothing_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_CELL_FACTS_H_
