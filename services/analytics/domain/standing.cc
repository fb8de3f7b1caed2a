#include "services/analytics/domain/standing.h"

#include <algorithm>
#include <tuple>

#include "services/analytics/domain/floor_div.h"

namespace tidemark::analytics {
namespace {

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;

DaySums Negated(const DaySums& sums) {
  DaySums negated;
  negated.events = -sums.events;
  negated.gross = -sums.gross;
  negated.refunds = -sums.refunds;
  return negated;
}

}  // namespace

DaySums SumsOf(ledger::EventKind kind, int64_t amount) {
  switch (kind) {
    case ledger::EventKind::kPurchase:
      return {.events = 1, .gross = amount};
    case ledger::EventKind::kRefund:
      return {.events = 1, .refunds = amount};
    case ledger::EventKind::kServiceUse:
      return {.events = 1};
    default:
      return {};
  }
}

void StandingChanges::Add(std::string_view source, int64_t event_time_us, const DaySums& sums,
                          int sign) {
  changes_.push_back({source, event_time_us, sign < 0 ? Negated(sums) : sums});
}

// Sorted, as a mark of the catalog may bring a change of every transaction.
const std::vector<StandingChange>& StandingChanges::Settle() {
  std::sort(changes_.begin(), changes_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.event_time_us, a.source) < std::tie(b.event_time_us, b.source);
  });
  size_t kept = 0;
  for (const StandingChange& change : changes_) {
    if (kept > 0 && changes_[kept - 1].event_time_us == change.event_time_us &&
        changes_[kept - 1].source == change.source && changes_[kept - 1].sums.TryAdd(change.sums)) {
      continue;
    } else {
      changes_[kept++] = change;
    }
  }
  changes_.resize(kept);
  std::erase_if(changes_, [](const StandingChange& change) { return change.sums.IsZero(); });
  return changes_;
}

void StandingCorrections::Add(uint64_t effective, const StandingChange& change) {
  sources_[change.source][FloorDiv(change.event_time_us, kDayUs)].push_back(
      {effective, change.event_time_us, change.sums});
  ++count_;
}

void StandingCorrections::ForEach(
    std::string_view source, int64_t start_us, int64_t end_us, uint64_t log_size,
    absl::FunctionRef<void(int64_t event_time_us, const DaySums&)> take) const {
  const auto days = sources_.find(source);
  if (days == sources_.end()) return;
  for (auto day = days->second.lower_bound(FloorDiv(start_us, kDayUs));
       day != days->second.end() && day->first <= FloorDiv(end_us, kDayUs); ++day) {
    for (const Entry& entry : day->second) {
      if (entry.effective >= log_size) break;
      if (entry.event_time_us < start_us || entry.event_time_us >= end_us) continue;
      take(entry.event_time_us, entry.sums);
    }
  }
}

}  // namespace tidemark::analytics
