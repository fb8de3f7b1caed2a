#ifndef TIDEMARK_COMMON_RPC_RAW_UNARY_H_
#define TIDEMARK_COMMON_RPC_RAW_UNARY_H_

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "common/rpc/call.h"

// Unary methods are registered raw (WithRawCallbackMethod_X), so that authorisation comes before
// parsing, and bytes that do not parse get INVALID_ARGUMENT with the message's name instead of
// gRPC's empty UNIMPLEMENTED. Order: authorise, size, executor, deadline, parse, handler.
//
//   grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
//                                       const grpc::ByteBuffer* request,
//                                       grpc::ByteBuffer* response) override {
//     return rpc::HandleUnary<GetStatusRequest, GetStatusResponse>(
//         context, request, response, get_status_options_,
//         [this](const rpc::CallContext& call, const GetStatusRequest& request,
//                GetStatusResponse* response) { return GetStatus(call, request, response); });
//   }
namespace tidemark::rpc {

class UnaryReply;

namespace internal {
class UnaryCall;

// What a reply answers: a unary call, or one message of an exchange (raw_exchange.h).
class Answerable {
 public:
  virtual bool Recharge(size_t bytes) = 0;
  virtual absl::Duration RetryAfter() const = 0;
  virtual grpc::ByteBuffer* response() = 0;
  // OK: with what response() holds. The last call.
  virtual void Answer(const absl::Status& status) = 0;

 protected:
  ~Answerable() = default;
  UnaryReply MakeReply();
};
}  // namespace internal

// The right to answer one call, from any thread, once. Movable. Destroyed unused it answers
// UNAVAILABLE: the work was dropped, for instance at shutdown. The CallContext and the request's
// bytes are gone as soon as it is used.
class UnaryReply {
 public:
  UnaryReply(UnaryReply&& other) noexcept : call_(std::exchange(other.call_, nullptr)) {}
  UnaryReply& operator=(UnaryReply&& other) noexcept;
  ~UnaryReply();

  // From now on the call holds `bytes` of its method's budget, instead of its request's bytes or
  // what was said last, until the answer is sent. False: there is no room for more, nothing
  // changed. Without a budget always true.
  [[nodiscard]] bool Recharge(size_t bytes);
  // For what has no room: when the caller should come back. Counts it as turned away.
  absl::Duration RetryDelay();

  void Send(const google::protobuf::MessageLite& response) &&;
  // `response` is a serialized message; an untouched buffer is an empty one.
  void Send(grpc::ByteBuffer response) &&;
  // The bytes of a serialized message.
  void Send(std::string_view response) &&;
  // `error` must not be OK.
  void Fail(const absl::Status& error) &&;

 private:
  friend class internal::Answerable;
  friend class internal::UnaryCall;
  explicit UnaryReply(internal::Answerable* call) : call_(call) {}
  internal::Answerable* call_;
};

// Runs on the executor. `call` and `request` live until the reply is used.
using RawHandler =
    absl::AnyInvocable<void(const CallContext& call, std::string_view request, UnaryReply reply)>;

// The handler gets the request's bytes, in one piece (copied only when gRPC holds it in several;
// the copy is taken from the budget, too),
// and may answer later.
grpc::ServerUnaryReactor* HandleRawUnary(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response, const MethodOptions& options,
                                         RawHandler handler);

namespace internal {
using BufferHandler = absl::AnyInvocable<void(const CallContext& call,
                                              const grpc::ByteBuffer& request, UnaryReply reply)>;
grpc::ServerUnaryReactor* StartUnary(grpc::CallbackServerContext* context,
                                     const grpc::ByteBuffer* request, grpc::ByteBuffer* response,
                                     const MethodOptions& options, BufferHandler handler);
}  // namespace internal

// INVALID_ARGUMENT naming the message's type when the bytes do not parse.
absl::Status ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message* message);
// `bytes`: less than 2 GiB.
absl::Status ParseMessage(std::string_view bytes, google::protobuf::Message* message);
// RESOURCE_EXHAUSTED when the message is beyond protobuf's 2 GiB.
absl::Status SerializeMessage(const google::protobuf::MessageLite& message,
                              grpc::ByteBuffer* bytes);

// `handler`: absl::Status(const CallContext&, const Request&, Response*), run on the executor.
// Both messages live on one arena.
template <typename Request, typename Response, typename Handler>
grpc::ServerUnaryReactor* HandleUnary(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request, grpc::ByteBuffer* response,
                                      const MethodOptions& options, Handler handler) {
  return internal::StartUnary(
      context, request, response, options,
      [handler = std::move(handler)](const CallContext& call, const grpc::ByteBuffer& bytes,
                                     UnaryReply reply) mutable {
        google::protobuf::Arena arena;
        auto* in = google::protobuf::Arena::CreateMessage<Request>(&arena);
        auto* out = google::protobuf::Arena::CreateMessage<Response>(&arena);
        absl::Status status = ParseMessage(bytes, in);
        if (status.ok()) status = handler(call, static_cast<const Request&>(*in), out);
        if (!status.ok()) return std::move(reply).Fail(status);
        std::move(reply).Send(*out);
      });
}

// `handler`: void(const CallContext&, const Request&, UnaryReply). The request lives only as
// long as the handler runs; the reply may be used later.
template <typename Request, typename Handler>
grpc::ServerUnaryReactor* HandleUnaryAsync(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response, const MethodOptions& options,
                                           Handler handler) {
  return internal::StartUnary(
      context, request, response, options,
      [handler = std::move(handler)](const CallContext& call, const grpc::ByteBuffer& bytes,
                                     UnaryReply reply) mutable {
        google::protobuf::Arena arena;
        auto* in = google::protobuf::Arena::CreateMessage<Request>(&arena);
        absl::Status status = ParseMessage(bytes, in);
        if (!status.ok()) return std::move(reply).Fail(status);
        handler(call, static_cast<const Request&>(*in), std::move(reply));
      });
}

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_RAW_UNARY_H_
