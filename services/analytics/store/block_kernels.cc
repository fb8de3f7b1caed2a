#include "services/analytics/store/block_kernels.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tidemark::analytics {
namespace {

static_assert(std::endian::native == std::endian::little, "columns are used as they are stored");

template <int kWidth>
uint64_t Load(const uint8_t* data, size_t row) {
  uint64_t value = 0;
  if constexpr (kWidth == 3) {  // columns of three bytes have a readable byte behind them
    std::memcpy(&value, data + 3 * row, 4);
    return value & 0xFFFFFF;
  }
  std::memcpy(&value, data + kWidth * row, kWidth);
  return value;
}

template <int kWidth, typename T>
void Dense(const PackedRows& rows, size_t n, T* __restrict out) {
  const T base = static_cast<T>(rows.base);
  for (size_t i = 0; i < n; ++i)
    out[i] = static_cast<T>(base + static_cast<T>(Load<kWidth>(rows.data, i)));
}

// Calls visit(row) for the rows of the mask.
template <typename Visit>
void ForEach(const uint64_t* mask, size_t n, Visit visit) {
  for (size_t word = 0; 64 * word < n; ++word) {
    for (uint64_t bits = mask[word]; bits != 0; bits &= bits - 1)
      visit(64 * word + static_cast<size_t>(std::countr_zero(bits)));
  }
}

template <int kWidth, typename T>
void Selected(const PackedRows& rows, size_t n, const uint64_t* mask, T* __restrict out) {
  const T base = static_cast<T>(rows.base);
  ForEach(mask, n, [&](size_t row) {
    *out++ = static_cast<T>(base + static_cast<T>(Load<kWidth>(rows.data, row)));
  });
}

// Decoding adds modulo 2^64, so it is done without sign.
template <typename T>
void Decode(const PackedRows& rows, size_t n, T* out) {
  switch (rows.width) {
    case 0:
      std::fill_n(out, n, static_cast<T>(rows.base));
      return;
    case 1:
      return Dense<1>(rows, n, out);
    case 2:
      return Dense<2>(rows, n, out);
    case 3:
      return Dense<3>(rows, n, out);
    case 4:
      return Dense<4>(rows, n, out);
    default:
      return Dense<8>(rows, n, out);
  }
}

template <typename T>
void Select(const PackedRows& rows, size_t n, const uint64_t* mask, T* out) {
  switch (rows.width) {
    case 0:
      std::fill_n(out, n, static_cast<T>(rows.base));
      return;
    case 1:
      return Selected<1>(rows, n, mask, out);
    case 2:
      return Selected<2>(rows, n, mask, out);
    case 3:
      return Selected<3>(rows, n, mask, out);
    case 4:
      return Selected<4>(rows, n, mask, out);
    default:
      return Selected<8>(rows, n, mask, out);
  }
}

void Decode32(const PackedRows& rows, size_t n, uint32_t* out) { Decode(rows, n, out); }
void Decode64(const PackedRows& rows, size_t n, int64_t* out) {
  Decode(rows, n, reinterpret_cast<uint64_t*>(out));
}
void Select32(const PackedRows& rows, size_t n, const uint64_t* mask, uint32_t* out) {
  Select(rows, n, mask, out);
}
void Select64(const PackedRows& rows, size_t n, const uint64_t* mask, int64_t* out) {
  Select(rows, n, mask, reinterpret_cast<uint64_t*>(out));
}
void Select8(const uint8_t* data, size_t n, const uint64_t* mask, uint8_t* __restrict out) {
  ForEach(mask, n, [&](size_t row) { *out++ = data[row]; });
}

// Clears the bits of rows that keep(row) does not keep.
template <typename Keep>
void KeepRows(size_t n, uint64_t* mask, Keep keep) {
  for (size_t begin = 0; begin < n; begin += 64) {
    const size_t end = std::min(n, begin + 64);
    uint64_t bits = 0;
    for (size_t row = begin; row < end; ++row) bits |= uint64_t{keep(row)} << (row - begin);
    mask[begin / 64] &= bits;
  }
}

void KeepBytes(const uint8_t* data, size_t n, const uint8_t* keep, uint64_t* mask) {
  KeepRows(n, mask, [&](size_t row) { return keep[data[row]] != 0; });
}

void KeepRange(const uint32_t* values, size_t n, uint32_t low, uint32_t high, uint64_t* mask) {
  const uint32_t size = high - low;
  KeepRows(n, mask, [&](size_t row) { return values[row] - low < size; });
}

void Narrow(const uint8_t* keep, size_t n, uint64_t* mask) {
  for (size_t word = 0; 64 * word < n; ++word) {
    uint64_t kept = 0;
    for (uint64_t bits = mask[word]; bits != 0; bits &= bits - 1)
      kept |= *keep++ != 0 ? bits & (~bits + 1) : 0;
    mask[word] = kept;
  }
}

void ListRows(const uint64_t* mask, size_t n, uint16_t* rows) {
  ForEach(mask, n, [&](size_t row) { *rows++ = static_cast<uint16_t>(row); });
}

void AddGroups(const uint8_t* codes, size_t n, const uint16_t* groups, uint32_t* cells) {
  for (size_t i = 0; i < n; ++i) cells[i] += groups[codes[i]];
}

void FindSteps(uint32_t* numbers, size_t n, uint32_t inverse, const uint32_t* table, size_t) {
  for (size_t i = 0; i < n; ++i) numbers[i] = table[(uint64_t{numbers[i]} * inverse) >> kStepShift];
}

void FindPlaces(const uint32_t* cells, const uint8_t* classes, size_t n, uint32_t cell_size,
                const uint8_t* place_of_class, uint32_t* places) {
  for (size_t i = 0; i < n; ++i) places[i] = cells[i] * cell_size + place_of_class[classes[i]];
}

void CountIds(const uint32_t* ids, const uint8_t* classes, size_t n, uint32_t below,
              const uint8_t* keep_class, uint32_t* counted) {
  for (size_t i = 0; i < n; ++i)
    counted[i] = keep_class[classes[i]] != 0 ? std::max(ids[i], below) - below : 0;
}

void Scale(const uint32_t* numbers, size_t n, uint32_t stride, uint32_t base, uint32_t* cells) {
  for (size_t i = 0; i < n; ++i) cells[i] = base + numbers[i] * stride;
}

void FindMembers(const uint32_t* ids, size_t n, const uint32_t* set, uint64_t* mask) {
  std::fill_n(mask, (n + 63) / 64, ~uint64_t{0});
  if (n % 64 != 0) mask[n / 64] >>= 64 - n % 64;
  KeepRows(n, mask, [&](size_t row) { return (set[ids[row] / 32] >> (ids[row] % 32) & 1) != 0; });
}

void KeepIdentified(const uint32_t* ids, const int64_t* values, size_t n, int64_t* identified) {
  for (size_t i = 0; i < n; ++i) identified[i] = ids[i] == 0 ? 0 : values[i];
}

}  // namespace

const BlockKernels& PortableKernels() {
  static constexpr BlockKernels kKernels = {
      .keep_bytes = KeepBytes,
      .keep_range = KeepRange,
      .narrow = Narrow,
      .list_rows = ListRows,
      .decode32 = Decode32,
      .decode64 = Decode64,
      .select8 = Select8,
      .select32 = Select32,
      .select64 = Select64,
      .add_groups = AddGroups,
      .scale = Scale,
      .find_steps = FindSteps,
      .find_places = FindPlaces,
      .count_ids = CountIds,
      .find_members = FindMembers,
      .keep_identified = KeepIdentified,
  };
  return kKernels;
}

const BlockKernels& Kernels() {
  static const BlockKernels& kernels =
      Avx512Kernels() != nullptr ? *Avx512Kernels() : PortableKernels();
  return kernels;
}

}  // namespace tidemark::analytics
