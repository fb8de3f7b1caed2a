#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/field_prefix.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/place_dimension.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/statistics/uplift/held_activity.h"
#include "services/analytics/statistics/uplift/uplift.h"
#include "tidemark/analytics/v1/uplift.pb.h"

namespace tidemark::analytics {
namespace {

constexpr int kMaxTreated = 1'000;
constexpr int kMaxControls = 10'000;
constexpr int kMaxLeftOut = 1'000;
constexpr int kMaxHolidays = 400;
constexpr uint32_t kMaxPlaceboDates = 50;
constexpr uint32_t kDefaultPlaceboDates = 10;

absl::Status CheckCount(std::string_view field, int count, int most) {
  if (count <= most) return absl::OkStatus();
  return status::InvalidArgument(field, absl::StrCat(count, " entries; want at most ", most),
                                 "TOO_MANY");
}

absl::Status CheckSizes(const v1::UpliftRequest& request) {
  if (request.treated().empty() && request.held_activity().empty()) {
    return status::InvalidArgument("treated",
                                   "missing; want the regions that had the activity, or "
                                   "held_activity, an activity of the catalog",
                                   "FIELD_REQUIRED");
  }
  TM_RETURN_IF_ERROR(CheckCount("treated", request.treated_size(), kMaxTreated));
  TM_RETURN_IF_ERROR(CheckCount("controls", request.controls_size(), kMaxControls));
  TM_RETURN_IF_ERROR(CheckCount("left_out", request.left_out_size(), kMaxLeftOut));
  TM_RETURN_IF_ERROR(CheckCount("public_holidays", request.public_holidays_size(), kMaxHolidays));
  if (request.placebo_dates() > kMaxPlaceboDates) {
    return status::InvalidArgument(
        "placebo_dates",
        absl::StrCat(request.placebo_dates(), " is too large; want at most ", kMaxPlaceboDates),
        "TOO_LARGE");
  }
  return absl::OkStatus();
}

absl::StatusOr<UpliftQuestion> MakeQuestion(const StatisticContext& context,
                                            const v1::UpliftRequest& request) {
  TM_RETURN_IF_ERROR(CheckSizes(request));
  v1::Query query;
  query.add_measures()->set_name("gross");
  *query.mutable_filters() = request.filters();
  query.set_grain(v1::GRAIN_DAY);
  TM_ASSIGN_OR_RETURN(*query.add_dimensions(), PlaceOf(request.place()));
  UpliftQuestion question;
  question.query = FromProto(query);
  question.treated = {request.treated().begin(), request.treated().end()};
  question.controls = {request.controls().begin(), request.controls().end()};
  question.left_out = {request.left_out().begin(), request.left_out().end()};
  question.activity_first = request.activity().first();
  question.activity_last = request.activity().last();
  question.before_first = request.before().first();
  question.before_last = request.before().last();
  question.holidays = {request.public_holidays().begin(), request.public_holidays().end()};
  question.placebo_dates =
      request.placebo_dates() == 0 ? kDefaultPlaceboDates : request.placebo_dates();
  if (!request.held_activity().empty())
    TM_RETURN_IF_ERROR(TakeActivity(context, request.held_activity(), &question));
  return question;
}

}  // namespace

absl::Status EstimateUplift(const StatisticRunner& runner, const StatisticCall& call,
                            const v1::UpliftRequest& request, v1::UpliftResponse* response) {
  TM_ASSIGN_OR_RETURN(const UpliftQuestion question, MakeQuestion(call.context, request));
  const absl::StatusOr<Uplift> uplift = EstimateUpliftOf(call.context, question);
  if (!uplift.ok()) return status::WithFieldPrefix(uplift.status(), "dimensions[0].", "place.");
  TM_RETURN_IF_ERROR(
      WriteWholeTable(call, uplift->effect, "the effect", response->mutable_effect()));
  TM_RETURN_IF_ERROR(
      WriteWholeTable(call, uplift->placebos, "the placebos", response->mutable_placebos()));
  TM_RETURN_IF_ERROR(
      WriteWholeTable(call, uplift->regions, "the regions", response->mutable_regions()));
  TM_RETURN_IF_ERROR(WriteWholeTable(call, uplift->days, "the days", response->mutable_days()));
  runner.WriteMeta(call, uplift->effects_scanned, uplift->effect.row_count,
                   response->mutable_meta());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
