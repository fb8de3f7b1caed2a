#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/field_prefix.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/query/vocabulary.h"
#include "services/analytics/statistics/forecast/ets_fit.h"
#include "services/analytics/statistics/forecast/forecast.h"
#include "tidemark/analytics/v1/forecast.pb.h"

namespace tidemark::analytics {
namespace {

constexpr uint32_t kMaxHorizon = 60;
constexpr uint32_t kMaxOrigins = 24;
constexpr uint32_t kDefaultOrigins = 8;

// What is taken of a grain when the request says nothing.
struct GrainDefaults {
  Grain grain;
  int season;
  uint32_t horizon;
};
constexpr GrainDefaults kDefaults[] = {
    {Grain::kDay, 7, 14},    {Grain::kWeek, 1, 13},    {Grain::kMonth, 12, 12},
    {Grain::kQuarter, 4, 4}, {Grain::kHalfYear, 2, 2}, {Grain::kYear, 1, 3},
};

absl::Status CheckJoin(const v1::ForecastRequest& request, const Query& query) {
  constexpr std::string_view kField = "join_january_february";
  if (!request.join_january_february()) return absl::OkStatus();
  if (query.grain != Grain::kMonth) {
    return status::InvalidArgument(kField, "only months can be joined; want the grain MONTH",
                                   "NOT_MONTHS");
  }
  const MeasureWord* const word = FindMeasure(request.measure().name());
  if (word != nullptr && !word->additive) {
    return status::InvalidArgument(
        kField,
        absl::StrCat("`", request.measure().name(),
                     "` of two months is not the sum of theirs; want a measure that adds up, such "
                     "as gross, or leave the months apart"),
        "NOT_ADDITIVE");
  }
  return absl::OkStatus();
}

absl::Status CheckAtMost(std::string_view field, uint32_t value, uint32_t most) {
  if (value <= most) return absl::OkStatus();
  return status::InvalidArgument(field, absl::StrCat(value, " is too large; want at most ", most),
                                 "TOO_LARGE");
}

absl::StatusOr<ForecastQuestion> MakeQuestion(const v1::ForecastRequest& request) {
  v1::Query query;
  *query.add_measures() = request.measure();
  *query.mutable_filters() = request.filters();
  *query.mutable_range() = request.range();
  query.set_grain(request.grain() == v1::GRAIN_UNSPECIFIED ? v1::GRAIN_MONTH : request.grain());
  const GrainDefaults* defaults = nullptr;
  for (const GrainDefaults& of_grain : kDefaults) {
    if (static_cast<int>(of_grain.grain) == static_cast<int>(query.grain())) defaults = &of_grain;
  }
  if (defaults == nullptr) {
    return status::InvalidArgument("grain", "want DAY, WEEK, MONTH, QUARTER, HALF_YEAR or YEAR",
                                   "UNKNOWN_GRAIN");
  }
  TM_RETURN_IF_ERROR(CheckAtMost("horizon", request.horizon(), kMaxHorizon));
  TM_RETURN_IF_ERROR(CheckAtMost("season", request.season(), kMaxSeason));
  TM_RETURN_IF_ERROR(CheckAtMost("back_test_origins", request.back_test_origins(), kMaxOrigins));
  ForecastQuestion question{.query = FromProto(query),
                            .join_january_february = request.join_january_february()};
  TM_RETURN_IF_ERROR(CheckJoin(request, question.query));
  const int shorter = question.join_january_february ? 1 : 0;
  question.season =
      request.season() == 0 ? defaults->season - shorter : static_cast<int>(request.season());
  question.horizon = request.horizon() == 0 ? defaults->horizon - static_cast<uint32_t>(shorter)
                                            : request.horizon();
  question.origins =
      request.back_test_origins() == 0 ? kDefaultOrigins : request.back_test_origins();
  return question;
}

}  // namespace

absl::Status MakeForecast(const StatisticRunner& runner, const StatisticCall& call,
                          const v1::ForecastRequest& request, v1::ForecastResponse* response) {
  TM_ASSIGN_OR_RETURN(const ForecastQuestion question, MakeQuestion(request));
  const absl::StatusOr<Forecast> forecast = ComputeForecast(call.context, question);
  if (!forecast.ok()) return status::WithFieldPrefix(forecast.status(), "measures[0].", "measure.");
  TM_RETURN_IF_ERROR(
      WriteWholeTable(call, forecast->history, "the history", response->mutable_history()));
  TM_RETURN_IF_ERROR(
      WriteWholeTable(call, forecast->forecast, "the forecast", response->mutable_forecast()));
  TM_RETURN_IF_ERROR(
      WriteWholeTable(call, forecast->models, "the models", response->mutable_models()));
  TM_RETURN_IF_ERROR(
      WriteWholeTable(call, forecast->back_test, "the back-test", response->mutable_back_test()));
  runner.WriteMeta(call, forecast->effects_scanned, forecast->forecast.row_count,
                   response->mutable_meta());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
