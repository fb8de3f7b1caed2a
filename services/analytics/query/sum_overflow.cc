#include "services/analytics/query/sum_overflow.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace tidemark::analytics {
namespace {

// The measure that an aggregate was asked for first, as its column is called.
std::string MeasureOf(const Plan& plan, Aggregate aggregate) {
  for (const PlannedMeasure& measure : plan.measures) {
    const auto& parts = measure.word->aggregates;
    if (std::find(parts.begin(), parts.end(), aggregate) != parts.end()) return measure.column;
  }
  return "a sum";
}

// `told`, with the first sum that does not fit.
absl::Status TooLarge(const Plan& plan, const EngineQuery& query, const StatStore& store,
                      const absl::Status& told) {
  EngineQuery wide = query;
  wide.wide_sums = true;
  const absl::StatusOr<EngineResult> result = store.Run(wide);
  if (!result.ok()) return told;
  for (size_t i = 0; i < wide.aggregates.size(); ++i) {
    for (size_t cell = 0; cell < result->period.size(); ++cell) {
      if (result->upper[i][cell] == result->aggregates[i][cell] >> 63) continue;
      std::string period = plan.period_name;
      if (period.empty()) period = plan.calendar->Name(plan.periods[result->period[cell]].period);
      return absl::OutOfRangeError(absl::StrCat(
          "what ", MeasureOf(plan, wide.aggregates[i]), " is made of",
          period.empty() ? "" : absl::StrCat(" in ", period),
          " does not fit 64 bits: ask for shorter periods or fewer events; were amounts sent in a "
          "wrong unit?"));
    }
  }
  return told;
}

}  // namespace

absl::StatusOr<EngineResult> RunNamingOverflow(const Plan& plan, const EngineQuery& query,
                                               const StatStore& store) {
  absl::StatusOr<EngineResult> result = store.Run(query);
  if (!absl::IsOutOfRange(result.status())) return result;
  return status::WithReason(TooLarge(plan, query, store, result.status()), "SUM_OVERFLOW");
}

}  // namespace tidemark::analytics
