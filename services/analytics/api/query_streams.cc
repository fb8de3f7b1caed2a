#include "services/analytics/api/query_streams.h"

#include <grpcpp/support/byte_buffer.h>

#include <optional>
#include <string>
#include <utility>

#include "common/status/status_macros.h"
#include "services/analytics/api/query_pages.h"
#include "services/analytics/api/snapshot_wait.h"
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
        token_(token),
        wait_({.resolver = &streams->options_.queries->resolver(),
               .waiter = streams->options_.waiter,
               .clock = streams->options_.clock,
               .patience = streams->options_.patience},
              call, request, std::move(token), std::move(waker)) {}
  ~Source() override {
    if (pages_ != nullptr) streams_.memory_.Give(pages_->bytes());
  }

  absl::StatusOr<rpc::Pulled> Next(grpc::ByteBuffer* out) override {
    if (pages_ == nullptr) {
      TM_ASSIGN_OR_RETURN(const bool folded, wait_.IsOver());
      if (!folded) return rpc::Pulled::kIdle;
      TM_ASSIGN_OR_RETURN(auto pages,
                          streams_.options_.queries->OpenPages(call_, request_, token_));
      TM_RETURN_IF_ERROR(streams_.memory_.Take(pages->bytes()));
      pages_ = std::move(pages);
    }
    TM_ASSIGN_OR_RETURN(const std::optional<std::string> page, pages_->Next());
    if (!page) return rpc::Pulled::kEnd;
    const grpc::Slice slice(LengthDelimited(v1::StreamQueryResponse::kPageFieldNumber, *page));
    *out = grpc::ByteBuffer(&slice, 1);
    return rpc::Pulled::kMessage;
  }

 private:
  QueryStreams& streams_;
  const rpc::CallContext& call_;
  const v1::QueryRequest request_;
  const std::optional<PageToken> token_;
  SnapshotWait wait_;
  std::unique_ptr<QueryHandler::Pages> pages_;
};

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> QueryStreams::Open(
    const rpc::CallContext& call, const v1::QueryRequest& request,
    std::shared_ptr<rpc::StreamWaker> waker) {
  TM_ASSIGN_OR_RETURN(std::optional<PageToken> token,
                      options_.queries->Check(call.caller, request));
  return std::make_unique<Source>(this, &call, request, std::move(token), std::move(waker));
}

}  // namespace tidemark::analytics
