#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_SOURCE_DAY_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_SOURCE_DAY_H_

#include <cstdint>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/numeric/int128.h"
#include "absl/status/status.h"

// Days of sources, and how they are closed (docs/statistics.md, "Coverage"). A day is its number
// since 1970-01-01, by event time in the observatory's zone.
namespace tidemark::analytics {

// By number of the proto.
enum class SourceDayState : uint8_t {
  kComplete = 1,   // closed, and the totals are those of what stands
  kDifferent = 2,  // closed, and they are not
  kOpen = 3,       // not closed, with events
  kSilent = 4,     // not closed, without events
};

// What some events, or a change of some, come to.
struct DaySums {
  int64_t events = 0;
  int64_t gross = 0;
  int64_t refunds = 0;

  // False: a sum does not fit 64 bits; nothing is added.
  bool TryAdd(const DaySums& other) {
    DaySums both = *this;
    if (__builtin_add_overflow(both.events, other.events, &both.events) ||
        __builtin_add_overflow(both.gross, other.gross, &both.gross) ||
        __builtin_add_overflow(both.refunds, other.refunds, &both.refunds)) {
      return false;
    }
    *this = both;
    return true;
  }
  bool IsZero() const { return *this == DaySums(); }
  friend bool operator==(const DaySums&, const DaySums&) = default;
};

// What stands of a source for a day: of every event its highest revision, withdrawn ones left out,
// whether statistics count it or not. Amounts of any number of events fit.
struct StandingSums {
  int64_t events = 0;
  absl::int128 gross = 0;
  absl::int128 refunds = 0;

  StandingSums() = default;
  StandingSums(const DaySums& sums)  // NOLINT(google-explicit-constructor): every DaySums is one
      : events(sums.events), gross(sums.gross), refunds(sums.refunds) {}

  void Add(const StandingSums& other) {
    events += other.events;
    gross += other.gross;
    refunds += other.refunds;
  }
  friend bool operator==(const StandingSums&, const StandingSums&) = default;
};

// What a source closed a day with.
struct DayTotals {
  uint64_t leaf = 0;  // of the SOURCE_DAY record
  DaySums sums;
};

// What the log says about days of sources, at any size of it. Thread-safe.
class SourceDays {
 public:
  virtual ~SourceDays() = default;

  // Calls `take` with each day of [first, end) that is not SILENT below `log_size`, in no
  // particular order; must be quick, the fold waits. Only of sources that close days in the catalog
  // at that size, or have closed one below it: nobody kept account of the days of others.
  virtual absl::Status ReadStates(
      std::string_view source, uint64_t log_size, int32_t first, int32_t end,
      absl::FunctionRef<void(int32_t day, SourceDayState)> take) const = 0;
  // Calls `take` with the last totals below `log_size` of each day of [first, end) that is closed.
  virtual absl::Status ReadTotals(
      std::string_view source, uint64_t log_size, int32_t first, int32_t end,
      absl::FunctionRef<void(int32_t day, const DayTotals&)> take) const = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_SOURCE_DAY_H_
