#include "common/rpc/raw_unary.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/slice.h>

#include <atomic>
#include <exception>
#include <limits>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/rpc/call_start.h"
#include "common/rpc/fault_log.h"
#include "common/rpc/own_thread_gate.h"
#include "common/rpc/request_budget.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"

namespace tidemark::rpc {
namespace {

absl::Status Malformed(const google::protobuf::Message& message) {
  return status::WithReason(absl::InvalidArgumentError(absl::StrCat(
                                "request: the bytes are no ", message.GetDescriptor()->full_name(),
                                "; want its protobuf encoding, with every string in UTF-8")),
                            "MALFORMED_REQUEST");
}

}  // namespace

namespace internal {

UnaryReply Answerable::MakeReply() { return UnaryReply(this); }

// Lives until gRPC calls OnDone, which comes after the answer only. Steps follow one another, so
// members need no lock; `step_` makes their order visible to the thread sanitizer, which cannot
// look into gRPC.
class UnaryCall final : public grpc::ServerUnaryReactor, public Answerable {
 public:
  UnaryCall(const grpc::ByteBuffer* request, grpc::ByteBuffer* response,
            const MethodOptions& options, BufferHandler handler)
      : request_(request), response_(response), options_(options), handler_(std::move(handler)) {}

  void Start(const grpc::CallbackServerContext& context) {
    absl::Status status = StartCall(context, *request_, options_, &call_);
    if (!status.ok()) return Answer(status);
    if (options_.budget != nullptr) {
      if (!options_.budget->TryTake(call_.request_bytes)) return Answer(Overloaded(options_));
      taken_ = call_.request_bytes;
    }
    if (options_.own_thread != nullptr && call_.request_bytes <= kMaxOwnThreadBytes &&
        options_.own_thread->TryEnter()) {
      call_.on_grpc_thread = true;
      // gRPC does not call OnDone before it has this call back from StartUnary.
      Run();
      return options_.own_thread->Leave();
    }
    // On success the task owns this call, which may be gone before TryPost returns.
    if (!options_.executor->TryPost([this] { Run(); })) Answer(Overloaded(options_));
  }

  void Answer(const absl::Status& status) override {
    LogFault(options_, call_, status);
    step_.fetch_add(1, std::memory_order_release);
    Finish(status::ToGrpcStatus(status));
  }

  // The request in one piece, for as long as the call lives.
  absl::StatusOr<std::string_view> FlatRequest() {
    if (request_->TrySingleSlice(&flat_).ok()) return Flat();
    // gRPC keeps its pieces as long as the call.
    copied_ = call_.request_bytes;
    if (!Recharge(call_.request_bytes)) {
      copied_ = 0;
      return Overloaded(options_);
    }
    if (!request_->DumpToSingleSlice(&flat_).ok()) {
      return absl::InvalidArgumentError("request: its bytes cannot be read, is it compressed?");
    }
    return Flat();
  }

  grpc::ByteBuffer* response() override { return response_; }

  bool Recharge(size_t bytes) override {
    if (options_.budget == nullptr) return true;
    bytes += copied_;
    if (bytes > taken_ && !options_.budget->TryTakeMore(taken_, bytes - taken_)) return false;
    if (bytes < taken_) options_.budget->Give(taken_ - bytes);
    taken_ = bytes;
    return true;
  }

  // Otherwise gRPC wakes a thread of its own for OnDone and OnCancel, after every call. Both do
  // next to nothing, which is what this asks for; of the library's own use, but there to override.
  bool InternalInlineable() override { return true; }
  void OnCancel() override { call_.MarkCancelled(); }
  void OnDone() override {
    (void)step_.load(std::memory_order_acquire);
    if (options_.budget != nullptr) options_.budget->Give(taken_);
    delete this;
  }

  static UnaryCall* Of(const UnaryReply& reply) { return static_cast<UnaryCall*>(reply.call_); }

  absl::Duration RetryAfter() const override { return RetryDelay(options_); }

 private:
  std::string_view Flat() const {
    return {reinterpret_cast<const char*>(flat_.begin()), flat_.size()};
  }

