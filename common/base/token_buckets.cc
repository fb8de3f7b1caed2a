#include "common/base/token_buckets.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace tidemark::base {
namespace {

// Times of this century in doubles are exact to a quarter of a microsecond.
constexpr double kToleranceUs = 1;

double MicrosOf(uint64_t tokens, uint64_t per_second) {
  return static_cast<double>(tokens) * 1e6 / static_cast<double>(per_second);
}

}  // namespace

std::optional<TokenBuckets::Refusal> TokenBuckets::TryTake(absl::Span<const Take> takes,
                                                           int64_t now_us) {
  const double now = static_cast<double>(now_us);
  std::vector<double> full_at(takes.size());
  Refusal worst;
  double worst_us = kToleranceUs;
  MutexLock lock(mutex_);
  for (size_t i = 0; i < takes.size(); ++i) {
    const Take& take = takes[i];
    const double fill = MicrosOf(take.burst, take.per_second);
    const auto found = full_at_us_.find(take.name);
    const double before = found == full_at_us_.end() ? now : found->second;
    full_at[i] = std::clamp(before, now, now + fill) + MicrosOf(take.count, take.per_second);
    const double wait = full_at[i] - now - fill;
    if (wait <= worst_us) continue;
    worst_us = wait;
    worst = {.index = i, .wait = absl::Microseconds(std::ceil(wait))};
  }
  if (worst_us > kToleranceUs) return worst;
  for (size_t i = 0; i < takes.size(); ++i) full_at_us_[takes[i].name] = full_at[i];
  return std::nullopt;
}

void TokenBuckets::SetFullAt(std::string_view name, double full_at_us) {
  MutexLock lock(mutex_);
  full_at_us_[name] = full_at_us;
}

}  // namespace tidemark::base
