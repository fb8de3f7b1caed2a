#include "services/analytics/query/cell_facts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/pieces.h"

namespace tidemark::analytics {

CellFacts::CellFacts(const Plan& plan, const EnginePlan& engine_plan, const EngineResult& result,
                     uint32_t with_events, const std::vector<PanelAnswer>& panels)
    : plan_(plan),
      engine_plan_(engine_plan),
      result_(result),
      with_events_(with_events),
      panels_(panels),
      source_dimension_(plan.SourceDimension()),
      index_(engine_plan, result) {}

absl::Status CellFacts::Compute() {
  TM_RETURN_IF_ERROR(index_.status());
  const int scale = plan_.view->observatory()->scale;
  for (const PlannedMeasure& measure : plan_.measures) {
    TM_ASSIGN_OR_RETURN(CellValues values,
                        ComputeMeasure(measure, engine_plan_.query, result_, scale));
    TM_RETURN_IF_ERROR(SetNotReported(&values));
    values_.push_back(std::move(values));
    TM_ASSIGN_OR_RETURN(CellValues nothing,
                        ComputeMeasure(measure, engine_plan_.query, NoEvents(), scale));
    nothing_.push_back(std::move(nothing));
  }
  return absl::OkStatus();
}

// An answer of the engine with one cell that has no events.
EngineResult CellFacts::NoEvents() const {
  EngineResult none;
  none.period = {0};
  none.aggregates.assign(result_.aggregates.size(), {0});
  none.quantiles.assign(result_.quantiles.size(), {0});
  none.purchases = {0};
  return none;
}

// Where nobody reports, no events are not 0.
absl::Status CellFacts::SetNotReported(CellValues* values) {
  return ForEachRow(result_.period.size() - with_events_, engine_plan_.query.stop, [&](size_t i) {
    const size_t cell = with_events_ + i;
    if (CoverageOf(static_cast<uint32_t>(cell)).reported) return;
    values->nulls.resize(result_.period.size());
    values->nulls[cell] = NullReason::kNotReported;
  });
}

std::string_view CellFacts::SourceOf(uint32_t cell) const {
  const size_t d = static_cast<size_t>(source_dimension_);
  return engine_plan_.groups[d][result_.groups[d][cell]].code;
}

PeriodCoverage CellFacts::CoverageIn(const PlannedPeriod& part, uint32_t cell) const {
  if (source_dimension_ < 0) return part.coverage;
  const PlannedSource* const source = plan_.FindSource(SourceOf(cell));
  if (source == nullptr) return PeriodCoverage();
  return source->coverage->Judge(part.period, part.asked_start_us, part.asked_end_us);
}

PeriodCoverage CellFacts::CoverageOf(uint32_t period, uint32_t cell) {
  if (source_dimension_ < 0) return plan_.periods[period].coverage;
  const uint32_t group = result_.groups[static_cast<size_t>(source_dimension_)][cell];
  const auto [found, fresh] = coverages_.try_emplace({period, group});
  if (fresh) found->second = CoverageIn(plan_.periods[period], cell);
  return found->second;
}

CellFacts::Side CellFacts::PanelSide(int32_t panel, int32_t period, uint32_t cell) const {
  absl::InlinedVector<uint32_t, 8> groups;
  for (const std::vector<uint32_t>& of_dimension : result_.groups) {
    groups.push_back(of_dimension[cell]);
  }
  const PanelAnswer& answer = panels_[static_cast<size_t>(panel)];
  const uint32_t found = answer.Find(static_cast<uint32_t>(period), groups);
  return found == PanelAnswer::kNoCell ? NoSide() : Side{&answer.values(), found};
}

NullReason CellFacts::WhyNotMatched(const PlannedPair& pair, uint32_t cell) const {
  if (pair.partial) return NullReason::kPartialPeriod;
  const std::vector<std::string>& sources = *pair.sources;
  const bool matched = source_dimension_ < 0
                           ? !sources.empty()
                           : std::binary_search(sources.begin(), sources.end(), SourceOf(cell));
  return matched ? NullReason::kNone : NullReason::kNoMatchedSource;
}

bool CellFacts::IsPartial(const PlannedPair& pair, int32_t base_period, uint32_t cell) {
  if (pair.panel == kNoPanel) {
    return CoverageOf(cell).partial || CoverageOf(static_cast<uint32_t>(base_period), cell).partial;
  }
  const std::vector<PlannedPeriod>& parts = plan_.panels[static_cast<size_t>(pair.panel)].periods;
  return CoverageIn(parts[static_cast<size_t>(pair.value)], cell).partial ||
         CoverageIn(parts[static_cast<size_t>(pair.base)], cell).partial;
}

CellFacts::Side CellFacts::BaseSide(const PlannedBase& base, uint32_t cell) const {
  if (base.period == kNoBase) return NoSide();
  if (base.panel != kNoPanel) return PanelSide(base.panel, base.at, cell);
  const uint32_t found = index_.Find(static_cast<uint32_t>(base.period), cell);
  return found < with_events_ ? Side{&values_, found} : NoSide();
}

CellFacts::Compared CellFacts::Compare(uint32_t cell, const PlannedBase& base,
                                       const PlannedPair& pair) {
  Compared compared{{&values_, cell}, BaseSide(base, cell)};
  if (base.period == kNoBase || (IsNothing(compared.base) &&
                                 !CoverageOf(static_cast<uint32_t>(base.period), cell).reported)) {
    compared.null = NullReason::kNoBase;
    return compared;
  }
  if (pair.sources != nullptr || pair.partial) {
    compared.null = WhyNotMatched(pair, cell);
  } else if (IsPartial(pair, base.period, cell)) {
    compared.null = NullReason::kPartialPeriod;
  }
  if (pair.panel != kNoPanel) {
    compared.value = PanelSide(pair.panel, pair.value, cell);
    compared.base = PanelSide(pair.panel, pair.base, cell);
  }
  return compared;
}

CellFacts::Compared CellFacts::CompareFar(uint32_t cell, size_t far) {
  // As reported: far bases have no panels.
  return Compare(cell, PeriodOf(cell).far[far], {});
}

CellFacts::Compared CellFacts::YearToDate(uint32_t cell) {
  const PlannedPair& own = PeriodOf(cell).ytd;
  const PlannedPeriod& part =
      plan_.panels[static_cast<size_t>(own.panel)].periods[static_cast<size_t>(own.value)];
  Compared compared{PanelSide(own.panel, own.value, cell), NoSide()};
  if (IsNothing(compared.value) && !CoverageIn(part, cell).reported) {
    compared.null = NullReason::kNotReported;
  }
  return compared;
}

CellFacts::Compared CellFacts::CompareYearToDate(uint32_t cell) {
  const PlannedPair& own = PeriodOf(cell).ytd;
  const PlannedPair& pair = PeriodOf(cell).ytd_yoy_pair;
  const PlannedPeriod& base =
      plan_.panels[static_cast<size_t>(own.panel)].periods[static_cast<size_t>(own.base)];
  Compared compared = YearToDate(cell);
  compared.base = PanelSide(own.panel, own.base, cell);
  if (IsNothing(compared.base) && !CoverageIn(base, cell).reported) {
    compared.null = NullReason::kNoBase;
    return compared;
  }
  if (pair.sources != nullptr || pair.partial) {
    compared.null = WhyNotMatched(pair, cell);
  } else if (IsPartial(pair, kNoBase, cell)) {
    compared.null = NullReason::kPartialPeriod;
  }
  if (pair.panel != kNoPanel) {
    compared.value = PanelSide(pair.panel, pair.value, cell);
    compared.base = PanelSide(pair.panel, pair.base, cell);
  }
  return compared;
}

}  // namespace tidemark::analytics
