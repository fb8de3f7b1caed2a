#include "services/catalog/domain/use_book.h"

#include <algorithm>
#include <limits>

#include "common/status/status_macros.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kChunk = 4096;

uint64_t Sum(uint64_t a, uint64_t b) { return std::min(a + std::min(b, kMostUnits), kMostUnits); }

}  // namespace

absl::StatusOr<UseOutcome> UseBook::Add(const UseBatch& batch) {
  base::MutexLock lock(mutex_);
  TM_ASSIGN_OR_RETURN(const UseOutcome outcome, store_->AddUse(batch));
  if (outcome != UseOutcome::kAdded) return outcome;
  for (const UseSum& sum : batch.sums) {
    const auto total = totals_.find(sum.grant);
    if (total != totals_.end()) total->second = Sum(total->second, sum.units);
  }
  return outcome;
}

absl::StatusOr<uint64_t> UseBook::TotalOf(std::string_view grant) {
  base::MutexLock lock(mutex_);
  return TotalLocked(grant);
}

absl::StatusOr<uint64_t> UseBook::TotalLocked(std::string_view grant) {
  const auto known = totals_.find(grant);
  if (known != totals_.end()) return known->second;
  uint64_t total = 0;
  UsePosition after;
  for (bool more = true; more;) {
    TM_ASSIGN_OR_RETURN(const std::vector<UseSum> sums,
                        store_->UseOf(grant, after, std::numeric_limits<int32_t>::max(), kChunk));
    for (const UseSum& sum : sums) total = Sum(total, sum.units);
    more = sums.size() == kChunk;
    if (more) after = {sums.back().day, sums.back().purpose};
  }
  totals_.emplace(grant, total);
  return total;
}

}  // namespace tidemark::catalog
