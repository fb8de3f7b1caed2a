#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_USE_BOOK_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_USE_BOOK_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "services/catalog/domain/use_store.h"

namespace tidemark::catalog {

// UseBook: the sums of a store and the totals of grants, which are added up once and then kept in
// memory. Thread-safe; blocks on the store.
class UseBook {
 public:
  // Not owned; nobody else adds to it.
  explicit UseBook(UseStore* store) : store_(store) {}

  const UseStore& store() const { return *store_; }

  absl::StatusOr<UseOutcome> Add(const UseBatch& batch);
  // Units of all days and purposes; at most kMostUnits are told.
  absl::StatusOr<uint64_t> TotalOf(std::string_view grant);

 private:
  absl::StatusOr<uint64_t> TotalLocked(std::string_view grant)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  UseStore* const store_;
  // Held over the store: a total is of what is stored.
  base::Mutex mutex_;
  absl::flat_hash_map<std::string, uint64_t> totals_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_USE_BOOK_H_
