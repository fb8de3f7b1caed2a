#include "services/analytics/store/scan_block.h"

#include <algorithm>

#include "services/analytics/store/utc_month.h"

namespace tidemark::analytics {

ScanBlock::ScanBlock() : cells_(new uint32_t[kBlockRows]), classes_(new uint8_t[kBlockRows]) {}

void ScanBlock::Start(const RowGroup& group, size_t start, size_t size) {
  group_ = &group;
  start_ = start;
  size_ = size;
  picked_ = nullptr;
  class_of_ = nullptr;
  for (auto& ids : ids_) ids.ready = false;
  for (auto& values : values_) values.ready = false;
  times_.ready = false;
}

const uint8_t* ScanBlock::Classes() {
  if (class_of_ != nullptr) return class_of_;
  const ColumnView& column = group_->columns[kClassSlot];
  if (column.width == 1 && column.base == 0) {
    const uint8_t* const data = column.data + start_;
    if (picked_ == nullptr) return class_of_ = data;
    for (size_t i = 0; i < size_; ++i) classes_[i] = data[picked_[i]];
  } else {
    for (size_t i = 0; i < size_; ++i) {
      const size_t row = start_ + (picked_ == nullptr ? i : picked_[i]);
      classes_[i] = static_cast<uint8_t>(column.At(row));
    }
  }
  return class_of_ = classes_.get();
}

const uint32_t* ScanBlock::Ids(int slot) {
  Decoded<uint32_t>& ids = ids_[slot - kConsumerSlot];
  if (ids.rows == nullptr) ids.rows.reset(new uint32_t[kBlockRows]);
  if (!ids.ready) {
    const ColumnView& column = group_->columns[slot];
    picked_ == nullptr ? Decode32(column, start_, size_, ids.rows.get())
                       : Decode32(column, start_, picked_, size_, ids.rows.get());
    ids.ready = true;
  }
  return ids.rows.get();
}

const int64_t* ScanBlock::Values(int slot) {
  Decoded<int64_t>& values = values_[slot == kLagSlot ? 3 : slot - kAmountSlot];
  if (values.rows == nullptr) values.rows.reset(new int64_t[kBlockRows]);
  if (!values.ready) {
    const ColumnView& column = group_->columns[slot];
    picked_ == nullptr ? Decode64(column, start_, size_, values.rows.get())
                       : Decode64(column, start_, picked_, size_, values.rows.get());
    values.ready = true;
  }
  return values.rows.get();
}

const int64_t* ScanBlock::Times() {
  if (times_.ready) return times_.rows.get();
  if (times_.rows == nullptr) times_.rows.reset(new int64_t[2 * kBlockRows]);
  int64_t* const times = times_.rows.get();
  const auto decode = [this](int slot, int64_t* out) {
    const ColumnView& column = group_->columns[slot];
    picked_ == nullptr ? Decode64(column, start_, size_, out)
                       : Decode64(column, start_, picked_, size_, out);
  };
  decode(kTimeSlot, times);
  if (group_->sorted) {
    const int64_t month_start = UtcMonthStart(group_->month);
    int64_t* const micros = times + kBlockRows;
    decode(kMicroSlot, micros);
    for (size_t i = 0; i < size_; ++i)
      times[i] = (month_start + times[i]) * kMicrosPerSecond + micros[i];
  }
  times_.ready = true;
  return times;
}

BlockReader::BlockReader(const ScanPlan& plan, const CellSpace* cells)
    : plan_(plan),
      cells_(cells),
      picked_(new uint16_t[kBlockRows]),
      codes_(new uint32_t[kBlockRows]),
      periods_(new uint32_t[kBlockRows]) {
  if (cells == nullptr || !cells->dense()) wide_.reset(new uint64_t[kBlockRows]);
}

void BlockReader::Decode(int slot, uint32_t* out) const {
  const ColumnView& column = block_.group_->columns[slot];
  if (block_.picked_ == nullptr) {
    Decode32(column, block_.start_, block_.size_, out);
  } else {
    Decode32(column, block_.start_, block_.picked_, block_.size_, out);
  }
}

// Keeps the rows for which keep(position among the rows so far) holds.
template <typename Keep>
void BlockReader::Pick(Keep keep) {
  uint16_t* const out = picked_.get();
  const size_t n = block_.size_;
  size_t kept = 0;
  if (block_.picked_ == nullptr) {
    for (size_t i = 0; i < n; ++i) {
      out[kept] = static_cast<uint16_t>(i);
      kept += keep(i) ? 1 : 0;
    }
    if (kept == n) return;
  } else {
    for (size_t i = 0; i < n; ++i) {
      out[kept] = out[i];
      kept += keep(i) ? 1 : 0;
    }
  }
  block_.picked_ = out;
  block_.size_ = kept;
}

void BlockReader::PickEffective(const ScanUnit& unit) {
  if (effective_ == nullptr) effective_.reset(new int64_t[kBlockRows]);
  Decode64(unit.group->columns[kEffectiveSlot], block_.start_, block_.size_, effective_.get());
  const int64_t limit = static_cast<int64_t>(plan_.query().log_size);
  Pick([&](size_t i) { return effective_[i] < limit; });
}

void BlockReader::PickCodes(const CodeStep& step) {
  Decode(step.slot, codes_.get());
  const uint32_t* const groups = step.table->groups();
  Pick([&](size_t i) { return groups[codes_[i]] != kDropped; });
}

void BlockReader::PickOrders(const ScanFacts::OrderIds& orders) {
  Decode(kOrderSlot, codes_.get());
  Pick([&](size_t i) {
    return std::binary_search(orders.ids.begin(), orders.ids.end(), codes_[i]) != orders.exclude;
  });
}

void BlockReader::PickSlices(const ScanUnit& unit) {
  has_periods_ = !unit.slices.constant();
  if (!has_periods_) return;
  unit.slices.Find(*unit.group, block_.start_, block_.picked_, block_.size_, periods_.get());
  const size_t before = block_.size_;
  Pick([&](size_t i) { return periods_[i] != kDropped; });
  if (block_.size_ == before) return;
  size_t kept = 0;
  for (size_t i = 0; i < before; ++i) {
    periods_[kept] = periods_[i];
    kept += periods_[i] != kDropped ? 1 : 0;
  }
}

bool BlockReader::SkipZone(const ScanUnit& unit, size_t start) const {
  const size_t zone = start / kZoneRows;
  const auto low = [&](int slot) {
    return unit.group->columns[slot].base + unit.group->zones[slot].min[zone];
  };
  const auto high = [&](int slot) {
    return unit.group->columns[slot].base + unit.group->zones[slot].max[zone];
  };
  for (const CodeStep& step : unit.filters) {
    if (!unit.group->zones[step.slot].min.empty() &&
        step.table->KeepsNone(low(step.slot), high(step.slot))) {
      return true;
    }
  }
  if (unit.check_effective && !unit.group->zones[kEffectiveSlot].min.empty() &&
      low(kEffectiveSlot) >= static_cast<int64_t>(plan_.query().log_size)) {
    return true;
  }
  return !unit.slices.constant() && !unit.group->zones[kTimeSlot].min.empty() &&
         !unit.slices.MayHit(low(kTimeSlot), high(kTimeSlot));
}

template <typename Number>
void BlockReader::NumberCells(const ScanUnit& unit, Number* numbers) {
  const size_t n = block_.size_;
  const Number stride = static_cast<Number>(plan_.period_stride());
  if (has_periods_) {
    for (size_t i = 0; i < n; ++i) numbers[i] = periods_[i] * stride;
  } else {
    std::fill_n(numbers, n, static_cast<Number>(unit.slices.period()) * stride);
  }
  block_.constant_cell_ = !has_periods_;
  for (const CodeStep& step : unit.groupings) {
    const uint32_t* const groups = step.table->groups();
    const Number scale = static_cast<Number>(step.stride);
    const ColumnView& column = unit.group->columns[step.slot];
    if (column.width == 0) {
      const Number add = groups[column.base] * scale;
      if (add != 0) {
        for (size_t i = 0; i < n; ++i) numbers[i] += add;
      }
      continue;
    }
    Decode(step.slot, codes_.get());
    for (size_t i = 0; i < n; ++i) numbers[i] += groups[codes_[i]] * scale;
    block_.constant_cell_ = false;
  }
  if (!plan_.query().origin_bounds.empty()) AddOriginGroups(unit, numbers);
}

// After every pick: what the block decodes stays for its sinks.
template <typename Number>
void BlockReader::AddOriginGroups(const ScanUnit& unit, Number* numbers) {
  const size_t n = block_.size_;
  if (unit.origin_group) {
    for (size_t i = 0; i < n; ++i) numbers[i] += *unit.origin_group;
    return;
  }
  const std::vector<int64_t>& bounds = plan_.query().origin_bounds;
  const int64_t* const times = block_.Times();
  const int64_t* const lags = block_.Values(kLagSlot);
  // Neighbours are mostly in one group: [low, high) is that of the row before.
  int64_t low = 0, high = 0;
  uint32_t group = 0;
  for (size_t i = 0; i < n; ++i) {
    const int64_t origin = OriginOf(times[i], lags[i]);
    if (origin < low || origin >= high) {
      group = plan_.OriginGroup(origin);
      low = group == 0 ? INT64_MIN : bounds[group - 1];
      high = group == bounds.size() ? INT64_MAX : bounds[group];
    }
    numbers[i] += group;
  }
  block_.constant_cell_ = false;
}

void BlockReader::CheckNumbers() {
  QueryControl& control = plan_.control();
  if (numbers_.size() > plan_.query().max_cells)
    control.Fail(TooManyCells(plan_.query().max_cells));
  const uint64_t bytes = numbers_.bytes();
  if (bytes > numbers_bytes_ && control.Take(bytes - numbers_bytes_)) numbers_bytes_ = bytes;
}

void BlockReader::FindCells(const ScanUnit& unit) {
  if (cells_ != nullptr && cells_->dense()) {
    NumberCells(unit, block_.cells_.get());
    return;
  }
  NumberCells(unit, wide_.get());
  uint64_t last = wide_[0];
  if (cells_ == nullptr) {
    numbers_.Add(last);
    for (size_t i = 1; i < block_.size_; ++i) {
      if (wide_[i] != last) numbers_.Add(last = wide_[i]);
    }
    CheckNumbers();
    return;
  }
  uint32_t cell = cells_->Find(last);
  for (size_t i = 0; i < block_.size_; ++i) {
    if (wide_[i] != last) cell = cells_->Find(last = wide_[i]);
    block_.cells_[i] = cell;
  }
}

void BlockReader::Read(const ScanUnit& unit, size_t begin, size_t end,
                       const std::vector<Sink*>& sinks) {
  while (begin < end && !plan_.control().failed()) {
    // Blocks do not cross zones.
    const size_t stop = std::min({end, begin + kBlockRows, (begin / kZoneRows + 1) * kZoneRows});
    if (!unit.group->sorted || !SkipZone(unit, begin)) {
      block_.Start(*unit.group, begin, stop - begin);
      if (unit.check_effective) PickEffective(unit);
      for (const CodeStep& step : unit.filters) {
        if (block_.size_ != 0) PickCodes(step);
      }
      for (const ScanFacts::OrderIds& orders : plan_.facts().order_filters) {
        if (block_.size_ != 0) PickOrders(orders);
      }
      if (block_.size_ != 0) PickSlices(unit);
      if (block_.size_ != 0) {
        FindCells(unit);
        for (Sink* sink : sinks) sink->Add(block_);
      }
    }
    begin = stop;
  }
}

}  // namespace tidemark::analytics
