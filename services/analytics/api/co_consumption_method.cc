#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/api/statistic_question.h"
#include "services/analytics/statistics/co_consumption/co_consumption.h"
#include "tidemark/analytics/v1/co_consumption.pb.h"

namespace tidemark::analytics {
namespace {

constexpr uint32_t kMaxDays = 3660;

absl::StatusOr<CoConsumptionQuestion> MakeQuestion(const v1::CoConsumptionRequest& request) {
  CoConsumptionQuestion question{
      .dimension = {request.dimension().name().empty() ? "category" : request.dimension().name(),
                    request.dimension().level()},
      .goods_and_services = request.goods_and_services(),
      .within_days = request.within_days()};
  if (question.goods_and_services && question.dimension.name != "category") {
    return status::InvalidArgument("goods_and_services",
                                   absl::StrCat("`", question.dimension.name.substr(0, 256),
                                                "` has no goods and services; want `category`"),
                                   "NOT_CATEGORIES");
  }
  if (question.dimension.name == kCategoryNature && !question.dimension.level.empty()) {
    return status::InvalidArgument("dimension.level", "category_nature has no levels",
                                   "UNKNOWN_LEVEL");
  }
  if (question.within_days > kMaxDays) {
    return status::InvalidArgument("within_days",
                                   absl::StrCat(question.within_days, "; want at most ", kMaxDays),
                                   "OUT_OF_RANGE");
  }
  TM_ASSIGN_OR_RETURN(question.query, OrderedQueryOf(request));
  return question;
}

}  // namespace

absl::Status GetCoConsumption(const StatisticRunner& runner, const StatisticCall& call,
                              const v1::CoConsumptionRequest& request,
                              v1::CoConsumptionResponse* response) {
  TM_ASSIGN_OR_RETURN(const CoConsumptionQuestion question, MakeQuestion(request));
  TM_ASSIGN_OR_RETURN(const CoConsumption made, ComputeCoConsumption(call.context, question));
  TM_RETURN_IF_ERROR(WriteWholeTable(call, made.pairs, "pairs", response->mutable_pairs()));
  TM_RETURN_IF_ERROR(WriteWholeTable(call, made.members, "members", response->mutable_members()));
  TM_RETURN_IF_ERROR(WriteWholeTable(call, made.totals, "totals", response->mutable_totals()));
  runner.WriteMeta(call, made.effects_scanned, made.pairs.row_count, response->mutable_meta());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
