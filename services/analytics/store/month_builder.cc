#include "services/analytics/store/month_builder.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "services/analytics/store/utc_month.h"

namespace tidemark::analytics {
namespace {

constexpr int kRegionSlot = static_cast<int>(Field::kConsumerRegion);
constexpr int kCategorySlot = static_cast<int>(Field::kCategory);
constexpr int kDigitBits = 11;

// Columns by whose range whole zones can be skipped. A class cannot.
bool HasZones(int slot) {
  return (slot < kFieldCount && slot != kClassSlot) || slot == kTimeSlot || slot == kEffectiveSlot;
}

template <typename T>
void Pick(const ColumnView& column, const std::vector<uint32_t>& rows, int64_t* out) {
  const T* const data = reinterpret_cast<const T*>(column.data);
  for (uint32_t row : rows) *out++ = static_cast<int64_t>(data[row]);
}

// The rows of a piece. Rows are picked from chunks of the tail only, whose columns are aligned and
// have base 0.
void ReadRows(const MonthPiece& piece, int slot, int64_t* out) {
  const ColumnView& column = piece.group->columns[slot];
  if (piece.rows.empty()) return Decode64(column, 0, piece.group->rows, out);
  switch (column.width) {
    case 1:
      return Pick<uint8_t>(column, piece.rows, out);
    case 4:
      return Pick<uint32_t>(column, piece.rows, out);
    case 8:
      return Pick<int64_t>(column, piece.rows, out);
    default:
      for (uint32_t row : piece.rows) *out++ = column.At(row);
  }
}

template <int kBytes>
void Store(const std::vector<uint32_t>& order, const std::vector<int64_t>& values, int64_t base,
           char* out) {
  for (uint32_t row : order) {
    const uint64_t value = static_cast<uint64_t>(values[row]) - static_cast<uint64_t>(base);
    std::memcpy(out, &value, kBytes);
    out += kBytes;
  }
}

}  // namespace

void MonthBuilder::ReadTime(const MonthPiece& piece, int slot, int64_t* out) const {
  ReadRows(piece, kTimeSlot, out);
  const size_t n = piece.size();
  if (slot == kMicroSlot) {
    for (size_t i = 0; i < n; ++i) out[i] = MicroOf(out[i]);
  } else {
    for (size_t i = 0; i < n; ++i) out[i] = SecondOf(out[i]) - month_start_;
  }
}

void MonthBuilder::ReadColumn(const std::vector<MonthPiece>& pieces, int slot) {
  values_.resize(rows_);
  int64_t* out = values_.data();
  for (const MonthPiece& piece : pieces) {
    if (!piece.group->sorted && (slot == kTimeSlot || slot == kMicroSlot)) {
      ReadTime(piece, slot, out);
    } else {
      ReadRows(piece, slot, out);
    }
    out += piece.size();
  }
}

void MonthBuilder::RadixSort(int bits) {
  scratch_.resize(rows_);
  for (int shift = 0; shift < bits; shift += kDigitBits) {
    uint32_t starts[(1 << kDigitBits) + 1] = {};
    const uint64_t mask = (1 << kDigitBits) - 1;
    for (const Entry& entry : entries_) ++starts[((entry.key >> shift) & mask) + 1];
    if (std::count(std::begin(starts), std::end(starts), rows_) == 1) continue;
    for (size_t i = 1; i <= mask; ++i) starts[i] += starts[i - 1];
    for (const Entry& entry : entries_) scratch_[starts[(entry.key >> shift) & mask]++] = entry;
    entries_.swap(scratch_);
  }
}

// Stable, so rows of one second stay in the order of the log only if the pieces are: they are, but
// rows of several sorted runs come run by run, which is the same.
void MonthBuilder::Order(const std::vector<MonthPiece>& pieces) {
  struct Part {
    std::vector<int64_t> values;
    uint64_t range = 0;
  };
  Part parts[3];
  const int slots[3] = {kRegionSlot, kCategorySlot, kTimeSlot};
  int bits = 0;
  for (int i = 0; i < 3; ++i) {
    ReadColumn(pieces, slots[i]);
    parts[i].values = values_;
    int64_t low = values_[0], high = values_[0];
    for (int64_t value : values_) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
    parts[i].range = static_cast<uint64_t>(high - low);
    for (int64_t& value : parts[i].values) value -= low;
    bits += std::bit_width(parts[i].range);
  }
  order_.resize(rows_);
  if (bits > 64) {
    for (size_t i = 0; i < rows_; ++i) order_[i] = static_cast<uint32_t>(i);
    std::stable_sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) {
      for (const Part& part : parts) {
        if (part.values[a] != part.values[b]) return part.values[a] < part.values[b];
      }
      return false;
    });
    return;
  }
  const int time_bits = std::bit_width(parts[2].range);
  const int low_bits = time_bits + std::bit_width(parts[1].range);
  entries_.resize(rows_);
  for (size_t i = 0; i < rows_; ++i) {
    const uint64_t region =
        low_bits == 64 ? 0 : static_cast<uint64_t>(parts[0].values[i]) << low_bits;
    const uint64_t category = static_cast<uint64_t>(parts[1].values[i]) << time_bits;
    entries_[i] = {region | category | static_cast<uint64_t>(parts[2].values[i]),
                   static_cast<uint32_t>(i)};
  }
  RadixSort(bits);
  for (size_t i = 0; i < rows_; ++i) order_[i] = entries_[i].row;
}

