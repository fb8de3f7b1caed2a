// Loops over the rows of a block. Each is there twice: in plain C++, and with the byte permutations
// and compressions of AVX-512 VBMI2, which read 16 to 64 rows at once.
#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_BLOCK_KERNELS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_BLOCK_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace tidemark::analytics {

// Rows that are looked at together: what a few columns of them decode to fits the first cache.
inline constexpr size_t kBlockRows = 2048;

// The rows of a column from some row on: row i has base + the `width` bytes (0, 1, 2, 3, 4 or 8) at
// data + i * width, little-endian, modulo 2^64. With width 3 there is a readable byte behind the
// last row.
struct PackedRows {
  const uint8_t* data = nullptr;
  uint8_t width = 0;
  int64_t base = 0;
};

// Masks have bit i % 64 of word i / 64 for row i < n <= kBlockRows, and zeros behind row n - 1.
// What is written for the rows of a mask may be followed by anything, up to kBlockRows entries.
struct BlockKernels {
  // Clears the bits of rows with keep[data[row]] == 0. `keep`: 256 entries, each 0 or 0xFF.
  void (*keep_bytes)(const uint8_t* data, size_t n, const uint8_t* keep, uint64_t* mask);
  // Clears the bits of rows whose value is outside [low, high).
  void (*keep_range)(const uint32_t* values, size_t n, uint32_t low, uint32_t high, uint64_t* mask);
  // Clears the bit of the i-th row of the mask when keep[i] == 0, else it is 0xFF. May read 64
  // bytes from any of them on.
  void (*narrow)(const uint8_t* keep, size_t n, uint64_t* mask);
  // The rows of the mask, ascending.
  void (*list_rows)(const uint64_t* mask, size_t n, uint16_t* rows);

  // Every row. decode32 keeps the low 32 bits.
  void (*decode32)(const PackedRows& rows, size_t n, uint32_t* out);
  void (*decode64)(const PackedRows& rows, size_t n, int64_t* out);
  // The rows of the mask.
  void (*select8)(const uint8_t* data, size_t n, const uint64_t* mask, uint8_t* out);
  void (*select32)(const PackedRows& rows, size_t n, const uint64_t* mask, uint32_t* out);
  void (*select64)(const PackedRows& rows, size_t n, const uint64_t* mask, int64_t* out);

  // cells[i] += groups[codes[i]]; codes are below kFewCodes, and groups has as many entries.
  void (*add_groups)(const uint8_t* codes, size_t n, const uint16_t* groups, uint32_t* cells);
  // cells[i] = base + numbers[i] * stride.
  void (*scale)(const uint32_t* numbers, size_t n, uint32_t stride, uint32_t base, uint32_t* cells);
  // numbers[i] = table[(numbers[i] * inverse) >> 40]; inverse < 2^32; the table has a multiple of
  // kStepsPadded entries.
  void (*find_steps)(uint32_t* numbers, size_t n, uint32_t inverse, const uint32_t* table,
                     size_t table_size);
  // places[i] = cells[i] * cell_size + place_of_class[classes[i]]; classes are below 64.
  void (*find_places)(const uint32_t* cells, const uint8_t* classes, size_t n, uint32_t cell_size,
                      const uint8_t* place_of_class, uint32_t* places);
  // counted[i] = ids[i] - below where that is above 0 and keep_class[classes[i]] is 0xFF, not 0;
  // else 0. Classes are below 64.
  void (*count_ids)(const uint32_t* ids, const uint8_t* classes, size_t n, uint32_t below,
                    const uint8_t* keep_class, uint32_t* counted);
  // A mask of the ids with a bit in `set`: bit id % 32 of word id / 32.
  void (*find_members)(const uint32_t* ids, size_t n, const uint32_t* set, uint64_t* mask);
  // identified[i] = ids[i] == 0 ? 0 : values[i].
  void (*keep_identified)(const uint32_t* ids, const int64_t* values, size_t n,
                          int64_t* identified);
};

inline constexpr size_t kFewCodes = 64;
inline constexpr int kStepShift = 40;
inline constexpr size_t kStepsPadded = 128;

// The quickest that this machine can run.
const BlockKernels& Kernels();

const BlockKernels& PortableKernels();
// nullptr: this machine has no such instructions.
const BlockKernels* Avx512Kernels();

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_BLOCK_KERNELS_H_
