#include "services/analytics/query/plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/plan_words.h"

namespace tidemark::analytics {

std::vector<std::string> Plan::Columns() const {
  std::vector<std::string> columns;
  if (HasPeriods()) columns.push_back("period");
  for (const PlannedDimension& dimension : dimensions) {
    columns.emplace_back(dimension.word->name);
  }
  for (std::string& column : NumberColumns()) columns.push_back(std::move(column));
  for (const PlannedRank& rank : ranks) columns.push_back(rank.column);
  for (const char* name : {"coverage_complete", "coverage_expected", "status", "flags"}) {
    columns.emplace_back(name);
  }
  return columns;
}

std::vector<std::string> Plan::NumberColumns() const {
  std::vector<std::string> columns;
  for (const PlannedMeasure& measure : measures) columns.push_back(measure.column);
  const auto compare = [&](std::string_view name) {
    for (const PlannedMeasure& measure : measures) {
      if (measure.added) continue;
      columns.push_back(absl::StrCat(name, "_diff(", measure.column, ")"));
      if (measure.word->unit != Unit::kRatio) {
        columns.push_back(absl::StrCat(name, "(", measure.column, ")"));
      }
    }
  };
  if (prev) compare("prev");
  if (yoy) compare("yoy");
  if (ytd) {
    for (const PlannedMeasure& measure : measures) {
      if (!measure.added) columns.push_back(absl::StrCat("ytd(", measure.column, ")"));
    }
  }
  if (ytd_yoy) compare("ytd_yoy");
  for (const PlannedFarBase& base : far_bases) {
    for (const PlannedMeasure& measure : measures) {
      if (!measure.added) columns.push_back(FarColumn(base, measure));
    }
  }
  for (const PlannedContribution& contribution : contributions) {
    columns.push_back(contribution.column);
    columns.push_back(contribution.rate_column);
  }
  for (const PlannedShare& share : shares) columns.push_back(share.column);
  for (const PlannedQuotient& quotient : quotients) columns.push_back(quotient.column);
  for (const PlannedPerHead& per_head : this->per_head) columns.push_back(per_head.column);
  return columns;
}

std::string FarColumn(const PlannedFarBase& base, const PlannedMeasure& measure) {
  return base.years == 0 ? absl::StrCat("index(", measure.column, ")")
                         : absl::StrCat("cagr(", measure.column, ",", base.years, ")");
}

int Plan::SourceDimension() const {
  for (size_t d = 0; d < dimensions.size(); ++d) {
    if (dimensions[d].word->field == Field::kSource) return static_cast<int>(d);
  }
  return -1;
}

const PlannedSource* Plan::FindSource(std::string_view id) const {
  const auto found = std::lower_bound(
      sources.begin(), sources.end(), id,
      [](const PlannedSource& source, std::string_view i) { return source.id < i; });
  return found == sources.end() || found->id != id ? nullptr : &*found;
}

absl::Status NoObservatory() {
  return status::WithReason(
      absl::FailedPreconditionError(
          "the catalog had no observatory yet at this snapshot: ask for a later one, or, when "
          "the log is new, apply one first"),
      "NO_OBSERVATORY");
}

absl::StatusOr<Plan> MakePlan(const Query& query, const PlanInputs& inputs) {
  if (inputs.view->observatory() == nullptr) return NoObservatory();
  Plan plan;
  plan.view = inputs.view;
  plan.calendar = inputs.calendar;
  plan.snapshot = inputs.snapshot;
  plan.grain = query.grain;
  plan.limit = query.limit;
  TM_RETURN_IF_ERROR(PlanMeasures(query, &plan));
  TM_RETURN_IF_ERROR(PlanDimensions(query, &plan));
  TM_RETURN_IF_ERROR(PlanGeography(query, inputs.calendar, &plan));
  TM_RETURN_IF_ERROR(CheckFilters(query));
  TM_RETURN_IF_ERROR(PlanFilters(query, inputs, &plan));
  TM_RETURN_IF_ERROR(PlanShares(query, &plan));
  TM_RETURN_IF_ERROR(PlanComparisons(query, &plan));
  TM_RETURN_IF_ERROR(PlanStandings(query, &plan));
  TM_RETURN_IF_ERROR(PlanPerHead(query, &plan));
  TM_RETURN_IF_ERROR(PlanRanks(query, &plan));
  TM_RETURN_IF_ERROR(CheckPeriodNames(query, *inputs.calendar, &plan));
  TM_RETURN_IF_ERROR(PlanPeriods(query, inputs, &plan));
  if (inputs.asset != nullptr) TM_RETURN_IF_ERROR(CheckInsideAsset(*inputs.asset, plan));
  TM_RETURN_IF_ERROR(PlanOrder(query, &plan));
  return plan;
}

absl::Status CheckWords(const Query& query, const Calendar* calendar) {
  Plan plan;
  plan.grain = query.grain;
  TM_RETURN_IF_ERROR(PlanMeasures(query, &plan));
  TM_RETURN_IF_ERROR(PlanDimensions(query, &plan));
  TM_RETURN_IF_ERROR(PlanGeography(query, calendar, &plan));
  TM_RETURN_IF_ERROR(CheckFilters(query));
  TM_RETURN_IF_ERROR(PlanShares(query, &plan));
  TM_RETURN_IF_ERROR(PlanComparisons(query, &plan));
  TM_RETURN_IF_ERROR(PlanStandings(query, &plan));
  TM_RETURN_IF_ERROR(PlanPerHead(query, &plan));
  TM_RETURN_IF_ERROR(PlanRanks(query, &plan));
  if (calendar != nullptr) TM_RETURN_IF_ERROR(CheckPeriodNames(query, *calendar, &plan));
  if (IsOnePeriod(query)) plan.period_name = query.first;
  return PlanOrder(query, &plan);
}

}  // namespace tidemark::analytics
