#include "clients/cli/app/ingest_check.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "common/rpc/channel_factory.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::cli {

absl::Status CheckIngest(const std::shared_ptr<grpc::Channel>& channel, const std::string& token) {
  const auto stub = ingest::v1::IngestService::NewStub(channel);
  grpc::ClientContext context;
  rpc::PrepareCall(&context, token, absl::Seconds(10));
  context.set_wait_for_ready(true);
  ingest::v1::GetLogStatusResponse response;
  const absl::Status status = status::FromGrpcStatus(
      stub->GetLogStatus(&context, ingest::v1::GetLogStatusRequest(), &response));
  if (absl::IsDeadlineExceeded(status)) {
    return absl::UnavailableError("the ingest service does not answer");
  }
  return status::Prefixed("ingest", status);
}

}  // namespace tidemark::cli