  void Run() {
    absl::Status status = CheckAlive(options_, call_);
    if (!status.ok()) return Answer(status);
    // The handler may answer before it returns, and this call, with handler_, be gone then.
    BufferHandler handler = std::move(handler_);
    const std::string_view method = options_.name;
    try {
      handler(call_, *request_, MakeReply());
    } catch (const std::exception& e) {
      // The reply died with the stack and has answered; the server goes on.
      log::Error("handler threw", {{"method", method}, {"what", e.what()}});
    }
  }

  const grpc::ByteBuffer* const request_;
  grpc::ByteBuffer* const response_;
  const MethodOptions& options_;
  BufferHandler handler_;
  CallContext call_;
  grpc::Slice flat_;
  // Of the budget.
  size_t taken_ = 0;
  // Of these for a copy of the request in one piece.
  size_t copied_ = 0;
  std::atomic<int> step_{0};
};

grpc::ServerUnaryReactor* StartUnary(grpc::CallbackServerContext* context,
                                     const grpc::ByteBuffer* request, grpc::ByteBuffer* response,
                                     const MethodOptions& options, BufferHandler handler) {
  auto* call = new UnaryCall(request, response, options, std::move(handler));
  call->Start(*context);
  return call;
}

}  // namespace internal

UnaryReply& UnaryReply::operator=(UnaryReply&& other) noexcept {
  std::swap(call_, other.call_);
  return *this;
}

UnaryReply::~UnaryReply() {
  if (call_ == nullptr) return;
  call_->Answer(status::WithReason(
      absl::UnavailableError("the request was dropped before it was answered; try again"),
      "REQUEST_DROPPED"));
}

bool UnaryReply::Recharge(size_t bytes) { return call_->Recharge(bytes); }

absl::Duration UnaryReply::RetryDelay() { return call_->RetryAfter(); }

void UnaryReply::Send(const google::protobuf::MessageLite& response) && {
  internal::Answerable* call = std::exchange(call_, nullptr);
  call->Answer(SerializeMessage(response, call->response()));
}

void UnaryReply::Send(grpc::ByteBuffer response) && {
  internal::Answerable* call = std::exchange(call_, nullptr);
  // gRPC aborts the process when it is given a buffer that was never filled.
  if (!response.Valid()) response = grpc::ByteBuffer(nullptr, 0);
  call->response()->Swap(&response);
  call->Answer(absl::OkStatus());
}

void UnaryReply::Send(std::string_view response) && {
  const grpc::Slice slice(response.data(), response.size());
  std::move(*this).Send(grpc::ByteBuffer(&slice, 1));
}

void UnaryReply::Fail(const absl::Status& error) && {
  std::exchange(call_, nullptr)->Answer(error);
}

grpc::ServerUnaryReactor* HandleRawUnary(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response, const MethodOptions& options,
                                         RawHandler handler) {
  return internal::StartUnary(
      context, request, response, options,
      [handler = std::move(handler)](const CallContext& call, const grpc::ByteBuffer&,
                                     UnaryReply reply) mutable {
        const absl::StatusOr<std::string_view> bytes =
            internal::UnaryCall::Of(reply)->FlatRequest();
        if (!bytes.ok()) return std::move(reply).Fail(bytes.status());
        handler(call, *bytes, std::move(reply));
      });
}

absl::Status ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message* message) {
  // The reader takes a mutable buffer and does not change it.
  grpc::ProtoBufferReader reader(const_cast<grpc::ByteBuffer*>(&bytes));
  if (reader.status().ok() && message->ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  return Malformed(*message);
}

absl::Status ParseMessage(std::string_view bytes, google::protobuf::Message* message) {
  const auto size = static_cast<int>(bytes.size());
  if (message->ParseFromArray(bytes.data(), size)) return absl::OkStatus();
  return Malformed(*message);
}

absl::Status SerializeMessage(const google::protobuf::MessageLite& message,
                              grpc::ByteBuffer* bytes) {
  const size_t size = message.ByteSizeLong();
  if (size > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the answer of ", size, " bytes is too large; ask for less"));
  }
  bool own_buffer = false;
  return status::FromGrpcStatus(
      grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::MessageLite>(message, bytes,
                                                                                     &own_buffer));
}

}  // namespace tidemark::rpc
