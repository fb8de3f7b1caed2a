#include "services/analytics/store/first_times.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "services/analytics/store/scan_block.h"
#include "services/analytics/store/utc_month.h"

namespace tidemark::analytics {
namespace {

bool IsConsumption(uint32_t effect_class) {
  const uint32_t kind = effect_class % kEffectKindCount;
  return kind == static_cast<uint32_t>(EffectKind::kPurchase) ||
         kind == static_cast<uint32_t>(EffectKind::kServiceUse);
}

// Which effects to read: effective index in [begin, end), not of an unseen source.
struct Wanted {
  uint64_t begin = 0;
  uint64_t end = 0;
  const std::vector<CodeId>& unseen_sources;
};

// Calls add(consumer, time, class) for the wanted consumption of pseudonyms.
template <typename AddOne>
void EachConsumption(const RowGroup& group, const Wanted& wanted, AddOne add) {
  const auto [begin, end, unseen] = std::tie(wanted.begin, wanted.end, wanted.unseen_sources);
  if (group.rows == 0 || group.min_effective >= end || group.max_effective < begin) return;
  std::vector<uint32_t> consumers(kBlockRows), classes(kBlockRows), micros(kBlockRows);
  std::vector<uint32_t> sources(unseen.empty() ? 0 : kBlockRows);
  std::vector<int64_t> times(kBlockRows), effective(kBlockRows);
  const int64_t month_start = group.sorted ? UtcMonthStart(group.month) : 0;
  const bool whole = group.min_effective >= begin && group.max_effective < end;
  for (size_t start = 0; start < group.rows; start += kBlockRows) {
    const size_t n = std::min<size_t>(kBlockRows, group.rows - start);
    Decode32(group.columns[kConsumerSlot], start, n, consumers.data());
    Decode32(group.columns[kClassSlot], start, n, classes.data());
    Decode64(group.columns[kTimeSlot], start, n, times.data());
    if (!unseen.empty()) {
      Decode32(group.columns[static_cast<int>(Field::kSource)], start, n, sources.data());
    }
    if (!whole) Decode64(group.columns[kEffectiveSlot], start, n, effective.data());
    if (group.sorted) {
      Decode32(group.columns[kMicroSlot], start, n, micros.data());
      for (size_t i = 0; i < n; ++i)
        times[i] = (month_start + times[i]) * kMicrosPerSecond + micros[i];
    }
    for (size_t i = 0; i < n; ++i) {
      if (consumers[i] == 0 || !IsConsumption(classes[i])) continue;
      if (!unseen.empty() && std::binary_search(unseen.begin(), unseen.end(), sources[i])) continue;
      const uint64_t index = static_cast<uint64_t>(effective[i]);
      if (whole || (index >= begin && index < end)) add(consumers[i], times[i], classes[i]);
    }
  }
}

// Consumers with a negative effect: only those need their effects added up.
void SettleContested(const Wanted& wanted, const std::vector<const RowGroup*>& groups,
                     ConsumerTimes* times) {
  std::map<uint32_t, std::map<int64_t, int64_t>> contested;
  for (const RowGroup* group : groups) {
    if (!group->has_negative) continue;
    EachConsumption(*group, wanted, [&](uint32_t consumer, int64_t, uint32_t effect_class) {
      if (effect_class >= kNegativeClass) contested[consumer];
    });
  }
  if (contested.empty()) return;
  for (const RowGroup* group : groups) {
    EachConsumption(*group, wanted, [&](uint32_t consumer, int64_t time, uint32_t effect_class) {
      const auto found = contested.find(consumer);
      if (found != contested.end()) found->second[time] += effect_class >= kNegativeClass ? -1 : 1;
    });
  }
  for (const auto& [consumer, signs] : contested) {
    const auto first = std::find_if(signs.begin(), signs.end(),
                                    [](const auto& entry) { return entry.second > 0; });
    (*times)[consumer] = first == signs.end() ? kNever : first->first;
  }
}

}  // namespace

std::shared_ptr<const ConsumerTimes> FirstTimes::At(uint64_t log_size, uint32_t consumers,
                                                    const std::vector<CodeId>& unseen_sources,
                                                    const std::vector<const RowGroup*>& groups) {
  uint64_t begin = 0;
  auto times = std::make_shared<ConsumerTimes>();
  const bool has_negative = std::any_of(groups.begin(), groups.end(),
                                        [](const RowGroup* group) { return group->has_negative; });
  {
    base::MutexLock lock(mutex_);
    const bool usable = times_ != nullptr && unseen_sources_ == unseen_sources;
    if (usable && log_size_ == log_size && times_->size() > consumers) return times_;
    if (usable && log_size_ <= log_size && !has_negative) {
      *times = *times_;
      begin = log_size_;
    }
  }
  times->resize(std::max<size_t>(times->size(), size_t{consumers} + 1), kNever);
  for (const RowGroup* group : groups) {
    EachConsumption(*group, {begin, log_size, unseen_sources},
                    [&](uint32_t consumer, int64_t time, uint32_t) {
                      (*times)[consumer] = std::min((*times)[consumer], time);
                    });
  }
  if (has_negative) SettleContested({0, log_size, unseen_sources}, groups, times.get());
  base::MutexLock lock(mutex_);
  if (times_ == nullptr || log_size >= log_size_) {
    log_size_ = log_size;
    unseen_sources_ = unseen_sources;
    times_ = times;
  }
  return times;
}

uint64_t FirstTimes::memory_bytes() const {
  base::MutexLock lock(mutex_);
  return times_ == nullptr ? 0 : times_->size() * sizeof(int64_t);
}

}  // namespace tidemark::analytics
