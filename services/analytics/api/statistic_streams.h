#ifndef TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_STREAMS_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_STREAMS_H_

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/raw_stream.h"
#include "services/analytics/api/statistic_runner.h"
#include "services/analytics/api/stream_memory.h"

namespace tidemark::analytics::v1 {
class StreamStatisticRequest;
}  // namespace tidemark::analytics::v1

namespace tidemark::analytics {

// StatisticStreams: the open streams of StatisticsService.StreamStatistic. A page is made when the
// one before it has left, so a slow reader costs the tables of its answer; what all hold is
// bounded. Thread-safe.
class StatisticStreams {
 public:
  // Of the tables of all streams; one answer alone may be larger.
  static constexpr size_t kMaxBytes = size_t{256} << 20;

  // `runner` is not owned.
  explicit StatisticStreams(const StatisticRunner* runner) : runner_(*runner), memory_(kMaxBytes) {}

  // INVALID_ARGUMENT (MISSING): nothing is asked. Errors of StatisticRunner::Check; what a snapshot
  // decides comes with the first message.
  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Open(const rpc::CallContext& call,
                                                          const v1::StreamStatisticRequest& request,
                                                          std::shared_ptr<rpc::StreamWaker> waker);

 private:
  class Source;

  const StatisticRunner& runner_;
  StreamMemory memory_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_STREAMS_H_
