#include "services/analytics/store/first_times.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/time/time.h"
#include "common/status/status_macros.h"
#include "services/analytics/store/scan_block.h"
#include "services/analytics/store/utc_month.h"

namespace tidemark::analytics {
namespace {

// How long one wait for another query's answer lasts before stopping is looked at.
constexpr absl::Duration kPatience = absl::Milliseconds(20);
// Blocks read before stopping is looked at.
constexpr size_t kBlocksPerCheck = 32;

// Which effects to read: effective index in [begin, end), not of an unseen source.
struct Wanted {
  uint64_t begin = 0;
  uint64_t end = 0;
  const std::vector<CodeId>& unseen_sources;
};

// Calls add(consumer, time, class) for the wanted consumption of pseudonyms. False: stopped.
template <typename AddOne>
bool EachConsumption(const RowGroup& group, const Wanted& wanted, QueryControl& control,
                     AddOne add) {
  const auto [begin, end, unseen] = std::tie(wanted.begin, wanted.end, wanted.unseen_sources);
  if (group.rows == 0 || group.min_effective >= end || group.max_effective < begin) return true;
  std::vector<uint32_t> consumers(kBlockRows), classes(kBlockRows), micros(kBlockRows);
  std::vector<uint32_t> sources(unseen.empty() ? 0 : kBlockRows);
  std::vector<int64_t> times(kBlockRows), effective(kBlockRows);
  const int64_t month_start = group.sorted ? UtcMonthStart(group.month) : 0;
  const bool whole = group.min_effective >= begin && group.max_effective < end;
  for (size_t start = 0; start < group.rows; start += kBlockRows) {
    if (start / kBlockRows % kBlocksPerCheck == 0 && !control.Continue()) return false;
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
      if (consumers[i] == 0 || !kConsumptions.Has(KindOfClass(classes[i]))) continue;
      if (!unseen.empty() && std::binary_search(unseen.begin(), unseen.end(), sources[i])) continue;
      const uint64_t index = static_cast<uint64_t>(effective[i]);
      if (whole || (index >= begin && index < end)) add(consumers[i], times[i], classes[i]);
    }
  }
  return true;
}

// Consumers with a negative effect: only those need their effects added up. False: stopped.
bool SettleContested(const Wanted& wanted, const std::vector<const RowGroup*>& groups,
                     QueryControl& control, ConsumerTimes* times) {
  std::map<uint32_t, std::map<int64_t, int64_t>> contested;
  for (const RowGroup* group : groups) {
    if (!group->has_negative) continue;
    const bool read = EachConsumption(*group, wanted, control,
                                      [&](uint32_t consumer, int64_t, uint32_t effect_class) {
                                        if (effect_class >= kNegativeClass) contested[consumer];
                                      });
    if (!read) return false;
  }
  if (contested.empty()) return true;
  // About what the nodes of a consumer with a few times are.
  constexpr uint64_t kBytesEach = 256;
  if (!control.Take(contested.size() * kBytesEach)) return false;
  for (const RowGroup* group : groups) {
    const bool read = EachConsumption(
        *group, wanted, control, [&](uint32_t consumer, int64_t time, uint32_t effect_class) {
          const auto found = contested.find(consumer);
          if (found != contested.end())
            found->second[time] += effect_class >= kNegativeClass ? -1 : 1;
        });
    if (!read) return false;
  }
  for (const auto& [consumer, signs] : contested) {
    const auto first = std::find_if(signs.begin(), signs.end(),
                                    [](const auto& entry) { return entry.second > 0; });
    (*times)[consumer] = first == signs.end() ? kNever : first->first;
  }
  control.Give(contested.size() * kBytesEach);
  return true;
}

}  // namespace

// Publishes nothing, unless told, however the one who makes a version leaves: the others must not
// wait for ever.
class FirstTimes::Maker {
 public:
  Maker(FirstTimes* owner, std::shared_ptr<Version> version)
      : owner_(owner), version_(std::move(version)) {}
  ~Maker() { owner_->Publish(version_, std::move(times_)); }
  void Set(std::shared_ptr<const ConsumerTimes> times) { times_ = std::move(times); }

 private:
  FirstTimes* const owner_;
  const std::shared_ptr<Version> version_;
  std::shared_ptr<const ConsumerTimes> times_;
};

