#include "common/rpc/call_start.h"

#include <grpcpp/server_context.h>

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/rpc/request_budget.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::rpc::internal {
namespace {

std::string_view MetadataValue(const grpc::CallbackServerContext& context, const char* key) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(key);
  if (found == metadata.end()) return {};
  return {found->second.data(), found->second.size()};
}

absl::Time DeadlineOf(const grpc::CallbackServerContext& context) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return absl::InfiniteFuture();
  return absl::FromChrono(deadline);
}

}  // namespace

std::string_view BearerToken(const grpc::CallbackServerContext& context) {
  constexpr std::string_view kScheme = "Bearer ";
  std::string_view value = MetadataValue(context, "authorization");
  if (!absl::StartsWithIgnoreCase(value, kScheme)) return {};
  value.remove_prefix(kScheme.size());
  return absl::StripAsciiWhitespace(value);
}

absl::Status StartCall(const grpc::CallbackServerContext& context, const grpc::ByteBuffer& request,
                       const MethodOptions& options, CallContext* call) {
  TM_ASSIGN_OR_RETURN(call->caller,
                      options.authorizer->Authorize(options.name, BearerToken(context)));
  call->method = options.name;
  call->deadline = DeadlineOf(context);
  call->request_bytes = request.Length();
  call->traceparent = std::string(MetadataValue(context, "traceparent"));
  return CheckSize(options, call->request_bytes);
}

absl::Status CheckSize(const MethodOptions& options, size_t bytes) {
  if (bytes <= options.max_request_bytes) return absl::OkStatus();
  return status::WithReason(
      absl::ResourceExhaustedError(absl::StrCat("request of ", bytes, " bytes, want <= ",
                                                options.max_request_bytes, "; send it in several")),
      "REQUEST_TOO_LARGE", {{"max_bytes", absl::StrCat(options.max_request_bytes)}});
}

absl::Status CheckAlive(const MethodOptions& options, const CallContext& call) {
  if (call.deadline <= absl::FromUnixMicros(options.clock->NowMicros())) {
    return absl::DeadlineExceededError("the deadline passed before the work began");
  }
  if (call.cancelled()) return absl::CancelledError("the caller hung up");
  return absl::OkStatus();
}

absl::Duration RetryDelay(const MethodOptions& options) {
  if (options.budget == nullptr) return options.retry_after;
  return options.budget->TurnAway(options.retry_after);
}

absl::Status Overloaded(const MethodOptions& options) {
  return status::WithRetryAfter(
      status::WithReason(absl::ResourceExhaustedError(absl::StrCat(
                             options.name, ": too many requests are waiting; try again later")),
                         "OVERLOADED"),
      RetryDelay(options));
}

}  // namespace tidemark::rpc::internal
