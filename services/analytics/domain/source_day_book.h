#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_SOURCE_DAY_BOOK_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_SOURCE_DAY_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/container/node_hash_map.h"
#include "absl/functional/function_ref.h"
#include "services/analytics/domain/source_day.h"

namespace tidemark::analytics {

// SourceDayBook: the days of the sources that are watched: their sums now, and a journal of their
// states, so that the state at any log size is found. A few entries and about 180 bytes for each
// day that is not silent. Not thread-safe.
class SourceDayBook {
 public:
  class Day {
   public:
    StandingSums sums;

    // The totals that hold at a log size; null: the day is not closed there.
    const DayTotals* TotalsAt(uint64_t log_size) const;
    // The state that follows from sums and last totals.
    SourceDayState Now() const;
    SourceDayState At(uint64_t log_size) const;
    // The last state of the journal.
    SourceDayState Noted() const;

   private:
    friend class SourceDayBook;
    // Beside the day itself.
    size_t heap_bytes() const;

    static constexpr size_t kJournalInPlace = 2;
    // Leaf · 8 + state, ascending.
    absl::InlinedVector<uint64_t, kJournalInPlace> journal_;
    std::vector<DayTotals> totals_;
  };
  // By day.
  using Source = absl::node_hash_map<int32_t, Day>;

  bool empty() const { return sources_.empty(); }
  // Null: not watched. Pointers to sources and days stay valid.
  Source* Find(std::string_view source);
  const Source* Find(std::string_view source) const;
  Source& Watch(std::string_view source);
  std::vector<std::string> Watched() const;
  // The state of a day of the book from `effective` on; not before its last one.
  void Note(uint64_t effective, SourceDayState state, Day* day);
  void AddTotals(const DayTotals& totals, Day* day);
  // In time of the sources, not of their days.
  size_t memory_bytes() const;

 private:
  // What is beside the days of all sources.
  size_t heap_bytes_ = 0;
  absl::node_hash_map<std::string, Source> sources_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_SOURCE_DAY_BOOK_H_
