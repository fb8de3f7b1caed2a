#include "common/testing/in_process_server.h"

#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <utility>

#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"

namespace tidemark::testing {

InProcessServer::InProcessServer(std::vector<grpc::Service*> services)
    : InProcessServer(rpc::ServerRuntime::Options{.services = std::move(services)}) {}

InProcessServer::InProcessServer(rpc::ServerRuntime::Options options) {
  if (options.name.empty()) options.name = "test";
  if (options.listen_address.empty()) options.listen_address = "127.0.0.1:0";
  auto runtime = rpc::ServerRuntime::Create(std::move(options));
  if (!runtime.ok()) {
    ADD_FAILURE() << runtime.status();
    std::abort();
  }
  runtime_ = *std::move(runtime);
  runtime_->SetReady(true);
  channel_ = *rpc::CreateChannel({.target = runtime_->address()});
}

InProcessServer::~InProcessServer() { runtime_->Shutdown(); }

absl::StatusOr<std::string> CallRaw(const std::shared_ptr<grpc::Channel>& channel,
                                    const std::string& method, const std::string& request,
                                    const std::string& token, absl::Duration timeout) {
  grpc::ClientContext context;
  rpc::PrepareCall(&context, token, timeout);
  const grpc::Slice slice(request);
  const grpc::ByteBuffer in(&slice, 1);
  grpc::ByteBuffer out;
  std::promise<grpc::Status> done;
  grpc::GenericStub stub(channel);
  stub.UnaryCall(&context, method, grpc::StubOptions(), &in, &out,
                 [&done](grpc::Status status) { done.set_value(std::move(status)); });
  TM_RETURN_IF_ERROR(status::FromGrpcStatus(done.get_future().get()));
  grpc::Slice flat;
  TM_RETURN_IF_ERROR(status::FromGrpcStatus(out.DumpToSingleSlice(&flat)));
  return std::string(reinterpret_cast<const char*>(flat.begin()), flat.size());
}

}  // namespace tidemark::testing
