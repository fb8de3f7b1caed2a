#ifndef TIDEMARK_SERVICES_ANALYTICS_API_QUERY_STREAMS_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_QUERY_STREAMS_H_

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/rpc/call.h"
#include "common/rpc/raw_stream.h"
#include "services/analytics/api/fold_waiter.h"
#include "services/analytics/api/query_handler.h"
#include "services/analytics/api/stream_memory.h"

namespace tidemark::analytics {

// QueryStreams: the open streams of AnalyticsService.StreamQuery. A page is made when the one
// before it has left, so a slow reader costs the table of its answer; what all hold is bounded.
// Thread-safe.
class QueryStreams {
 public:
  struct Options {
    // Nothing is owned; all must be set.
    QueryHandler* queries = nullptr;
    FoldWaiter* waiter = nullptr;
    const base::Clock* clock = nullptr;
    // How long a request waits for its snapshot.
    absl::Duration patience = absl::Seconds(1);
    // Of the tables of all streams; one alone may be larger.
    size_t max_bytes = size_t{512} << 20;
  };
  explicit QueryStreams(const Options& options) : options_(options), memory_(options.max_bytes) {}

  // Errors of QueryHandler::Check, with its field names; what a snapshot decides comes with the
  // first message.
  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Open(const rpc::CallContext& call,
                                                          const v1::QueryRequest& request,
                                                          std::shared_ptr<rpc::StreamWaker> waker);
  size_t bytes() const { return memory_.bytes(); }

 private:
  class Source;

  const Options options_;
  StreamMemory memory_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_QUERY_STREAMS_H_
