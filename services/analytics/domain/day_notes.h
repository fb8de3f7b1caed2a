#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_DAY_NOTES_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_DAY_NOTES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "services/analytics/domain/source_day.h"
#include "services/analytics/domain/standing.h"

// Notes about days of sources (EffectBatch::notes), among those of linked_event.h.
namespace tidemark::analytics {

// Days are kept account of from here on, in this time zone: goes before all but corrections.
struct ZoneNote {
  std::string_view time_zone;
};
// The days of the source are kept account of from here on.
struct WatchNote {
  std::string_view source;
};
// The state of a day from `effective` on.
struct StateNote {
  std::string_view source;
  int32_t day = 0;
  uint64_t effective = 0;
  SourceDayState state = SourceDayState::kSilent;
};
struct TotalsNote {
  std::string_view source;
  int32_t day = 0;
  DayTotals totals;
};
// See StandingCorrections.
struct CorrectionNote {
  uint64_t effective = 0;
  StandingChange change;
};

void AppendNote(const ZoneNote& note, std::string* notes);
void AppendNote(const WatchNote& note, std::string* notes);
void AppendNote(const StateNote& note, std::string* notes);
void AppendNote(const TotalsNote& note, std::string* notes);
void AppendNote(const CorrectionNote& note, std::string* notes);

class DayNoteReader {
 public:
  virtual ~DayNoteReader() = default;
  // In the order in which they were written. Those that nobody overrides are left out.
  virtual absl::Status Take(const ZoneNote&) { return absl::OkStatus(); }
  virtual absl::Status Take(const WatchNote&) { return absl::OkStatus(); }
  virtual absl::Status Take(const StateNote&) { return absl::OkStatus(); }
  virtual absl::Status Take(const TotalsNote&) { return absl::OkStatus(); }
  virtual absl::Status Take(const CorrectionNote&) { return absl::OkStatus(); }
};

// One note as `other` of ReadNotes (linked_event.h) gets it. DATA_LOSS: it is none of these.
absl::Status ReadDayNote(std::string_view note, DayNoteReader* reader);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_DAY_NOTES_H_
