#ifndef TIDEMARK_COMMON_RPC_RAW_CALL_H_
#define TIDEMARK_COMMON_RPC_RAW_CALL_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grpc {
class Channel;
}

namespace tidemark::rpc {

// Calls "/package.Service/Method", unary, with a serialized request; returns the serialized answer.
absl::StatusOr<std::string> CallRaw(const std::shared_ptr<grpc::Channel>& channel,
                                    const std::string& method, const std::string& request,
                                    std::string_view token, absl::Duration timeout);

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_RAW_CALL_H_