absl::StatusOr<std::shared_ptr<const ConsumerTimes>> FirstTimes::Join(
    uint64_t log_size, const std::vector<CodeId>& unseen_sources, QueryControl& control,
    std::shared_ptr<Version>* version) {
  while (control.Continue()) {
    base::MutexLock lock(mutex_);
    if (kept_ != nullptr && kept_log_size_ == log_size && kept_unseen_sources_ == unseen_sources)
      return kept_;
    const auto found = std::find_if(versions_.begin(), versions_.end(), [&](const auto& other) {
      return other->log_size == log_size && other->unseen_sources == unseen_sources;
    });
    if (found == versions_.end()) {
      *version = std::make_shared<Version>(
          Version{.log_size = log_size, .unseen_sources = unseen_sources, .times = {}});
      versions_.push_back(*version);
      return nullptr;
    }
    if ((*found)->making) {
      changed_.WaitFor(mutex_, kPatience);
      continue;
    }
    if (auto times = (*found)->times.lock()) return times;
    versions_.erase(found);  // nobody uses it any more
  }
  return control.status();
}

std::shared_ptr<const ConsumerTimes> FirstTimes::Base(const Version& version,
                                                      uint64_t* log_size) const {
  base::MutexLock lock(mutex_);
  if (kept_ == nullptr || kept_unseen_sources_ != version.unseen_sources ||
      kept_log_size_ > version.log_size) {
    return nullptr;
  }
  *log_size = kept_log_size_;
  return kept_;
}

absl::StatusOr<std::shared_ptr<const ConsumerTimes>> FirstTimes::Make(
    const Version& version, uint32_t consumers, const std::vector<const RowGroup*>& groups,
    QueryControl& control) const {
  const bool has_negative = std::any_of(groups.begin(), groups.end(),
                                        [](const RowGroup* group) { return group->has_negative; });
  uint64_t begin = 0;
  // What was taken back later may have been somebody's first: then all is read again.
  const auto base = has_negative ? nullptr : Base(version, &begin);
  const size_t size = std::max(base == nullptr ? 0 : base->size(), size_t{consumers} + 1);
  if (!control.Take(size * sizeof(int64_t))) return control.status();
  auto times = std::make_shared<ConsumerTimes>();
  times->reserve(size);
  if (base != nullptr) times->assign(base->begin(), base->end());
  times->resize(size, kNever);
  const Wanted wanted{begin, version.log_size, version.unseen_sources};
  for (const RowGroup* group : groups) {
    const bool read =
        EachConsumption(*group, wanted, control, [&](uint32_t consumer, int64_t time, uint32_t) {
          (*times)[consumer] = std::min((*times)[consumer], time);
        });
    if (!read) return control.status();
  }
  if (has_negative && !SettleContested(wanted, groups, control, times.get()))
    return control.status();
  return times;
}

void FirstTimes::Publish(const std::shared_ptr<Version>& version,
                         std::shared_ptr<const ConsumerTimes> times) {
  base::MutexLock lock(mutex_);
  std::erase_if(versions_, [&](const auto& other) {
    return (other == version && times == nullptr) || (!other->making && other->times.expired());
  });
  version->making = false;
  version->times = times;
  changed_.NotifyAll();
  if (times == nullptr || (kept_ != nullptr && version->log_size < kept_log_size_)) return;
  kept_log_size_ = version->log_size;
  kept_unseen_sources_ = version->unseen_sources;
  kept_ = std::move(times);
}

absl::StatusOr<std::shared_ptr<const ConsumerTimes>> FirstTimes::At(
    uint64_t log_size, uint32_t consumers, const std::vector<CodeId>& unseen_sources,
    const std::vector<const RowGroup*>& groups, QueryControl& control) {
  std::shared_ptr<Version> version;
  TM_ASSIGN_OR_RETURN(std::shared_ptr<const ConsumerTimes> times,
                      Join(log_size, unseen_sources, control, &version));
  if (times != nullptr) return times;
  Maker maker(this, version);
  TM_ASSIGN_OR_RETURN(times, Make(*version, consumers, groups, control));
  maker.Set(times);
  return times;
}

uint64_t FirstTimes::memory_bytes() const {
  base::MutexLock lock(mutex_);
  return kept_ == nullptr ? 0 : kept_->size() * sizeof(int64_t);
}

}  // namespace tidemark::analytics
