#include "services/catalog/store/memory_use_store.h"

#include "absl/strings/str_cat.h"

namespace tidemark::catalog {

absl::StatusOr<UseOutcome> MemoryUseStore::AddUse(const UseBatch& batch) {
  base::MutexLock lock(mutex_);
  const auto known = reporters_.find(batch.reporter);
  if (known != reporters_.end() && batch.number <= known->second.number) {
    const bool same =
        batch.number < known->second.number || batch.fingerprint == known->second.fingerprint;
    return same ? UseOutcome::kRepeated : UseOutcome::kOtherBatch;
  }
  auto units = units_;
  for (const UseSum& sum : batch.sums) {
    uint64_t& reached = units[sum.grant][{sum.day, sum.purpose}];
    if (reached + sum.units > kMostUnits) {
      return absl::OutOfRangeError(absl::StrCat(sum.grant, ": too many units"));
    }
    reached += sum.units;
  }
  units_ = std::move(units);
  reporters_[batch.reporter] = {batch.number, batch.fingerprint};
  return UseOutcome::kAdded;
}

absl::StatusOr<std::optional<std::string>> MemoryUseStore::GrantWithUseAfter(
    std::string_view grant) const {
  base::MutexLock lock(mutex_);
  const auto next = units_.upper_bound(grant);
  if (next == units_.end()) return std::nullopt;
  return next->first;
}

absl::StatusOr<std::vector<UseSum>> MemoryUseStore::UseOf(std::string_view grant,
                                                          const UsePosition& after,
                                                          int32_t last_day, size_t limit) const {
  base::MutexLock lock(mutex_);
  std::vector<UseSum> found;
  const auto of_grant = units_.find(grant);
  if (of_grant == units_.end()) return found;
  for (auto it = of_grant->second.upper_bound(after);
       it != of_grant->second.end() && it->first.day <= last_day && found.size() < limit; ++it) {
    found.push_back({std::string(grant), it->first.day, it->first.purpose, it->second});
  }
  return found;
}

}  // namespace tidemark::catalog
