#ifndef TIDEMARK_COMMON_RPC_FAULT_LOG_H_
#define TIDEMARK_COMMON_RPC_FAULT_LOG_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/rpc/call.h"

namespace tidemark::rpc::internal {

// Codes that mean that the server failed, not the caller: INTERNAL, DATA_LOSS, UNKNOWN.
bool IsServerFault(absl::StatusCode code);

// One line in the log for a call that ends with a server fault: method, principal, traceparent,
// code, message. Nothing for other statuses. A fault that every call meets must not fill the
// disk: at most ten lines a second, and the next line counts those left out.
void LogFault(const MethodOptions& options, const CallContext& call, const absl::Status& status);

// `traceparent` when it has the form that W3C gives it, else empty: it is the client's text.
std::string_view ValidTraceparent(std::string_view traceparent);

}  // namespace tidemark::rpc::internal

#endif  // TIDEMARK_COMMON_RPC_FAULT_LOG_H_
