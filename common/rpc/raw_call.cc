#include "common/rpc/raw_call.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <future>
#include <utility>

#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"

namespace tidemark::rpc {

absl::StatusOr<std::string> CallRaw(const std::shared_ptr<grpc::Channel>& channel,
                                    const std::string& method, const std::string& request,
                                    std::string_view token, absl::Duration timeout) {
  grpc::ClientContext context;
  PrepareCall(&context, token, timeout);
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

}  // namespace tidemark::rpc
