#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/plan_words.h"

namespace tidemark::analytics {
namespace {

constexpr size_t kMaxStandings = 8;

absl::Status TooMany(std::string_view field, size_t count) {
  return status::InvalidArgument(
      field, absl::StrCat(count, " entries; want at most ", kMaxStandings), "TOO_MANY");
}

absl::Status Twice(std::string_view item, std::string_view column) {
  return status::InvalidArgument(item, absl::StrCat("`", column, "` is there twice; leave one out"),
                                 "DUPLICATE");
}

absl::StatusOr<PlannedContribution> PlanContribution(const Query::Contribution& contribution,
                                                     std::string_view item, const Plan& plan) {
  PlannedContribution planned{.column = contribution.column,
                              .rate_column = contribution.rate_column};
  TM_ASSIGN_OR_RETURN(planned.measure, FindAdditive(plan, item, contribution.measure));
  TM_ASSIGN_OR_RETURN(planned.whole,
                      PlanWhole(plan, item, contribution.dimension, contribution.level));
  const std::string field = absl::StrCat(item, ".comparison");
  planned.yoy = contribution.comparison == Comparison::kYoy;
  if (!planned.yoy && contribution.comparison != Comparison::kPrev) {
    return status::InvalidArgument(field, "want PREV or YOY", "UNKNOWN_COMPARISON");
  }
  if (planned.yoy ? plan.yoy : plan.prev) return planned;
  return status::InvalidArgument(
      field,
      absl::StrCat("what a part did for growth needs the growth: add ",
                   planned.yoy ? "YOY" : "PREV", " to query.comparisons"),
      "COMPARISON_MISSING");
}

absl::StatusOr<PlannedQuotient> PlanQuotient(const Query::LocationQuotient& quotient,
                                             std::string_view item, const Plan& plan) {
  PlannedQuotient planned{.column = quotient.column};
  TM_ASSIGN_OR_RETURN(planned.measure, FindAdditive(plan, item, quotient.measure));
  TM_ASSIGN_OR_RETURN(planned.place, FindPlanned(plan, item, quotient.dimension));
  if (plan.dimensions.size() > 1) return planned;
  return status::InvalidArgument(
      absl::StrCat(item, ".dimension"),
      "a location quotient compares what places consume: add a dimension beside the place, such "
      "as category",
      "DIMENSION_MISSING");
}

}  // namespace

absl::Status PlanStandings(const Query& query, Plan* plan) {
  if (query.contributions.size() > kMaxStandings) {
    return TooMany("query.contributions", query.contributions.size());
  }
  std::set<std::string_view> seen;
  for (size_t i = 0; i < query.contributions.size(); ++i) {
    const std::string item = absl::StrCat("query.contributions[", i, "]");
    if (!seen.insert(query.contributions[i].column).second) {
      return Twice(item, query.contributions[i].column);
    }
    TM_ASSIGN_OR_RETURN(PlannedContribution planned,
                        PlanContribution(query.contributions[i], item, *plan));
    plan->contributions.push_back(std::move(planned));
  }
  if (query.location_quotients.size() > kMaxStandings) {
    return TooMany("query.location_quotients", query.location_quotients.size());
  }
  for (size_t i = 0; i < query.location_quotients.size(); ++i) {
    const std::string item = absl::StrCat("query.location_quotients[", i, "]");
    if (!seen.insert(query.location_quotients[i].column).second) {
      return Twice(item, query.location_quotients[i].column);
    }
    TM_ASSIGN_OR_RETURN(PlannedQuotient planned,
                        PlanQuotient(query.location_quotients[i], item, *plan));
    plan->quotients.push_back(std::move(planned));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
