#include "services/analytics/api/query_streams.h"

#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/query_pages.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::analytics {

// One stream. Next() is called by one thread at a time.
class QueryStreams::Source final : public rpc::StreamSource {
 public:
  Source(QueryStreams* streams, const rpc::CallContext* call, const v1::QueryRequest& request,
         std::optional<PageToken> token, std::shared_ptr<rpc::StreamWaker> waker)
      : streams_(*streams),
        call_(*call),
        request_(request),
        token_(std::move(token)),
        waker_(std::move(waker)) {}
  ~Source() override {
    if (pages_ != nullptr) streams_.bytes_.fetch_sub(pages_->bytes());
    if (waiting_ != nullptr) waiting_->gone.store(true);
  }

  absl::StatusOr<rpc::Pulled> Next(grpc::ByteBuffer* out) override {
    if (pages_ == nullptr) {
      const SnapshotResolver& resolver = streams_.options_.queries->resolver();
      if (!resolver.IsReady(request_, token_)) {
        if (waiting_ != nullptr && waiting_->over.load()) return resolver.Behind(request_, token_);
        if (waiting_ == nullptr) WaitForFold();
        return rpc::Pulled::kIdle;
      }
      TM_ASSIGN_OR_RETURN(auto pages,
                          streams_.options_.queries->OpenPages(call_, request_, token_));
      TM_RETURN_IF_ERROR(streams_.Charge(pages->bytes()));
      pages_ = std::move(pages);
    }
    TM_ASSIGN_OR_RETURN(const std::optional<std::string> page, pages_->Next());
    if (!page) return rpc::Pulled::kEnd;
    const grpc::Slice slice(LengthDelimited(v1::StreamQueryResponse::kPageFieldNumber, *page));
    *out = grpc::ByteBuffer(&slice, 1);
    return rpc::Pulled::kMessage;
  }

 private:
  // Shared with the waiter, which may outlive the stream.
  struct Waiting {
    std::atomic<bool> gone{false};
    std::atomic<bool> over{false};
  };

  void WaitForFold() {
    waiting_ = std::make_shared<Waiting>();
    const Options& options = streams_.options_;
    const absl::Duration left = call_.deadline - absl::FromUnixMicros(options.clock->NowMicros());
    options.waiter->Wait(
        [waiting = waiting_, &resolver = options.queries->resolver(), request = request_,
         token = token_] { return waiting->gone.load() || resolver.IsReady(request, token); },
        std::min(options.patience, left), 2 * request_.SpaceUsedLong() + call_.request_bytes,
        [waiting = waiting_, waker = waker_](bool) {
          waiting->over.store(true);
          waker->Wake();
        });
  }

  QueryStreams& streams_;
  const rpc::CallContext& call_;
  const v1::QueryRequest request_;
  const std::optional<PageToken> token_;
  const std::shared_ptr<rpc::StreamWaker> waker_;
  std::shared_ptr<Waiting> waiting_;
  std::unique_ptr<QueryHandler::Pages> pages_;
};

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> QueryStreams::Open(
    const rpc::CallContext& call, const v1::QueryRequest& request,
    std::shared_ptr<rpc::StreamWaker> waker) {
  TM_ASSIGN_OR_RETURN(std::optional<PageToken> token,
                      options_.queries->Check(call.caller, request));
  return std::make_unique<Source>(this, &call, request, std::move(token), std::move(waker));
}

absl::Status QueryStreams::Charge(size_t bytes) {
  const size_t before = bytes_.fetch_add(bytes);
  if (before == 0 || before + bytes <= options_.max_bytes) return absl::OkStatus();
  bytes_.fetch_sub(bytes);
  return status::WithRetryAfter(
      status::WithReason(absl::ResourceExhaustedError(
                             "the answers that are being read take too much memory; read those "
                             "that are open to their end, narrow the query, or ask again"),
                         "STREAMS_FULL"),
      absl::Seconds(1));
}

}  // namespace tidemark::analytics
