#include "services/analytics/statistics/settle/share_history.h"

#include <algorithm>
#include <numeric>

#include "absl/time/civil_time.h"

namespace tidemark::analytics {
namespace {

int64_t StartOf(const type::v1::Date& date, const Calendar& calendar) {
  return calendar.StartOfDay(absl::CivilDay(date.year(), date.month(), date.day()) -
                             absl::CivilDay(1970, 1, 1));
}

}  // namespace

ShareHistory::ShareHistory(
    const google::protobuf::RepeatedPtrField<catalog::v1::RightsShare>& rights,
    const Calendar& calendar) {
  rights_.reserve(static_cast<size_t>(rights.size()));
  for (const catalog::v1::RightsShare& share : rights) {
    Dated& dated = rights_.emplace_back();
    dated.holder = share.holder();
    dated.weight = share.weight();
    if (share.valid().has_start()) {
      dated.start_us = StartOf(share.valid().start(), calendar);
      bounds_.push_back(dated.start_us);
    }
    if (share.valid().has_end()) {
      dated.end_us = StartOf(share.valid().end(), calendar);
      bounds_.push_back(dated.end_us);
    }
  }
  std::sort(rights_.begin(), rights_.end(),
            [](const Dated& a, const Dated& b) { return a.holder < b.holder; });
  std::sort(bounds_.begin(), bounds_.end());
  bounds_.erase(std::unique(bounds_.begin(), bounds_.end()), bounds_.end());
}

size_t ShareHistory::PieceAt(int64_t time_us) const {
  return static_cast<size_t>(std::upper_bound(bounds_.begin(), bounds_.end(), time_us) -
                             bounds_.begin());
}

ShareSet ShareHistory::At(int64_t time_us) const {
  ShareSet set;
  uint64_t divisor = 0;
  for (const Dated& dated : rights_) {
    if (time_us < dated.start_us || time_us >= dated.end_us) continue;
    set.shares.push_back({dated.holder, dated.weight});
    divisor = std::gcd(divisor, dated.weight);
  }
  for (ShareSet::Share& share : set.shares) share.weight /= divisor;
  return set;
}

void ShareHistory::AddHolders(absl::flat_hash_set<std::string_view>* names) const {
  for (const Dated& dated : rights_) names->insert(dated.holder);
}

}  // namespace tidemark::analytics
