#ifndef TIDEMARK_SERVICES_CATALOG_STORE_MEMORY_USE_STORE_H_
#define TIDEMARK_SERVICES_CATALOG_STORE_MEMORY_USE_STORE_H_

#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "services/catalog/domain/use_store.h"

namespace tidemark::catalog {

// Sums in plain maps: the oracle of the others. Nothing outlives it.
class MemoryUseStore final : public UseStore {
 public:
  absl::StatusOr<UseOutcome> AddUse(const UseBatch& batch) override;
  absl::StatusOr<std::optional<std::string>> GrantWithUseAfter(
      std::string_view grant) const override;
  absl::StatusOr<std::vector<UseSum>> UseOf(std::string_view grant, const UsePosition& after,
                                            int32_t last_day, size_t limit) const override;

 private:
  struct Reporter {
    uint64_t number = 0;
    std::string fingerprint;
  };

  mutable base::Mutex mutex_;
  std::map<std::string, std::map<UsePosition, uint64_t>, std::less<>> units_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Reporter> reporters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_STORE_MEMORY_USE_STORE_H_
