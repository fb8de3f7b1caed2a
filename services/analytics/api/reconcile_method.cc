#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/indicator_name.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/statistics/indicator/reconcile.h"
#include "tidemark/analytics/v1/indicator.pb.h"

namespace tidemark::analytics {
namespace {

constexpr int kMaxSeries = 100, kMaxRegions = 1000;

absl::Status CheckCount(std::string_view field, int count, int most) {
  if (count <= most) return absl::OkStatus();
  return status::InvalidArgument(field, absl::StrCat(count, " names; want at most ", most),
                                 "TOO_MANY");
}

}  // namespace

absl::Status Reconcile(const StatisticRunner& runner, const StatisticCall& call,
                       const v1::ReconcileRequest& request, v1::ReconcileResponse* response) {
  TM_RETURN_IF_ERROR(CheckIndicatorName(request.indicator()));
  TM_RETURN_IF_ERROR(CheckCount("series", request.series_size(), kMaxSeries));
  TM_RETURN_IF_ERROR(CheckCount("regions", request.regions_size(), kMaxRegions));
  const ReconcileQuestion question{.indicator = request.indicator(),
                                   .series = {request.series().begin(), request.series().end()},
                                   .regions = {request.regions().begin(), request.regions().end()},
                                   .first = request.range().first(),
                                   .last = request.range().last()};
  TM_ASSIGN_OR_RETURN(const Reconciliation made, Reconcile(call.context, question));
  TM_RETURN_IF_ERROR(WriteWholeTable(call, made.figures, "figures", response->mutable_figures()));
  runner.WriteMeta(call, made.effects_scanned, made.figures.row_count, response->mutable_meta());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
