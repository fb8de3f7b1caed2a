#include "services/analytics/store/columns.h"

#include <algorithm>
#include <bit>

#include "services/analytics/store/utc_month.h"

namespace tidemark::analytics {
namespace {

static_assert(std::endian::native == std::endian::little, "columns are used as they are stored");

struct Bytes1 {
  static uint64_t Load(const uint8_t* data, size_t row) { return data[row]; }
};
struct Bytes2 {
  static uint64_t Load(const uint8_t* data, size_t row) {
    uint16_t value;
    std::memcpy(&value, data + 2 * row, 2);
    return value;
  }
};
struct Bytes3 {
  static uint64_t Load(const uint8_t* data, size_t row) {
    uint32_t value;
    std::memcpy(&value, data + 3 * row, 4);
    return value & 0xFFFFFFu;
  }
};
struct Bytes4 {
  static uint64_t Load(const uint8_t* data, size_t row) {
    uint32_t value;
    std::memcpy(&value, data + 4 * row, 4);
    return value;
  }
};
struct Bytes8 {
  static uint64_t Load(const uint8_t* data, size_t row) {
    uint64_t value;
    std::memcpy(&value, data + 8 * row, 8);
    return value;
  }
};

template <typename Width, typename T>
void Picked(const ColumnView& column, size_t start, const uint16_t* rows, size_t n,
            T* __restrict out) {
  const uint8_t* const data = column.data;
  const T base = static_cast<T>(column.base);
  for (size_t i = 0; i < n; ++i) {
    out[i] = static_cast<T>(base + static_cast<T>(Width::Load(data, start + rows[i])));
  }
}

template <typename T>
void DecodePicked(const ColumnView& column, size_t start, const uint16_t* rows, size_t n, T* out) {
  switch (column.width) {
    case 0:
      std::fill_n(out, n, static_cast<T>(column.base));
      return;
    case 1:
      return Picked<Bytes1>(column, start, rows, n, out);
    case 2:
      return Picked<Bytes2>(column, start, rows, n, out);
    case 3:
      return Picked<Bytes3>(column, start, rows, n, out);
    case 4:
      return Picked<Bytes4>(column, start, rows, n, out);
    default:
      return Picked<Bytes8>(column, start, rows, n, out);
  }
}

}  // namespace

int64_t RowGroup::TimeAt(size_t row) const {
  const int64_t time = columns[kTimeSlot].At(row);
  if (!sorted) return time;
  return (UtcMonthStart(month) + time) * kMicrosPerSecond + columns[kMicroSlot].At(row);
}

StoredRow ReadRow(const RowGroup& group, size_t row) {
  StoredRow values;
  for (int slot = 0; slot < kSlotCount; ++slot) values[slot] = group.columns[slot].At(row);
  values[kTimeSlot] = group.TimeAt(row);
  values[kMicroSlot] = 0;
  return values;
}

void Decode32(const ColumnView& column, size_t start, const uint16_t* rows, size_t n,
              uint32_t* out) {
  DecodePicked(column, start, rows, n, out);
}

// Decoding adds modulo 2^64, so it is done without sign.
void Decode64(const ColumnView& column, size_t start, const uint16_t* rows, size_t n,
              int64_t* out) {
  DecodePicked(column, start, rows, n, reinterpret_cast<uint64_t*>(out));
}

size_t LowerBound(const ColumnView& column, size_t begin, size_t end, int64_t value) {
  if (column.width == 0) return column.base < value ? end : begin;
  while (begin < end) {
    const size_t middle = begin + (end - begin) / 2;
    if (column.At(middle) < value) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

uint8_t WidthFor(uint64_t range) {
  if (range == 0) return 0;
  if (range <= 0xFF) return 1;
  if (range <= 0xFFFF) return 2;
  if (range <= 0xFFFFFF) return 3;
  return range <= 0xFFFFFFFF ? 4 : 8;
}

}  // namespace tidemark::analytics
