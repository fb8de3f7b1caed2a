#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/query/canonical.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/indicator_name.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/api/statistic_question.h"
#include "services/analytics/query/period_range.h"
#include "services/analytics/statistics/indicator/evaluation.h"
#include "tidemark/analytics/v1/indicator.pb.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::analytics {
namespace {

constexpr int kMaxRegions = 1000;

absl::StatusOr<std::vector<std::string>> RegionsOf(const v1::EvaluateIndicatorRequest& request) {
  if (request.regions().empty() || request.regions_size() > kMaxRegions) {
    return status::InvalidArgument(
        "regions", absl::StrCat(request.regions_size(), " places; want 1 to ", kMaxRegions),
        request.regions().empty() ? "MISSING" : "TOO_MANY");
  }
  std::set<std::string> seen;
  for (int i = 0; i < request.regions_size(); ++i) {
    if (seen.insert(request.regions(i)).second) continue;
    return status::InvalidArgument(absl::StrCat("regions[", i, "]"), "a place that is there before",
                                   "DUPLICATE");
  }
  return std::vector<std::string>(request.regions().begin(), request.regions().end());
}

// The whole periods within the range, or the one that the range is.
absl::StatusOr<std::vector<Period>> PeriodsOf(const Calendar& calendar, const Query& query) {
  if (query.first.empty() || query.last.empty()) {
    return status::InvalidArgument(query.first.empty() ? "range.first" : "range.last",
                                   "missing; want a period such as 2024 or 2024-01..02", "MISSING");
  }
  TM_ASSIGN_OR_RETURN(const TimeRange range,
                      ParsePeriodRange(calendar, "range", query.first, query.last));
  if (query.grain == Grain::kAll) {
    if (!IsOnePeriod(query)) {
      return status::InvalidArgument(
          "grain",
          "the whole range is no period with a name; want a grain such as year, or one name",
          "GRAIN_INVALID");
    }
    TM_ASSIGN_OR_RETURN(const Period period, calendar.Parse(query.first));
    return std::vector<Period>{period};
  }
  absl::StatusOr<std::vector<Period>> periods =
      calendar.Cover(query.grain, range.start_us, range.end_us, kMaxPeriods);
  if (!periods.ok()) return status::WithReason(periods.status(), "TOO_MANY_PERIODS");
  std::erase_if(*periods, [&](const Period& period) {
    return period.start_us < range.start_us || period.end_us > range.end_us;
  });
  if (!periods->empty()) return periods;
  return status::InvalidArgument("range",
                                 absl::StrCat("no whole ", GrainName(query.grain), " lies within ",
                                              query.first, " to ", query.last),
                                 "PERIOD_INVALID");
}

std::string CanonicalTextOf(const Query& query) {
  v1::Query proto;
  for (const Query::MeasureRef& measure : query.measures) {
    v1::Measure& made = *proto.add_measures();
    made.set_name(measure.name);
    made.set_quantile(measure.quantile);
  }
  for (const Query::Filter& filter : query.filters) {
    v1::Filter& made = *proto.add_filters();
    made.set_dimension(filter.dimension);
    made.mutable_codes()->Assign(filter.codes.begin(), filter.codes.end());
    made.set_unknown(filter.unknown);
    made.set_exclude(filter.exclude);
  }
  proto.mutable_range()->set_first(query.first);
  proto.mutable_range()->set_last(query.last);
  proto.set_grain(static_cast<v1::Grain>(query.grain));
  return tidemark::query::CanonicalText(proto);
}

}  // namespace

absl::Status EvaluateIndicator(const StatisticRunner& runner, const StatisticCall& call,
                               const v1::EvaluateIndicatorRequest& request,
                               v1::EvaluateIndicatorResponse* response) {
  const StatisticContext& context = call.context;
  TM_RETURN_IF_ERROR(CheckIndicatorName(request.indicator()));
  TM_ASSIGN_OR_RETURN(const std::vector<std::string> regions, RegionsOf(request));
  TM_ASSIGN_OR_RETURN(Query query, QueryOf(request));
  if (request.grain() == v1::GRAIN_UNSPECIFIED) {
    TM_ASSIGN_OR_RETURN(
        const auto resource,
        context.catalog->Get(request.indicator(), context.snapshot.catalog_version));
    query.grain = static_cast<Grain>(resource->indicator().frequency());
  }
  TM_ASSIGN_OR_RETURN(const std::vector<Period> periods, PeriodsOf(*context.calendar, query));
  TM_ASSIGN_OR_RETURN(const Evaluation evaluation,
                      EvaluateFormula(context, request.indicator(), regions, periods, query.filters,
                                      request.explain()));
  TM_RETURN_IF_ERROR(WriteWholeTable(call, ValuesTable(context, evaluation), "values",
                                     response->mutable_values()));
  if (request.explain()) {
    TM_RETURN_IF_ERROR(WriteWholeTable(call, NodesTable(context, evaluation, CanonicalTextOf),
                                       "nodes", response->mutable_nodes()));
  }
  response->set_formula(evaluation.formula);
  response->set_catalog_version(context.snapshot.catalog_version);
  response->set_indicator_version(evaluation.indicator_version);
  runner.WriteMeta(call, evaluation.effects_scanned, evaluation.values.size(),
                   response->mutable_meta());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
