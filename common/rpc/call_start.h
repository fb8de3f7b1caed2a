#ifndef TIDEMARK_COMMON_RPC_CALL_START_H_
#define TIDEMARK_COMMON_RPC_CALL_START_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <string_view>

#include "absl/status/status.h"
#include "common/rpc/call.h"

// What unary calls and streams do before a handler runs. Internal to common/rpc.
namespace tidemark::rpc::internal {

// Fills `call` and decides whether it may go on: UNAUTHENTICATED or PERMISSION_DENIED from the
// authorizer, or CheckSize's.
absl::Status StartCall(const grpc::CallbackServerContext& context, const grpc::ByteBuffer& request,
                       const MethodOptions& options, CallContext* call);

// RESOURCE_EXHAUSTED (REQUEST_TOO_LARGE) for a request or message above the method's limit.
absl::Status CheckSize(const MethodOptions& options, size_t bytes);

// The token of an `authorization: Bearer` header; empty when it is missing or is none.
std::string_view BearerToken(const grpc::CallbackServerContext& context);

// DEADLINE_EXCEEDED or CANCELLED when nobody waits for the answer any more.
absl::Status CheckAlive(const MethodOptions& options, const CallContext& call);

// RESOURCE_EXHAUSTED with RetryInfo: the method's executor took no more work.
absl::Status Overloaded(const MethodOptions& options);
// When a call that is turned away now should come back (RequestBudget::TurnAway).
absl::Duration RetryDelay(const MethodOptions& options);

}  // namespace tidemark::rpc::internal

#endif  // TIDEMARK_COMMON_RPC_CALL_START_H_
