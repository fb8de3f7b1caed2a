#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_LOCAL_TIME_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_LOCAL_TIME_H_

#include <cstdint>

#include "absl/time/time.h"
#include "clients/cli/import/time_format.h"

namespace tidemark::importer {

// Turns wall clock readings of one time zone into instants. Remembers the offset of the day used
// last, so a file sorted by time costs one look-up a day. Not thread-safe.
class LocalTime {
 public:
  // A reading that clocks skip when they go forward.
  enum class Gap { kReject, kShift };
  // A reading that clocks show twice when they go back.
  enum class Overlap { kEarlier, kLater };

  LocalTime(absl::TimeZone zone, Gap gap, Overlap overlap)
      : zone_(zone), gap_(gap), overlap_(overlap) {}

  // Microseconds since 1970-01-01T00:00:00Z. False for a reading in a gap, with Gap::kReject;
  // kShift moves it on by the length of the gap, as a clock that nobody set would show.
  bool ToMicros(const ParsedTime& time, int64_t* micros);

 private:
  bool Resolve(const ParsedTime& time, int64_t* seconds);

  const absl::TimeZone zone_;
  const Gap gap_;
  const Overlap overlap_;
  // A day without a change of the offset, as days since 1970-01-01; the offset in seconds.
  int64_t cached_day_ = INT64_MIN;
  int64_t cached_offset_ = 0;
};

// Days since 1970-01-01 of the proleptic Gregorian calendar.
int64_t DaysFromCivil(int64_t year, int month, int day);

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_LOCAL_TIME_H_
