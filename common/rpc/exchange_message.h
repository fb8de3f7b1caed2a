#ifndef TIDEMARK_COMMON_RPC_EXCHANGE_MESSAGE_H_
#define TIDEMARK_COMMON_RPC_EXCHANGE_MESSAGE_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/rpc/raw_unary.h"

// Private to raw_exchange.cc.
namespace tidemark::rpc::internal {

class ExchangeMessage;

// The stream that a message belongs to; what its reply asks of it.
class ExchangeStream {
 public:
  virtual absl::Duration RetryAfter() const = 0;
  virtual bool Recharge(ExchangeMessage& message, size_t bytes) = 0;
  virtual void Answer(ExchangeMessage& message, const absl::Status& status) = 0;

 protected:
  ~ExchangeStream() = default;
};

// One message from reading it until its answer is sent. Used by one thread at a time.
class ExchangeMessage final : public Answerable {
 public:
  // `stream` outlives the answer.
  explicit ExchangeMessage(ExchangeStream* stream) : stream_(*stream) {}

  // Keeps the bytes in one piece.
  absl::Status Take(grpc::ByteBuffer* bytes) {
    const bool whole = bytes->TrySingleSlice(&flat_).ok() || bytes->DumpToSingleSlice(&flat_).ok();
    bytes->Clear();
    if (whole) return absl::OkStatus();
    return absl::InvalidArgumentError("message: its bytes cannot be read, is it compressed?");
  }
  void DropBytes() { flat_ = grpc::Slice(); }
  std::string_view bytes() const {
    return {reinterpret_cast<const char*>(flat_.begin()), flat_.size()};
  }
  UnaryReply Reply() { return MakeReply(); }

  bool Recharge(size_t bytes) override { return stream_.Recharge(*this, bytes); }
  absl::Duration RetryAfter() const override { return stream_.RetryAfter(); }
  grpc::ByteBuffer* response() override { return &response_; }
  void Answer(const absl::Status& status) override { stream_.Answer(*this, status); }

  CallContext call;
  // Of the budget.
  size_t taken = 0;
  // With response() as it is sent.
  bool answered = false;

 private:
  ExchangeStream& stream_;
  grpc::Slice flat_;
  grpc::ByteBuffer response_;
};

}  // namespace tidemark::rpc::internal

#endif  // TIDEMARK_COMMON_RPC_EXCHANGE_MESSAGE_H_
