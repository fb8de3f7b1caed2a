#include "clients/cli/app/ingest_check.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel_factory.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::cli {

absl::Duration StartPatience(double retry_seconds) {
  return absl::Seconds(std::clamp(retry_seconds, 1.0, 10.0));
}

absl::Status CheckIngest(Connection& connection, double retry_seconds) {
  TM_ASSIGN_OR_RETURN(const auto channel, connection.Channel(Service::kIngest));
  TM_ASSIGN_OR_RETURN(const std::string token, connection.Token());
  const auto stub = ingest::v1::IngestService::NewStub(channel);
  grpc::ClientContext context;
  rpc::PrepareCall(&context, token, StartPatience(retry_seconds));
  context.set_wait_for_ready(true);
  ingest::v1::GetLogStatusResponse response;
  const absl::Status status = status::FromGrpcStatus(
      stub->GetLogStatus(&context, ingest::v1::GetLogStatusRequest(), &response));
  if (absl::IsDeadlineExceeded(status)) {
    return absl::UnavailableError(absl::StrCat(
        "the ingest service at ", connection.Address(Service::kIngest), " does not answer"));
  }
  // It is there, and says why it cannot answer this now; what is sent is tried again.
  if (absl::IsUnavailable(status) && !status::ReasonOf(status).empty()) return absl::OkStatus();
  return status::Prefixed("ingest", status);
}

}  // namespace tidemark::cli