void MonthBuilder::Align(size_t to) { bytes_.resize((bytes_.size() + to - 1) / to * to); }

void MonthBuilder::AddZones(RunColumn* column) {
  std::vector<uint32_t> low, high;
  for (size_t begin = 0; begin < rows_; begin += kZoneRows) {
    const size_t n = std::min(kZoneRows, rows_ - begin);
    decoded_.resize(n);
    // The base is left out.
    Decode32({.data = reinterpret_cast<const uint8_t*>(bytes_.data()) + column->offset,
              .width = column->width},
             begin, n, decoded_.data());
    uint32_t min = UINT32_MAX, max = 0;
    for (uint32_t value : decoded_) {
      min = std::min(min, value);
      max = std::max(max, value);
    }
    low.push_back(min);
    high.push_back(max);
  }
  Align(4);
  column->zones = true;
  column->zones_offset = bytes_.size();
  bytes_.append(reinterpret_cast<const char*>(low.data()), 4 * low.size());
  bytes_.append(reinterpret_cast<const char*>(high.data()), 4 * high.size());
}

// Most columns of most data: nothing to read, sort or write.
bool MonthBuilder::AddConstantColumn(const std::vector<MonthPiece>& pieces, int slot,
                                     RunGroup* group) {
  const int64_t value = pieces[0].group->columns[slot].base;
  for (const MonthPiece& piece : pieces) {
    if (!piece.group->sorted || piece.group->columns[slot].width != 0 ||
        piece.group->columns[slot].base != value) {
      return false;
    }
  }
  Align(8);
  group->columns[slot] = {
      .width = 0, .zones = false, .min = value, .max = value, .offset = bytes_.size()};
  return true;
}

void MonthBuilder::AddColumn(int slot, RunGroup* group) {
  RunColumn& column = group->columns[slot];
  int64_t low = values_[0], high = values_[0];
  for (int64_t value : values_) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  column.min = low;
  column.max = high;
  column.width = WidthFor(static_cast<uint64_t>(high) - static_cast<uint64_t>(low));
  Align(8);
  column.offset = bytes_.size();
  // One byte more: rows of 3 bytes are read 4 at a time.
  bytes_.resize(bytes_.size() + column.width * rows_ + 1);
  char* const out = bytes_.data() + column.offset;
  switch (column.width) {
    case 0:
      break;
    case 1:
      Store<1>(order_, values_, low, out);
      break;
    case 2:
      Store<2>(order_, values_, low, out);
      break;
    case 3:
      Store<3>(order_, values_, low, out);
      break;
    case 4:
      Store<4>(order_, values_, low, out);
      break;
    default:
      Store<8>(order_, values_, low, out);
  }
  if (HasZones(slot) && column.width != 0 && column.width != 8 && rows_ > kZoneRows)
    AddZones(&column);
}

void MonthBuilder::AddRegions(RunGroup* group) {
  const RunColumn& column = group->columns[kRegionSlot];
  decoded_.resize(rows_);
  Decode32({.data = reinterpret_cast<const uint8_t*>(bytes_.data()) + column.offset,
            .width = column.width,
            .base = column.min},
           0, rows_, decoded_.data());
  std::vector<uint32_t> codes, starts;
  for (size_t i = 0; i < rows_; ++i) {
    if (i > 0 && decoded_[i] == decoded_[i - 1]) continue;
    codes.push_back(decoded_[i]);
    starts.push_back(static_cast<uint32_t>(i));
  }
  starts.push_back(static_cast<uint32_t>(rows_));
  Align(4);
  group->regions = static_cast<uint32_t>(codes.size());
  group->regions_offset = bytes_.size();
  bytes_.append(reinterpret_cast<const char*>(codes.data()), 4 * codes.size());
  bytes_.append(reinterpret_cast<const char*>(starts.data()), 4 * starts.size());
}

RunGroup MonthBuilder::Build(int32_t month, const std::vector<MonthPiece>& pieces) {
  RunGroup group;
  rows_ = 0;
  for (const MonthPiece& piece : pieces) rows_ += piece.size();
  month_start_ = UtcMonthStart(month);
  bytes_.clear();
  group.month = month;
  group.rows = static_cast<uint32_t>(rows_);
  group.min_time_us = std::numeric_limits<int64_t>::max();
  group.max_time_us = std::numeric_limits<int64_t>::min();
  for (const MonthPiece& piece : pieces) {
    if (piece.group->sorted) {
      group.min_time_us = std::min(group.min_time_us, piece.group->min_time_us);
      group.max_time_us = std::max(group.max_time_us, piece.group->max_time_us);
      continue;
    }
    const ColumnView& time = piece.group->columns[kTimeSlot];
    for (size_t i = 0; i < piece.size(); ++i) {
      const int64_t at = time.At(piece.rows.empty() ? i : piece.rows[i]);
      group.min_time_us = std::min(group.min_time_us, at);
      group.max_time_us = std::max(group.max_time_us, at);
    }
  }
  Order(pieces);
  for (int slot = 0; slot < kSlotCount; ++slot) {
    if (AddConstantColumn(pieces, slot, &group)) continue;
    ReadColumn(pieces, slot);
    AddColumn(slot, &group);
  }
  group.has_negative = group.columns[kClassSlot].max >= kNegativeClass;
  AddRegions(&group);
  return group;
}

}  // namespace tidemark::analytics
