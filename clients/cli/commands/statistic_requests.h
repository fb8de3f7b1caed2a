#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_STATISTIC_REQUESTS_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_STATISTIC_REQUESTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tidemark/analytics/v1/co_consumption.pb.h"
#include "tidemark/analytics/v1/concentration.pb.h"
#include "tidemark/analytics/v1/flows.pb.h"
#include "tidemark/analytics/v1/forecast.pb.h"
#include "tidemark/analytics/v1/statistics_service.pb.h"

// Requests of named statistics, but for the snapshot, from what commands and templates of reports
// say. UsageError: the text is no query or no clauses, or has others than the statistic takes.
namespace tidemark::cli {

struct ForecastQuestion {
  // One measure with clauses by (a period), where, from, to and in.
  std::string query;
  uint32_t horizon = 0;
  uint32_t season = 0;
  uint32_t origins = 0;
  bool join_january_february = false;
};
absl::StatusOr<analytics::v1::ForecastRequest> MakeForecastRequest(
    const ForecastQuestion& question);

struct FlowsQuestion {
  std::string clauses;
  std::string level;
  // `seller`, `place_of_use`; empty: seller.
  std::string to;
  std::vector<std::string> groups;
};
absl::StatusOr<analytics::v1::FlowsRequest> MakeFlowsRequest(const FlowsQuestion& question);

absl::StatusOr<analytics::v1::GetAvailabilityRequest> MakeAvailabilityRequest(
    const std::string& clauses);

absl::StatusOr<analytics::v1::ConcentrationRequest> MakeConcentrationRequest(
    const std::string& clauses);

struct CoConsumptionQuestion {
  std::string clauses;
  // A dimension with or without a level, `category@1`.
  std::string of;
  bool goods_and_services = false;
  uint32_t within_days = 0;
};
absl::StatusOr<analytics::v1::CoConsumptionRequest> MakeCoConsumptionRequest(
    const CoConsumptionQuestion& question);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_STATISTIC_REQUESTS_H_
