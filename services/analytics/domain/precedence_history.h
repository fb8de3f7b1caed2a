#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_PRECEDENCE_HISTORY_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_PRECEDENCE_HISTORY_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "services/analytics/domain/precedence.h"

namespace tidemark::catalog_client {
class CatalogHistory;
}  // namespace tidemark::catalog_client

namespace tidemark::analytics {

// The precedence at a version of the catalog. UNAVAILABLE: the version is not loaded yet.
using PrecedenceAt =
    std::function<absl::StatusOr<std::shared_ptr<const Precedence>>(uint64_t version)>;

// PrecedenceHistory: the precedence at every version of a catalog that is followed. Versions that
// changed neither categories nor the observatory cost a look-up. Thread-safe.
class PrecedenceHistory {
 public:
  // Not owned.
  explicit PrecedenceHistory(catalog_client::CatalogHistory* catalog) : catalog_(*catalog) {}

  // UNAVAILABLE: the version is not loaded yet.
  absl::StatusOr<std::shared_ptr<const Precedence>> At(uint64_t version);

 private:
  catalog_client::CatalogHistory& catalog_;
  base::Mutex mutex_;
  // By the version that changed it last; the most recently made first.
  std::deque<std::pair<uint64_t, std::shared_ptr<const Precedence>>> made_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_PRECEDENCE_HISTORY_H_
