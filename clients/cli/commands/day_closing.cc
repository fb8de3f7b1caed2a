#include "clients/cli/commands/day_closing.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "clients/cli/app/patience.h"
#include "common/rpc/channel_factory.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::cli {
namespace {

constexpr size_t kDaysPerRequest = 1000;
constexpr absl::Duration kCallTimeout = absl::Seconds(30);

absl::Status Submit(CommandHost& host, const ingest::v1::SubmitControlTotalsRequest& request,
                    absl::Duration patience, ingest::v1::SubmitControlTotalsResponse* response) {
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kIngest));
  TM_ASSIGN_OR_RETURN(const std::string token, host.connection().Token());
  const auto stub = ingest::v1::IngestService::NewStub(channel);
  return CallWithPatience(host.terminal(), patience, [&] {
    grpc::ClientContext context;
    rpc::PrepareCall(&context, token, kCallTimeout);
    return status::FromGrpcStatus(stub->SubmitControlTotals(&context, request, response));
  });
}

// The entry that is no day of its source; none when that is not what is wrong.
std::optional<int> NoDayOfItsSource(const absl::Status& status) {
  const std::string reason = status::ReasonOf(status);
  if (reason != "OUTSIDE_REPORTING_WINDOW" && reason != "TIME_IN_FUTURE" &&
      reason != "BEFORE_OBSERVATORY_START") {
    return std::nullopt;
  }
  std::string field = status::FieldOf(status);
  constexpr std::string_view kBefore = "totals[";
  if (!field.starts_with(kBefore)) return std::nullopt;
  field = field.substr(kBefore.size(), field.find(']') - kBefore.size());
  int index = 0;
  if (!absl::SimpleAtoi(field, &index)) return std::nullopt;
  return index;
}

}  // namespace

absl::StatusOr<DayClosing> CloseDays(CommandHost& host,
                                     std::vector<ingest::v1::ControlTotals> totals,
                                     absl::Duration patience) {
  DayClosing closing;
  while (!totals.empty()) {
    ingest::v1::SubmitControlTotalsRequest request;
    const size_t count = std::min(totals.size(), kDaysPerRequest);
    request.mutable_totals()->Add(totals.begin(), totals.begin() + static_cast<ptrdiff_t>(count));
    ingest::v1::SubmitControlTotalsResponse response;
    const absl::Status status = Submit(host, request, patience, &response);
    if (status.ok()) {
      closing.not_closing.insert(response.sources_without_closes_days().begin(),
                                 response.sources_without_closes_days().end());
      closing.closed += count;
      totals.erase(totals.begin(), totals.begin() + static_cast<ptrdiff_t>(count));
      continue;
    }
    const std::optional<int> refused = NoDayOfItsSource(status);
    if (!refused.has_value() || *refused < 0 || static_cast<size_t>(*refused) >= count) {
      return status;
    }
    closing.refused.emplace_back(status.message());
    totals.erase(totals.begin() + *refused);
  }
  return closing;
}

void TellNotClosing(const DayClosing& closing, const Terminal& terminal) {
  for (const std::string& source : closing.not_closing) {
    terminal.err << "note: the catalog entry of sources/" << source
                 << " does not say `closesDays: true`: `tidemark statement` shows these totals, "
                    "but statistics take its days as complete without them"
                 << std::endl;
  }
}

absl::StatusOr<type::v1::Date> ParseDay(std::string_view argument, const std::string& text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day) || text.size() != 10) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat(argument, ": `", text, "`, want a day such as 2024-03-05")));
  }
  type::v1::Date date;
  date.set_year(static_cast<int32_t>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

}  // namespace tidemark::cli
