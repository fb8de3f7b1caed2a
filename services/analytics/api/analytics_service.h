#ifndef TIDEMARK_SERVICES_ANALYTICS_API_ANALYTICS_SERVICE_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_ANALYTICS_SERVICE_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/base/executor.h"
#include "common/rpc/authorizer.h"
#include "services/analytics/api/fold_waiter.h"
#include "services/analytics/api/query_handler.h"
#include "services/analytics/domain/link_fold.h"
#include "services/analytics/domain/source_day_fold.h"

namespace grpc {
class Service;
}

namespace tidemark::analytics {

inline constexpr char kAnalyticsServiceName[] = "tidemark.analytics.v1.AnalyticsService";
// A thousand codes per filter fit easily.
inline constexpr size_t kMaxRequestBytes = size_t{1} << 20;

struct AnalyticsServiceOptions {
  // Nothing is owned; all must be set and outlive the server.
  QueryHandler* queries = nullptr;
  FoldWaiter* waiter = nullptr;
  const StatStore* store = nullptr;
  // Of the fold that fills the store.
  const LinkFold* links = nullptr;
  const SourceDayFold* source_days = nullptr;
  std::function<LogState()> log_state;
  std::function<bool()> catalog_reachable;
  const base::Clock* clock = nullptr;
  rpc::Authorizer* authorizer = nullptr;
  // The streams of answers, for the server's drain.
  rpc::StreamRegistry* streams = nullptr;
  // Where queries run, and where the small answers do.
  base::Executor* query_executor = nullptr;
  base::Executor* executor = nullptr;
  // How long a request waits for `min_log_size`.
  absl::Duration patience = absl::Seconds(1);
  std::string replica;
  std::string version;
};

// tidemark.analytics.v1.AnalyticsService, all methods raw: who may call is decided before a byte of
// the request is parsed.
std::unique_ptr<grpc::Service> NewAnalyticsService(AnalyticsServiceOptions options);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_ANALYTICS_SERVICE_H_
