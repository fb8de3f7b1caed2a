#include "services/analytics/query/key_sort.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

namespace tidemark::analytics {
namespace {

// What all keys are at least and at most, and whether they ascend.
struct Range {
  uint64_t least = std::numeric_limits<uint64_t>::max();
  uint64_t most = 0;
  bool ascends = true;

  // Bits in which keys less the least differ.
  int bits() const { return least > most ? 0 : static_cast<int>(std::bit_width(most - least)); }
};

absl::Status FindRange(const std::vector<KeyedRow>& rows, const Stop& stop, Range* range) {
  uint64_t before = 0;
  return ForEachRow(rows.size(), stop, [&](size_t i) {
    const uint64_t key = rows[i].key;
    range->least = std::min(range->least, key);
    range->most = std::max(range->most, key);
    range->ascends &= before <= key;
    before = key;
  });
}

// Fewer keys are better sorted by smaller digits, whose counts are sooner summed.
template <int kDigitBits>
absl::Status SortByDigits(const Range& range, const Stop& stop, std::vector<KeyedRow>* rows) {
  std::vector<KeyedRow> sorted(rows->size());
  for (int shift = 0; shift < range.bits(); shift += kDigitBits) {
    const auto digit = [&range, shift](const KeyedRow& row) {
      return (row.key - range.least) >> shift & ((uint64_t{1} << kDigitBits) - 1);
    };
    std::array<uint32_t, (1 << kDigitBits) + 1> begin = {};
    TM_RETURN_IF_ERROR(
        ForEachRow(rows->size(), stop, [&](size_t i) { ++begin[digit((*rows)[i]) + 1]; }));
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    TM_RETURN_IF_ERROR(ForEachRow(
        rows->size(), stop, [&](size_t i) { sorted[begin[digit((*rows)[i])]++] = (*rows)[i]; }));
    rows->swap(sorted);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SortByKey(const Stop& stop, std::vector<KeyedRow>* rows) {
  constexpr size_t kFew = 64, kMany = 8'192;
  Range range;
  TM_RETURN_IF_ERROR(FindRange(*rows, stop, &range));
  if (range.ascends) return absl::OkStatus();
  if (rows->size() < kFew) {
    std::stable_sort(rows->begin(), rows->end(),
                     [](const KeyedRow& a, const KeyedRow& b) { return a.key < b.key; });
    return absl::OkStatus();
  }
  return rows->size() < kMany ? SortByDigits<8>(range, stop, rows)
                              : SortByDigits<11>(range, stop, rows);
}

absl::Status KeepFirstByKey(size_t count, const Stop& stop, std::vector<KeyedRow>* rows) {
  constexpr int kDigitBits = 11;
  // Where a few keys are far from all others, most have the same digit: what is left is looked at
  // again.
  for (size_t before = 0; count < rows->size() && rows->size() != before;) {
    before = rows->size();
    Range range;
    TM_RETURN_IF_ERROR(FindRange(*rows, stop, &range));
    const int shift = std::max(0, range.bits() - kDigitBits);
    const auto digit = [&range, shift](const KeyedRow& row) {
      return (row.key - range.least) >> shift;
    };
    std::array<uint32_t, 1 << kDigitBits> counts = {};
    TM_RETURN_IF_ERROR(
        ForEachRow(rows->size(), stop, [&](size_t i) { ++counts[digit((*rows)[i])]; }));
    // Of the last digit that any of the first has.
    uint64_t last = 0;
    for (uint64_t sum = counts[0]; sum < count; sum += counts[last]) ++last;
    size_t kept = 0;
    TM_RETURN_IF_ERROR(ForEachRow(rows->size(), stop, [&](size_t i) {
      if (digit((*rows)[i]) <= last) (*rows)[kept++] = (*rows)[i];
    }));
    rows->resize(kept);
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
