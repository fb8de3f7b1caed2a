#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_INGEST_ACCESS_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_INGEST_ACCESS_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cli/app/command_host.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::cli {

// Calls of the ingest service one after the other.
//
//   TM_ASSIGN_OR_RETURN(IngestAccess ingest, IngestAccess::Connect(host));
//   TM_ASSIGN_OR_RETURN(const auto newest,
//                       ingest.Call(&IngestAccess::Stub::GetCheckpoint, request));
class IngestAccess {
 public:
  using Stub = ingest::v1::IngestService::Stub;

  static absl::StatusOr<IngestAccess> Connect(CommandHost& host) {
    TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kIngest));
    TM_ASSIGN_OR_RETURN(std::string token, host.connection().Token());
    return IngestAccess(ingest::v1::IngestService::NewStub(channel), std::move(token));
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request) {
    grpc::ClientContext context;
    rpc::PrepareCall(&context, token_, absl::Seconds(60));
    Response response;
    TM_RETURN_IF_ERROR(
        status::FromGrpcStatus((stub_.get()->*method)(&context, request, &response)));
    return response;
  }

 private:
  IngestAccess(std::unique_ptr<Stub> stub, std::string token)
      : stub_(std::move(stub)), token_(std::move(token)) {}

  std::unique_ptr<Stub> stub_;
  std::string token_;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_INGEST_ACCESS_H_
