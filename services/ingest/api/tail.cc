#include "services/ingest/api/tail.h"

#include <grpcpp/support/slice.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/varint.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/ingest/api/wire_reader.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

// TailResponse and Block by hand (ledger.proto, ingest_service.proto), so that a block goes from
// the file into the message's memory and nowhere else.
constexpr uint32_t kLogIdTag = Tag(1, kBytes);
constexpr uint32_t kBlockTag = Tag(2, kBytes);
constexpr uint32_t kDurableSizeTag = Tag(3, kVarint);
constexpr uint32_t kFirstLeafTag = Tag(1, kVarint);
constexpr uint32_t kRecordCountTag = Tag(2, kVarint);
constexpr uint32_t kDataTag = Tag(3, kBytes);

void PutNumber(uint32_t tag, uint64_t value, std::string* out) {
  base::AppendVarint(tag, out);
  base::AppendVarint(value, out);
}

class TailSource final : public rpc::StreamSource {
 public:
  TailSource(LogStore* log, TailHub* hub, const base::Clock* clock, uint64_t from_leaf,
             std::shared_ptr<rpc::StreamWaker> waker)
      : log_(log),
        hub_(hub),
        clock_(clock),
        opened_us_(log->state().opened_us),
        next_leaf_(from_leaf),
        waker_(std::move(waker)) {
    hub_->Add(waker_);
  }
  ~TailSource() override { hub_->Remove(waker_); }

  absl::StatusOr<rpc::Pulled> Next(grpc::ByteBuffer* out) override {
    const LogState state = log_->state();
    const uint64_t size = state.size;
    const int64_t now = clock_->MonotonicNanos();
    TM_RETURN_IF_ERROR(CheckOpened(state));
    if (next_leaf_ < size) {
      TM_ASSIGN_OR_RETURN(*out, BlockMessage(size));
      // The block may be of the log as it was opened meanwhile.
      TM_RETURN_IF_ERROR(CheckOpened(log_->state()));
    } else if (first_ || now - last_sent_ >= absl::ToInt64Nanoseconds(kTailHeartbeat)) {
      *out = SizeMessage(size);
    } else {
      return rpc::Pulled::kIdle;
    }
    first_ = false;
    last_sent_ = now;
    return rpc::Pulled::kMessage;
  }

 private:
  absl::Status CheckOpened(const LogState& state) const {
    if (state.opened_us == opened_us_) return absl::OkStatus();
    return status::WithReason(
        absl::UnavailableError("the owner of the log was started again, maybe with a log restored "
                               "from a backup; resume if the last block is still in it"),
        "LOG_REOPENED");
  }

  // Everything of the message in front of the block.
  std::string Start() const {
    std::string bytes;
    if (!first_) return bytes;
    PutNumber(kLogIdTag, log_->log_id().size(), &bytes);
    bytes.append(log_->log_id());
    return bytes;
  }

  grpc::ByteBuffer SizeMessage(uint64_t size) const {
    std::string bytes = Start();
    PutNumber(kDurableSizeTag, size, &bytes);
    const grpc::Slice slice(bytes);
    return grpc::ByteBuffer(&slice, 1);
  }

  absl::StatusOr<grpc::ByteBuffer> BlockMessage(uint64_t size) {
    TM_ASSIGN_OR_RETURN(const BlockRef ref, log_->FindBlock(next_leaf_));
    std::string head = Start();
    PutNumber(kDurableSizeTag, size, &head);
    std::string fields;
    PutNumber(kFirstLeafTag, ref.first_leaf, &fields);
    PutNumber(kRecordCountTag, ref.record_count, &fields);
    PutNumber(kDataTag, ref.bytes, &fields);
    PutNumber(kBlockTag, fields.size() + ref.bytes, &head);
    head += fields;
    const grpc::Slice slice(head.size() + ref.bytes);
    // gRPC gives no other way to fill a slice in place.
    auto* bytes = const_cast<char*>(reinterpret_cast<const char*>(slice.begin()));
    std::memcpy(bytes, head.data(), head.size());
    TM_RETURN_IF_ERROR(log_->ReadBlock(ref, bytes + head.size()));
    next_leaf_ = ref.end_leaf();
    return grpc::ByteBuffer(&slice, 1);
  }

  LogStore* const log_;
  TailHub* const hub_;
  const base::Clock* const clock_;
  const int64_t opened_us_;
  uint64_t next_leaf_;
  const std::shared_ptr<rpc::StreamWaker> waker_;
  bool first_ = true;
  int64_t last_sent_ = 0;
};

}  // namespace

void TailHub::Add(std::shared_ptr<rpc::StreamWaker> waker) {
  base::MutexLock lock(mutex_);
  wakers_.push_back(std::move(waker));
}

void TailHub::Remove(const std::shared_ptr<rpc::StreamWaker>& waker) {
  base::MutexLock lock(mutex_);
  wakers_.erase(std::remove(wakers_.begin(), wakers_.end(), waker), wakers_.end());
}

void TailHub::WakeAll() {
  std::vector<std::shared_ptr<rpc::StreamWaker>> wakers;
  {
    base::MutexLock lock(mutex_);
    wakers = wakers_;
  }
  for (const auto& waker : wakers) waker->Wake();
}

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> OpenTail(
    LogStore* log, TailHub* hub, const base::Clock* clock, const v1::TailRequest& request,
    std::shared_ptr<rpc::StreamWaker> waker) {
  if (!request.log_id().empty() && request.log_id() != log->log_id()) {
    return status::WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            "log_id: this service holds log ", log->log_id(),
            ", not the one asked for; forget what was read of the other log and start at leaf 0")),
        "LOG_ID_MISMATCH", {{"log_id", log->log_id()}});
  }
  const uint64_t size = log->state().size;
  if (request.from_leaf() > size) {
    return absl::OutOfRangeError(absl::StrCat("from_leaf: ", request.from_leaf(), "; the log has ",
                                              size, " durable leaves"));
  }
  return std::make_unique<TailSource>(log, hub, clock, request.from_leaf(), std::move(waker));
}

}  // namespace tidemark::ingest
