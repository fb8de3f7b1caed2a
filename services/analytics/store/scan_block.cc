#include "services/analytics/store/scan_block.h"

#include <algorithm>

#include "services/analytics/store/utc_month.h"

namespace tidemark::analytics {

ScanBlock::ScanBlock() : cells_(new uint32_t[kBlockRows]), classes_(new uint8_t[kBlockRows]) {}

void ScanBlock::Start(const RowGroup& group, size_t start, size_t size) {
  group_ = &group;
  start_ = start;
  selection_.Start(size);
  class_of_ = nullptr;
  for (auto& ids : ids_) ids.ready = false;
  for (auto& values : values_) values.ready = false;
  times_.ready = false;
}

const uint8_t* ScanBlock::Classes() {
  if (class_of_ != nullptr) return class_of_;
  const ColumnView& column = group_->columns[kClassSlot];
  if (column.width == 1 && column.base == 0) {
    if (selection_.all()) return class_of_ = column.data + start_;
    selection_.Values8(column, start_, classes_.get());
  } else if (column.width == 0) {
    std::fill_n(classes_.get(), size(), static_cast<uint8_t>(column.base));
  } else {
    const uint16_t* const rows = selection_.rows();
    for (size_t i = 0; i < size(); ++i)
      classes_[i] = static_cast<uint8_t>(column.At(start_ + rows[i]));
  }
  return class_of_ = classes_.get();
}

const uint32_t* ScanBlock::Ids(int slot) {
  Decoded<uint32_t>& ids = ids_[slot - kConsumerSlot];
  if (ids.rows == nullptr) ids.rows.reset(new uint32_t[kBlockRows]);
  if (!ids.ready) selection_.Values32(group_->columns[slot], start_, ids.rows.get());
  ids.ready = true;
  return ids.rows.get();
}

const int64_t* ScanBlock::Values(int slot) {
  Decoded<int64_t>& values = values_[slot == kLagSlot ? 3 : slot - kAmountSlot];
  if (values.rows == nullptr) values.rows.reset(new int64_t[kBlockRows]);
  if (!values.ready) selection_.Values64(group_->columns[slot], start_, values.rows.get());
  values.ready = true;
  return values.rows.get();
}

const int64_t* ScanBlock::Times() {
  if (times_.ready) return times_.rows.get();
  if (times_.rows == nullptr) times_.rows.reset(new int64_t[2 * kBlockRows]);
  int64_t* const times = times_.rows.get();
  selection_.Values64(group_->columns[kTimeSlot], start_, times);
  if (group_->sorted) {
    const int64_t month_start = UtcMonthStart(group_->month);
    int64_t* const micros = times + kBlockRows;
    selection_.Values64(group_->columns[kMicroSlot], start_, micros);
    for (size_t i = 0; i < size(); ++i)
      times[i] = (month_start + times[i]) * kMicrosPerSecond + micros[i];
  }
  times_.ready = true;
  return times;
}

BlockReader::BlockReader(const ScanPlan& plan, const CellSpace* cells)
    : plan_(plan),
      cells_(cells),
      bytes_(new uint8_t[kBlockRows]),
      codes_(new uint32_t[kBlockRows]),
      periods_(new uint32_t[kBlockRows]) {
  if (cells == nullptr || !cells->dense()) wide_.reset(new uint64_t[kBlockRows]);
}

// What is cheap by row comes first.
void BlockReader::Select(const ScanUnit& unit) {
  RowSelection& rows = block_.selection_;
  for (const CodeStep& step : unit.filters) {
    if (Column(step.slot).width == 1) SelectBytes(step);
  }
  if (unit.slices.by_second() && rows.size() != 0) SelectSeconds(unit.slices);
  if (unit.check_effective && rows.size() != 0) SelectEffective();
  // Of a filter that remains, a column of width 0 is kept as a whole.
  for (const CodeStep& step : unit.filters) {
    if (Column(step.slot).width > 1 && rows.size() != 0) SelectCodes(step);
  }
  for (const ScanFacts::OrderIds& orders : plan_.facts().order_filters) {
    if (rows.size() != 0) SelectOrders(orders);
  }
  has_periods_ = !unit.slices.constant() && !unit.slices.by_second();
  if (has_periods_ && rows.size() != 0) SelectSlices(unit);
}

void BlockReader::SelectBytes(const CodeStep& step) {
  const ColumnView& column = Column(step.slot);
  Kernels().keep_bytes(column.data + block_.start_, block_.selection_.span(),
                       step.table->keep() + column.base, block_.selection_.mask());
  block_.selection_.Recount();
}

void BlockReader::SelectCodes(const CodeStep& step) {
  block_.selection_.Values32(Column(step.slot), block_.start_, codes_.get());
  const uint8_t* const keep = step.table->keep();
  block_.selection_.Narrow([&](size_t i) { return keep[codes_[i]] != 0; });
}

void BlockReader::SelectSeconds(const SliceFinder& slices) {
  RowSelection& rows = block_.selection_;
  Decode32(Column(kTimeSlot), block_.start_, rows.span(), codes_.get());
  Kernels().keep_range(codes_.get(), rows.span(), slices.low_second(), slices.high_second(),
                       rows.mask());
  rows.Recount();
}

void BlockReader::SelectEffective() {
  if (effective_ == nullptr) effective_.reset(new int64_t[kBlockRows]);
  block_.selection_.Values64(Column(kEffectiveSlot), block_.start_, effective_.get());
  const int64_t limit = static_cast<int64_t>(plan_.query().log_size);
  block_.selection_.Narrow([&](size_t i) { return effective_[i] < limit; });
}

void BlockReader::SelectOrders(const ScanFacts::OrderIds& orders) {
  block_.selection_.Values32(Column(kOrderSlot), block_.start_, codes_.get());
  block_.selection_.Narrow([&](size_t i) {
    return std::binary_search(orders.ids.begin(), orders.ids.end(), codes_[i]) != orders.exclude;
  });
}

void BlockReader::SelectSlices(const ScanUnit& unit) {
  RowSelection& rows = block_.selection_;
  uint32_t* const periods = periods_.get();
  const size_t before = rows.size();
  if (unit.slices.by_step()) {
    rows.Values32(Column(kTimeSlot), block_.start_, periods);
    unit.slices.FindBySecond(periods, before);
  } else {
    unit.slices.FindByTime(block_.Times(), before, periods);
  }
  if (unit.slices.leaves_none()) return;
  rows.Narrow([&](size_t i) { return periods[i] != kDropped; });
  if (rows.size() == before) return;
  block_.times_.ready = false;
  size_t kept = 0;
  for (size_t i = 0; i < before; ++i) {
    periods[kept] = periods[i];
    kept += periods[i] != kDropped ? 1 : 0;
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

void BlockReader::AddGroups(const CodeStep& step, uint32_t* numbers) {
  const ColumnView& column = Column(step.slot);
  const size_t n = block_.size();
  if (step.small_groups != nullptr && column.width == 1 &&
      column.max - column.base < static_cast<int64_t>(kFewCodes)) {
    const uint8_t* codes = column.data + block_.start_;
    if (!block_.selection_.all()) {
      block_.selection_.Values8(column, block_.start_, bytes_.get());
      codes = bytes_.get();
    }
    Kernels().add_groups(codes, n, step.small_groups + column.base, numbers);
    return;
  }
  block_.selection_.Values32(column, block_.start_, codes_.get());
  const uint32_t* const groups = step.table->groups();
  const uint32_t stride = static_cast<uint32_t>(step.stride);
  for (size_t i = 0; i < n; ++i) numbers[i] += groups[codes_[i]] * stride;
}

void BlockReader::AddGroups(const CodeStep& step, uint64_t* numbers) {
  block_.selection_.Values32(Column(step.slot), block_.start_, codes_.get());
  const uint32_t* const groups = step.table->groups();
  for (size_t i = 0; i < block_.size(); ++i) numbers[i] += groups[codes_[i]] * step.stride;
}

template <typename Number>
void BlockReader::NumberCells(const ScanUnit& unit, Number* numbers) {
  const size_t n = block_.size();
  const auto period_stride = static_cast<Number>(plan_.period_stride());
  // What all rows have in common.
  Number common = has_periods_ ? 0 : static_cast<Number>(unit.slices.period()) * period_stride;
  const size_t first = block_.start_, last = first + block_.selection_.span() - 1;
  const auto same = [&](const CodeStep& step) {
    const ColumnView& column = Column(step.slot);
    return column.width == 0 ||
           // Sorted groups are ordered by it.
           (step.slot == static_cast<int>(Field::kConsumerRegion) && unit.group->sorted &&
            column.At(first) == column.At(last));
  };
  for (const CodeStep& step : unit.groupings) {
    if (same(step)) {
      common +=
          step.table->groups()[Column(step.slot).At(first)] * static_cast<Number>(step.stride);
    }
  }
  block_.constant_cell_ = !has_periods_;
  if (has_periods_) {
    if constexpr (sizeof(Number) == sizeof(uint32_t)) {
      Kernels().scale(periods_.get(), n, period_stride, common, numbers);
    } else {
      for (size_t i = 0; i < n; ++i) numbers[i] = common + periods_[i] * period_stride;
    }
  } else {
    std::fill_n(numbers, n, common);
  }
  for (const CodeStep& step : unit.groupings) {
    if (same(step)) continue;
    AddGroups(step, numbers);
    block_.constant_cell_ = false;
  }
  if (!plan_.query().origin_bounds.empty()) AddOriginGroups(unit, numbers);
}

// After all selecting: what the block decodes stays for its sinks.
template <typename Number>
void BlockReader::AddOriginGroups(const ScanUnit& unit, Number* numbers) {
  const size_t n = block_.size();
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
    for (size_t i = 1; i < block_.size(); ++i) {
      if (wide_[i] != last) numbers_.Add(last = wide_[i]);
    }
    CheckNumbers();
    return;
  }
  uint32_t cell = cells_->Find(last);
  for (size_t i = 0; i < block_.size(); ++i) {
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
      Select(unit);
      if (block_.size() != 0) {
        FindCells(unit);
        for (Sink* sink : sinks) sink->Add(block_);
      }
    }
    begin = stop;
  }
}

}  // namespace tidemark::analytics
