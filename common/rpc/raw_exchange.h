#ifndef TIDEMARK_COMMON_RPC_RAW_EXCHANGE_H_
#define TIDEMARK_COMMON_RPC_RAW_EXCHANGE_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "common/rpc/raw_unary.h"

// Bidirectional streams in which every message gets one answer, in the order in which they came.
// Messages are worked on beside one another, as unary calls are. What a stream holds is bounded:
// while it is at its limits, or the method's budget is full, it reads nothing, and HTTP/2's flow
// control makes the sender wait. Answers that the caller does not take count.
//
//   grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StreamEvents(
//       grpc::CallbackServerContext* context) override {
//     return rpc::HandleExchange(context, stream_options_, limits_, &handler_);
//   }
namespace tidemark::rpc {

// Of one stream: it reads on while it has fewer messages and bytes under way, so the last may
// exceed `bytes`.
struct ExchangeLimits {
  size_t messages = 64;
  size_t bytes = size_t{64} << 20;
};

// Works on the messages of all streams of a method. Thread-safe; outlives the server.
class ExchangeHandler {
 public:
  virtual ~ExchangeHandler() = default;
  // Memory that the message takes until it is answered, its own bytes included; also for bytes
  // that make no sense. Charged to the budget before Handle.
  virtual size_t Cost(std::string_view message) const = 0;
  // Runs on the executor. `call` and `message` live until the reply is used; `call` has the caller
  // as the authorizer judges it now.
  virtual void Handle(const CallContext& call, std::string_view message, UnaryReply reply) = 0;
  // Makes the message that answers: `response` is what the reply was given, empty unless `status`
  // is OK.
  virtual grpc::ByteBuffer Wrap(std::string_view message, const absl::Status& status,
                                grpc::ByteBuffer response) const = 0;
};

// Nothing is owned. A message whose handler fails is answered, and the stream goes on. It ends
//  - with OK when the caller has half-closed and every answer is sent;
//  - with the authorizer's error at the first message that it refuses, and
//  - with the registry's when the server drains, both after the answers to the messages before;
//  - when the caller cancels or its deadline passes, once nothing works for it any more.
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* HandleExchange(
    grpc::CallbackServerContext* context, const MethodOptions& options,
    const ExchangeLimits& limits, ExchangeHandler* handler);

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_RAW_EXCHANGE_H_
