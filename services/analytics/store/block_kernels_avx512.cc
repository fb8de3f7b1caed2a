#include "services/analytics/store/block_kernels.h"

#ifdef __x86_64__

#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <numeric>

// What these intrinsics leave undefined on purpose gcc 12 takes for an oversight.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

// The rest of the program must run on machines without these instructions: only functions that are
// reached through Avx512Kernels() may be compiled for them.
#define TIDEMARK_AVX512                                                            \
  __attribute__((                                                                  \
      target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2," \
             "lzcnt,popcnt")))
#define TIDEMARK_AVX512_INLINE TIDEMARK_AVX512 __attribute__((always_inline)) inline

namespace tidemark::analytics {
namespace {

// `n` ones, n <= 64.
TIDEMARK_AVX512_INLINE uint64_t Ones(size_t n) { return _bzhi_u64(~uint64_t{0}, n); }

// Where the bytes of 16 numbers of three bytes go, and of 8; every other byte is made 0.
alignas(64) constexpr uint8_t kSpread16[64] = {
    0,  1,  2,  0,  3,  4,  5,  0,  6,  7,  8,  0,  9,  10, 11, 0,  12, 13, 14, 0,  15, 16,
    17, 0,  18, 19, 20, 0,  21, 22, 23, 0,  24, 25, 26, 0,  27, 28, 29, 0,  30, 31, 32, 0,
    33, 34, 35, 0,  36, 37, 38, 0,  39, 40, 41, 0,  42, 43, 44, 0,  45, 46, 47, 0};
constexpr uint64_t kSpread16Bytes = 0x7777777777777777;
alignas(64) constexpr uint8_t kSpread8[64] = {0,  1,  2,  0, 0, 0, 0, 0, 3,  4,  5,  0, 0, 0, 0, 0,
                                              6,  7,  8,  0, 0, 0, 0, 0, 9,  10, 11, 0, 0, 0, 0, 0,
                                              12, 13, 14, 0, 0, 0, 0, 0, 15, 16, 17, 0, 0, 0, 0, 0,
                                              18, 19, 20, 0, 0, 0, 0, 0, 21, 22, 23, 0, 0, 0, 0, 0};
constexpr uint64_t kSpread8Bytes = 0x0707070707070707;

// Lanes are rows of T; rows behind `n` are 0 and not read.
template <typename T>
struct Lanes;

template <>
struct Lanes<uint32_t> {
  static constexpr size_t kCount = 16;
  template <int kWidth>
  TIDEMARK_AVX512_INLINE static __m512i Load(const uint8_t* at, size_t n) {
    if constexpr (kWidth == 1) {
      return _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(static_cast<__mmask16>(Ones(n)), at));
    } else if constexpr (kWidth == 2) {
      return _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(static_cast<__mmask16>(Ones(n)), at));
    } else if constexpr (kWidth == 3) {
      return _mm512_maskz_permutexvar_epi8(kSpread16Bytes, _mm512_load_si512(kSpread16),
                                           _mm512_maskz_loadu_epi8(Ones(3 * n), at));
    } else if constexpr (kWidth == 4) {
      return _mm512_maskz_loadu_epi32(static_cast<__mmask16>(Ones(n)), at);
    } else {
      const uint64_t ones = Ones(n);
      const __m256i low =
          _mm512_cvtepi64_epi32(_mm512_maskz_loadu_epi64(static_cast<__mmask8>(ones), at));
      const __m256i high = _mm512_cvtepi64_epi32(
          _mm512_maskz_loadu_epi64(static_cast<__mmask8>(ones >> 8), at + 64));
      return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
    }
  }
  TIDEMARK_AVX512_INLINE static __m512i All(int64_t value) {
    return _mm512_set1_epi32(static_cast<int>(value));
  }
  TIDEMARK_AVX512_INLINE static __m512i Add(__m512i a, __m512i b) { return _mm512_add_epi32(a, b); }
  TIDEMARK_AVX512_INLINE static __m512i Compress(uint64_t mask, __m512i lanes) {
    return _mm512_maskz_compress_epi32(static_cast<__mmask16>(mask), lanes);
  }
  TIDEMARK_AVX512_INLINE static void Store(uint32_t* to, size_t n, __m512i lanes) {
    _mm512_mask_storeu_epi32(to, static_cast<__mmask16>(Ones(n)), lanes);
  }
};

template <>
struct Lanes<int64_t> {
  static constexpr size_t kCount = 8;
  template <int kWidth>
  TIDEMARK_AVX512_INLINE static __m512i Load(const uint8_t* at, size_t n) {
    const auto ones = static_cast<__mmask8>(Ones(n));
    if constexpr (kWidth == 1) {
      return _mm512_cvtepu8_epi64(_mm_maskz_loadu_epi8(ones, at));
    } else if constexpr (kWidth == 2) {
      return _mm512_cvtepu16_epi64(_mm_maskz_loadu_epi16(ones, at));
    } else if constexpr (kWidth == 3) {
      return _mm512_maskz_permutexvar_epi8(
          kSpread8Bytes, _mm512_load_si512(kSpread8),
          _mm512_castsi256_si512(_mm256_maskz_loadu_epi8(static_cast<__mmask32>(Ones(3 * n)), at)));
    } else if constexpr (kWidth == 4) {
      return _mm512_cvtepu32_epi64(_mm256_maskz_loadu_epi32(ones, at));
    } else {
      return _mm512_maskz_loadu_epi64(ones, at);
    }
  }
  TIDEMARK_AVX512_INLINE static __m512i All(int64_t value) { return _mm512_set1_epi64(value); }
  TIDEMARK_AVX512_INLINE static __m512i Add(__m512i a, __m512i b) { return _mm512_add_epi64(a, b); }
  TIDEMARK_AVX512_INLINE static __m512i Compress(uint64_t mask, __m512i lanes) {
    return _mm512_maskz_compress_epi64(static_cast<__mmask8>(mask), lanes);
  }
  TIDEMARK_AVX512_INLINE static void Store(int64_t* to, size_t n, __m512i lanes) {
    _mm512_mask_storeu_epi64(to, static_cast<__mmask8>(Ones(n)), lanes);
  }
};

template <int kWidth, typename T>
TIDEMARK_AVX512 void Dense(const PackedRows& rows, size_t n, T* out) {
  constexpr size_t kCount = Lanes<T>::kCount;
  const __m512i base = Lanes<T>::All(rows.base);
  size_t i = 0;
  for (; i + kCount <= n; i += kCount) {
    const __m512i lanes = Lanes<T>::template Load<kWidth>(rows.data + i * kWidth, kCount);
    _mm512_storeu_si512(out + i, Lanes<T>::Add(base, lanes));
  }
  if (i == n) return;
  const __m512i lanes = Lanes<T>::template Load<kWidth>(rows.data + i * kWidth, n - i);
  Lanes<T>::Store(out + i, n - i, Lanes<T>::Add(base, lanes));
}

// Lanes are written whole: those behind the last row of the mask are overwritten by the next, or
// are the caller's to ignore.
template <int kWidth, typename T>
TIDEMARK_AVX512 void Selected(const PackedRows& rows, size_t n, const uint64_t* mask, T* out) {
  constexpr size_t kCount = Lanes<T>::kCount;
  const __m512i base = Lanes<T>::All(rows.base);
  for (size_t begin = 0; begin < n; begin += 64) {
    uint64_t bits = mask[begin / 64];
    const size_t left = n - begin;
    for (size_t i = 0; bits != 0; i += kCount, bits >>= kCount) {
      const uint64_t some = bits & Ones(kCount);
      if (some == 0) continue;
      const __m512i lanes = Lanes<T>::template Load<kWidth>(rows.data + (begin + i) * kWidth,
                                                            std::min(kCount, left - i));
      _mm512_storeu_si512(out, Lanes<T>::Compress(some, Lanes<T>::Add(base, lanes)));
      out += std::popcount(some);
    }
  }
}

// By width, as in block_kernels.cc: what they have in common cannot be shared, since neither
// lambdas nor templates of other files are compiled for these instructions.
template <typename T>
TIDEMARK_AVX512 void Decode(const PackedRows& rows, size_t n, T* out) {
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
TIDEMARK_AVX512 void Select(const PackedRows& rows, size_t n, const uint64_t* mask, T* out) {
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

TIDEMARK_AVX512 void Select8(const uint8_t* data, size_t n, const uint64_t* mask, uint8_t* out) {
  for (size_t begin = 0; begin < n; begin += 64) {
    const uint64_t bits = mask[begin / 64];
    if (bits == 0) continue;
    const __m512i bytes =
        _mm512_maskz_loadu_epi8(Ones(std::min<size_t>(64, n - begin)), data + begin);
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(bits, bytes));
    out += std::popcount(bits);
  }
}

TIDEMARK_AVX512 void KeepBytes(const uint8_t* data, size_t n, const uint8_t* keep, uint64_t* mask) {
  const __m512i part0 = _mm512_loadu_si512(keep);
  const __m512i part1 = _mm512_loadu_si512(keep + 64);
  const __m512i part2 = _mm512_loadu_si512(keep + 128);
  const __m512i part3 = _mm512_loadu_si512(keep + 192);
  for (size_t begin = 0; begin < n; begin += 64) {
    if (mask[begin / 64] == 0) continue;
    const __m512i codes =
        _mm512_maskz_loadu_epi8(Ones(std::min<size_t>(64, n - begin)), data + begin);
    // A permutation looks at the low seven bits of a code.
    const __m512i below = _mm512_permutex2var_epi8(part0, codes, part1);
    const __m512i above = _mm512_permutex2var_epi8(part2, codes, part3);
    const __m512i kept = _mm512_mask_blend_epi8(_mm512_movepi8_mask(codes), below, above);
    mask[begin / 64] &= _mm512_movepi8_mask(kept);
  }
}

TIDEMARK_AVX512 void KeepRange(const uint32_t* values, size_t n, uint32_t low, uint32_t high,
                               uint64_t* mask) {
  const __m512i first = _mm512_set1_epi32(static_cast<int>(low));
  const __m512i size = _mm512_set1_epi32(static_cast<int>(high - low));
  for (size_t begin = 0; begin < n; begin += 64) {
    uint64_t bits = 0;
    for (size_t i = begin; i < std::min(n, begin + 64); i += 16) {
      const __m512i lanes = _mm512_maskz_loadu_epi32(
          static_cast<__mmask16>(Ones(std::min<size_t>(16, n - i))), values + i);
      const uint64_t inside = _mm512_cmplt_epu32_mask(_mm512_sub_epi32(lanes, first), size);
      bits |= inside << (i - begin);
    }
    mask[begin / 64] &= bits;
  }
}

TIDEMARK_AVX512 void Narrow(const uint8_t* keep, size_t n, uint64_t* mask) {
  for (size_t word = 0; 64 * word < n; ++word) {
    const uint64_t bits = mask[word];
    mask[word] = _pdep_u64(_mm512_movepi8_mask(_mm512_loadu_si512(keep)), bits);
    keep += std::popcount(bits);
  }
}

alignas(64) constexpr uint16_t kUpTo32[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                              11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                              22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

TIDEMARK_AVX512 void ListRows(const uint64_t* mask, size_t n, uint16_t* rows) {
  const __m512i numbers = _mm512_load_si512(kUpTo32);
  for (size_t begin = 0; begin < n; begin += 64) {
    for (size_t half = 0; half < 64; half += 32) {
      const auto bits = static_cast<uint32_t>(mask[begin / 64] >> half);
      if (bits == 0) continue;
      const __m512i lanes =
          _mm512_add_epi16(numbers, _mm512_set1_epi16(static_cast<int16_t>(begin + half)));
      _mm512_storeu_si512(rows, _mm512_maskz_compress_epi16(bits, lanes));
      rows += std::popcount(bits);
    }
  }
}

TIDEMARK_AVX512 void AddGroups(const uint8_t* codes, size_t n, const uint16_t* groups,
                               uint32_t* cells) {
  const __m512i part0 = _mm512_loadu_si512(groups);
  const __m512i part1 = _mm512_loadu_si512(groups + 32);
  for (size_t i = 0; i < n; i += 32) {
    const size_t rows = std::min<size_t>(32, n - i);
    const __m512i index = _mm512_cvtepu8_epi16(
        _mm256_maskz_loadu_epi8(static_cast<__mmask32>(Ones(rows)), codes + i));
    const __m512i found = _mm512_permutex2var_epi16(part0, index, part1);
    const auto low = static_cast<__mmask16>(Ones(rows));
    const auto high = static_cast<__mmask16>(Ones(rows) >> 16);
    _mm512_mask_storeu_epi32(
        cells + i, low,
        _mm512_add_epi32(_mm512_maskz_loadu_epi32(low, cells + i),
                         _mm512_cvtepu16_epi32(_mm512_castsi512_si256(found))));
    if (rows <= 16) return;
    _mm512_mask_storeu_epi32(
        cells + i + 16, high,
        _mm512_add_epi32(_mm512_maskz_loadu_epi32(high, cells + i + 16),
                         _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(found, 1))));
  }
}

// table[index] for an index below kStepsPadded.
TIDEMARK_AVX512_INLINE __m512i OfSmallTable(const __m512i* table, __m512i index) {
  const __m512i part0 = _mm512_permutex2var_epi32(table[0], index, table[1]);
  const __m512i part1 = _mm512_permutex2var_epi32(table[2], index, table[3]);
  const __m512i part2 = _mm512_permutex2var_epi32(table[4], index, table[5]);
  const __m512i part3 = _mm512_permutex2var_epi32(table[6], index, table[7]);
  // A permutation looks at the low five bits of an index.
  const __mmask16 odd = _mm512_test_epi32_mask(index, _mm512_set1_epi32(32));
  const __mmask16 upper = _mm512_test_epi32_mask(index, _mm512_set1_epi32(64));
  return _mm512_mask_blend_epi32(upper, _mm512_mask_blend_epi32(odd, part0, part1),
                                 _mm512_mask_blend_epi32(odd, part2, part3));
}

TIDEMARK_AVX512 void FindSteps(uint32_t* numbers, size_t n, uint32_t inverse, const uint32_t* table,
                               size_t table_size) {
  const __m512i factor = _mm512_set1_epi64(inverse);
  __m512i small[8] = {};
  static_assert(sizeof(small) == kStepsPadded * sizeof(uint32_t));
  for (int part = 0; part < 8; ++part) small[part] = _mm512_loadu_si512(table + 16 * part);
  for (size_t i = 0; i < n; i += 16) {
    const auto rows = static_cast<__mmask16>(Ones(std::min<size_t>(16, n - i)));
    const __m512i lanes = _mm512_maskz_loadu_epi32(rows, numbers + i);
    const __m512i even = _mm512_srli_epi64(_mm512_mul_epu32(lanes, factor), kStepShift);
    const __m512i odd =
        _mm512_srli_epi64(_mm512_mul_epu32(_mm512_srli_epi64(lanes, 32), factor), kStepShift);
    const __m512i index = _mm512_or_si512(even, _mm512_slli_epi64(odd, 32));
    const __m512i found = table_size == kStepsPadded
                              ? OfSmallTable(small, index)
                              : _mm512_i32gather_epi32(index, table, sizeof(uint32_t));
    _mm512_mask_storeu_epi32(numbers + i, rows, found);
  }
}

TIDEMARK_AVX512 void FindPlaces(const uint32_t* cells, const uint8_t* classes, size_t n,
                                uint32_t cell_size, const uint8_t* place_of_class,
                                uint32_t* places) {
  const __m512i table = _mm512_loadu_si512(place_of_class);
  const __m512i size = _mm512_set1_epi32(static_cast<int>(cell_size));
  for (size_t i = 0; i < n; i += 16) {
    const auto rows = static_cast<__mmask16>(Ones(std::min<size_t>(16, n - i)));
    const __m128i bytes = _mm_maskz_loadu_epi8(rows, classes + i);
    const __m512i in_cell = _mm512_cvtepu8_epi32(
        _mm512_castsi512_si128(_mm512_permutexvar_epi8(_mm512_castsi128_si512(bytes), table)));
    const __m512i cell = _mm512_maskz_loadu_epi32(rows, cells + i);
    _mm512_mask_storeu_epi32(places + i, rows,
                             _mm512_add_epi32(_mm512_mullo_epi32(cell, size), in_cell));
  }
}

TIDEMARK_AVX512 void CountIds(const uint32_t* ids, const uint8_t* classes, size_t n, uint32_t below,
                              const uint8_t* keep_class, uint32_t* counted) {
  const __m512i table = _mm512_loadu_si512(keep_class);
  const __m512i least = _mm512_set1_epi32(static_cast<int>(below));
  for (size_t i = 0; i < n; i += 16) {
    const auto rows = static_cast<__mmask16>(Ones(std::min<size_t>(16, n - i)));
    const __m512i kept = _mm512_permutexvar_epi8(
        _mm512_castsi128_si512(_mm_maskz_loadu_epi8(rows, classes + i)), table);
    const auto keep = static_cast<__mmask16>(_mm512_movepi8_mask(kept));
    const __m512i lanes = _mm512_maskz_loadu_epi32(rows, ids + i);
    const __m512i above = _mm512_sub_epi32(_mm512_max_epu32(lanes, least), least);
    _mm512_mask_storeu_epi32(counted + i, rows, _mm512_maskz_mov_epi32(keep, above));
  }
}

TIDEMARK_AVX512 void Scale(const uint32_t* numbers, size_t n, uint32_t stride, uint32_t base,
                           uint32_t* cells) {
  const __m512i factor = _mm512_set1_epi32(static_cast<int>(stride));
  const __m512i first = _mm512_set1_epi32(static_cast<int>(base));
  for (size_t i = 0; i < n; i += 16) {
    const auto rows = static_cast<__mmask16>(Ones(std::min<size_t>(16, n - i)));
    const __m512i lanes = _mm512_maskz_loadu_epi32(rows, numbers + i);
    _mm512_mask_storeu_epi32(cells + i, rows,
                             _mm512_add_epi32(first, _mm512_mullo_epi32(lanes, factor)));
  }
}

TIDEMARK_AVX512 void FindMembers(const uint32_t* ids, size_t n, const uint32_t* set,
                                 uint64_t* mask) {
  const __m512i one = _mm512_set1_epi32(1);
  for (size_t begin = 0; begin < n; begin += 64) {
    uint64_t bits = 0;
    for (size_t i = begin; i < std::min(n, begin + 64); i += 16) {
      const auto rows = static_cast<__mmask16>(Ones(std::min<size_t>(16, n - i)));
      const __m512i lanes = _mm512_maskz_loadu_epi32(rows, ids + i);
      const __m512i words = _mm512_mask_i32gather_epi32(
          _mm512_setzero_si512(), rows, _mm512_srli_epi32(lanes, 5), set, sizeof(uint32_t));
      // Shifts by the low five bits only.
      const __m512i bit = _mm512_rolv_epi32(one, lanes);
      bits |= uint64_t{_mm512_test_epi32_mask(words, bit)} << (i - begin);
    }
    mask[begin / 64] = bits;
  }
}

TIDEMARK_AVX512 int64_t Sum(const int64_t* values, size_t n, const uint64_t* mask) {
  __m512i sums[2] = {};
  for (size_t begin = 0; begin < n; begin += 64) {
    uint64_t bits = mask[begin / 64];
    // Rows behind the last have no bits, and what has none is not read.
    for (size_t i = begin; bits != 0; i += 16, bits >>= 16) {
      sums[0] = _mm512_add_epi64(sums[0],
                                 _mm512_maskz_loadu_epi64(static_cast<__mmask8>(bits), values + i));
      sums[1] = _mm512_add_epi64(
          sums[1], _mm512_maskz_loadu_epi64(static_cast<__mmask8>(bits >> 8), values + i + 8));
    }
  }
  alignas(64) uint64_t lanes[8];
  _mm512_store_si512(lanes, _mm512_add_epi64(sums[0], sums[1]));
  return static_cast<int64_t>(std::accumulate(lanes, lanes + 8, uint64_t{0}));
}

TIDEMARK_AVX512 void KeepIdentified(const uint32_t* ids, const int64_t* values, size_t n,
                                    int64_t* identified) {
  for (size_t i = 0; i < n; i += 8) {
    const auto rows = static_cast<__mmask8>(Ones(std::min<size_t>(8, n - i)));
    const __m256i lanes = _mm256_maskz_loadu_epi32(rows, ids + i);
    const __mmask8 known = _mm256_test_epi32_mask(lanes, lanes);
    _mm512_mask_storeu_epi64(identified + i, rows, _mm512_maskz_loadu_epi64(known, values + i));
  }
}

constexpr BlockKernels kKernels = {
    .keep_bytes = KeepBytes,
    .keep_range = KeepRange,
    .narrow = Narrow,
    .list_rows = ListRows,
    .decode32 = Decode<uint32_t>,
    .decode64 = Decode<int64_t>,
    .select8 = Select8,
    .select32 = Select<uint32_t>,
    .select64 = Select<int64_t>,
    .add_groups = AddGroups,
    .scale = Scale,
    .find_steps = FindSteps,
    .find_places = FindPlaces,
    .count_ids = CountIds,
    .find_members = FindMembers,
    .sum = Sum,
    .keep_identified = KeepIdentified,
};

}  // namespace

const BlockKernels* Avx512Kernels() {
  static const bool available =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
      __builtin_cpu_supports("bmi2");
  return available ? &kKernels : nullptr;
}

}  // namespace tidemark::analytics

#else

namespace tidemark::analytics {

const BlockKernels* Avx512Kernels() { return nullptr; }

}  // namespace tidemark::analytics

#endif  // __x86_64__
