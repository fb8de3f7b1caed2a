#ifndef TIDEMARK_SERVICES_INGEST_API_QUOTA_GATE_H_
#define TIDEMARK_SERVICES_INGEST_API_QUOTA_GATE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "clients/cpp/catalog/catalog_view.h"
#include "common/base/mutex.h"
#include "common/redis/shared_buckets.h"
#include "services/ingest/api/event_splitter.h"

namespace tidemark::ingest {

// Holds batches back whose sources are above their quota in the catalog. Thread-safe; blocks on
// Redis, shortly, for batches with a source that has a quota.
class QuotaGate {
 public:
  // `buckets` is not owned. `log_id` keeps the quotas of two logs in one Redis apart.
  QuotaGate(redis::SharedBuckets* buckets, std::string log_id)
      : buckets_(buckets), log_id_(std::move(log_id)) {}

  // Takes the events of `request`, a SubmitEventsRequest of which ReadEnvelope told `envelope`,
  // from the quotas of their sources: from all or from none. Events of sources that the caller may
  // not use take nothing; they are rejected later. RESOURCE_EXHAUSTED (QUOTA_EXCEEDED) with
  // RetryInfo, (QUOTA_BATCH_TOO_LARGE) without. INVALID_ARGUMENT (MALFORMED_COLUMNS).
  absl::Status Take(const std::shared_ptr<const catalog_client::CatalogView>& view,
                    std::string_view request, const BatchEnvelope& envelope,
                    const std::function<bool(std::string_view source)>& may_use_source);

 private:
  using Quotas = absl::flat_hash_map<std::string, catalog_client::SourceQuota>;

  // Of the view's sources; made once for each view.
  std::shared_ptr<const Quotas> QuotasOf(
      const std::shared_ptr<const catalog_client::CatalogView>& view);

  redis::SharedBuckets* const buckets_;
  const std::string log_id_;
  base::Mutex mutex_;
  std::shared_ptr<const catalog_client::CatalogView> view_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Quotas> quotas_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_QUOTA_GATE_H_
