#ifndef TIDEMARK_COMMON_STATUS_GRPC_STATUS_H_
#define TIDEMARK_COMMON_STATUS_GRPC_STATUS_H_

#include <string>

#include "absl/status/status.h"

namespace grpc {
class Status;
}
namespace google::rpc {
class Status;
}

// The only conversion between absl::Status, grpc::Status and google.rpc.Status. Details survive
// in every direction. Callers include <grpcpp/support/status.h> or google/rpc/status.pb.h.
namespace tidemark::status {

grpc::Status ToGrpcStatus(const absl::Status& status);
absl::Status FromGrpcStatus(const grpc::Status& status);

// For verdicts about one item of a batch.
google::rpc::Status ToRpcStatusProto(const absl::Status& status);
// Its bytes.
std::string SerializeRpcStatus(const absl::Status& status);
absl::Status FromRpcStatusProto(const google::rpc::Status& proto);

}  // namespace tidemark::status

#endif  // TIDEMARK_COMMON_STATUS_GRPC_STATUS_H_
