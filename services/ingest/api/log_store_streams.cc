#include "services/ingest/api/log_store_streams.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/ingest/api/log_store_convert.h"
#include "services/ingest/api/tail.h"

namespace tidemark::ingest {
namespace {

// 512 KiB.
constexpr size_t kKeysPerMessage = size_t{1} << 16;

class WatchSource final : public rpc::StreamSource {
 public:
  WatchSource(LogStore* log, TailHub* hub, const base::Clock* clock,
              std::shared_ptr<rpc::StreamWaker> waker)
      : log_(log), hub_(hub), clock_(clock), waker_(std::move(waker)) {
    hub_->Add(waker_);
  }
  ~WatchSource() override { hub_->Remove(waker_); }

  absl::StatusOr<rpc::Pulled> Next(grpc::ByteBuffer* out) override {
    const LogState state = log_->state();
    const int64_t now = clock_->MonotonicNanos();
    const bool quiet = state.size == last_size_ && state.sealed_reason == last_sealed_reason_;
    if (!first_ && quiet && now - last_sent_ < absl::ToInt64Nanoseconds(kTailHeartbeat)) {
      return rpc::Pulled::kIdle;
    }
    internal::v1::WatchLogResponse response;
    ToProto(state, response.mutable_state());
    TM_RETURN_IF_ERROR(rpc::SerializeMessage(response, out));
    first_ = false;
    last_size_ = state.size;
    last_sealed_reason_ = state.sealed_reason;
    last_sent_ = now;
    return rpc::Pulled::kMessage;
  }

 private:
  LogStore* const log_;
  TailHub* const hub_;
  const base::Clock* const clock_;
  const std::shared_ptr<rpc::StreamWaker> waker_;
  bool first_ = true;
  uint64_t last_size_ = 0;
  std::string last_sealed_reason_;
  int64_t last_sent_ = 0;
};

class CodeListSource final : public rpc::StreamSource {
 public:
  explicit CodeListSource(std::vector<uint64_t> keys) : keys_(std::move(keys)) {}

  absl::StatusOr<rpc::Pulled> Next(grpc::ByteBuffer* out) override {
    if (next_ == keys_.size()) return rpc::Pulled::kEnd;
    const size_t end = std::min(next_ + kKeysPerMessage, keys_.size());
    internal::v1::ListOpenCodesResponse response;
    response.mutable_keys()->Add(keys_.begin() + next_, keys_.begin() + end);
    next_ = end;
    TM_RETURN_IF_ERROR(rpc::SerializeMessage(response, out));
    return rpc::Pulled::kMessage;
  }

 private:
  const std::vector<uint64_t> keys_;
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<rpc::StreamSource> OpenWatch(LogStore* log, TailHub* hub, const base::Clock* clock,
                                             std::shared_ptr<rpc::StreamWaker> waker) {
  return std::make_unique<WatchSource>(log, hub, clock, std::move(waker));
}

std::unique_ptr<rpc::StreamSource> OpenCodeList(const OpenCodes& codes) {
  return std::make_unique<CodeListSource>(codes.Keys());
}

}  // namespace tidemark::ingest
