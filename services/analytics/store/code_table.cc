#include "services/analytics/store/code_table.h"

#include <algorithm>
#include <utility>

namespace tidemark::analytics {

CodeTable::CodeTable(std::shared_ptr<const GroupTable> table, uint32_t values)
    : table_(std::move(table)), values_(values) {
  if (table_->groups.size() >= values) {
    groups_ = table_->groups.data();
  } else {
    own_ = table_->groups;
    own_.resize(values, table_->beyond);
    groups_ = own_.data();
  }
  Count();
}

CodeTable::CodeTable(const GroupTable& table, const std::array<CodeId, kEffectKindCount>& kinds)
    : values_(kClassCount) {
  for (uint32_t c = 0; c < kClassCount; ++c) {
    const CodeId code = kinds[c % kEffectKindCount];
    own_.push_back(code < table.groups.size() ? table.groups[code] : table.beyond);
  }
  groups_ = own_.data();
  Count();
}

void CodeTable::Count() {
  kept_below_.resize(values_ + 1);
  keep_.resize(values_ + 256);
  uint32_t kept = 0;
  for (uint32_t value = 0; value < values_; ++value) {
    kept_below_[value] = kept;
    if (groups_[value] == kDropped) continue;
    keep_[value] = 0xFF;
    if (kept < kFew) kept_.push_back(value);
    ++kept;
  }
  kept_below_[values_] = kept;
  few_ = kept <= kFew;
}

uint32_t CodeTable::KeptIn(int64_t low, int64_t high) const {
  const int64_t end = std::min<int64_t>(high + 1, values_);
  return low >= end ? 0 : kept_below_[end] - kept_below_[low];
}

bool CodeTable::KeepsAll(int64_t low, int64_t high) const {
  const int64_t end = std::min<int64_t>(high + 1, values_);
  return low >= end || KeptIn(low, high) == end - low;
}

}  // namespace tidemark::analytics
