#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_PIECES_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_PIECES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/status/status_macros.h"

// Long work in pieces, with a look before each whether somebody still wants it.
namespace tidemark::analytics {

// As EngineQuery::stop; empty: nothing stops the work.
using Stop = std::function<absl::Status()>;

// Rows that are gone through in far less than a millisecond when each takes tens of nanoseconds.
inline constexpr size_t kRowsPerLook = 16'384;
// As many when each takes a microsecond or so: exact fractions, texts, tables of trees.
inline constexpr size_t kSlowRowsPerLook = 1'024;

inline absl::Status Look(const Stop& stop) { return stop ? stop() : absl::OkStatus(); }

// Calls work(begin, end) for pieces of [0, count), one after the other. What `stop` says, and what
// `work` does when it returns a status.
template <typename Work>
absl::Status InPieces(size_t count, const Stop& stop, Work work, size_t per_look = kRowsPerLook) {
  for (size_t begin = 0; begin < count; begin += per_look) {
    TM_RETURN_IF_ERROR(Look(stop));
    const size_t end = std::min(count, begin + per_look);
    if constexpr (std::is_void_v<decltype(work(begin, end))>) {
      work(begin, end);
    } else {
      TM_RETURN_IF_ERROR(work(begin, end));
    }
  }
  return absl::OkStatus();
}

// Calls work(row) for the rows below `count`. What `stop` says.
template <typename Work>
absl::Status ForEachRow(size_t count, const Stop& stop, Work work, size_t per_look = kRowsPerLook) {
  return InPieces(
      count, stop,
      [&work](size_t begin, size_t end) {
        for (size_t row = begin; row < end; ++row) work(row);
      },
      per_look);
}

// As std::stable_sort: pieces are sorted, then merged. What `stop` says: the order is then any.
template <typename T, typename Less>
absl::Status SortInPieces(const Stop& stop, Less less, std::vector<T>* values) {
  const size_t count = values->size();
  TM_RETURN_IF_ERROR(InPieces(
      count, stop,
      [&](size_t begin, size_t end) {
        std::stable_sort(values->begin() + static_cast<ptrdiff_t>(begin),
                         values->begin() + static_cast<ptrdiff_t>(end), less);
      },
      kSlowRowsPerLook));
  if (count <= kSlowRowsPerLook) return absl::OkStatus();
  std::vector<T> merged(count);
  for (size_t width = kSlowRowsPerLook; width < count; width *= 2) {
    // The next value of either half of a pair of sorted pieces.
    size_t left = 0, right = 0, middle = 0, end = 0;
    TM_RETURN_IF_ERROR(ForEachRow(
        count, stop,
        [&](size_t to) {
          if (to == end) {
            left = end;
            right = middle = std::min(count, end + width);
            end = std::min(count, end + 2 * width);
          }
          const bool from_right =
              left == middle || (right < end && less((*values)[right], (*values)[left]));
          merged[to] = std::move((*values)[from_right ? right++ : left++]);
        },
        kSlowRowsPerLook));
    values->swap(merged);
  }
  return absl::OkStatus();
}

// Keeps the values at `rows`, in that order; an empty vector stays so. What `stop` says.
template <typename T>
absl::Status GatherRows(const std::vector<uint32_t>& rows, const Stop& stop,
                        std::vector<T>* values) {
  if (values->empty()) return absl::OkStatus();
  std::vector<T> kept(rows.size());
  TM_RETURN_IF_ERROR(
      ForEachRow(rows.size(), stop, [&](size_t i) { kept[i] = (*values)[rows[i]]; }));
  *values = std::move(kept);
  return absl::OkStatus();
}

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_PIECES_H_
