#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_DAY_TOTALS_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_DAY_TOTALS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/catalog/local_days.h"
#include "tidemark/ingest/v1/control_totals.pb.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::importer {

// Control totals of the events of a file, by source and day. An event counts once, by its highest
// revision and as that came first, as it stands in the log; one withdrawn does not. A day whose
// events are all moved away or withdrawn has totals of zero, as the source reports it and nothing
// of it stands; one that only withdrawals have the time of is no day of the file. For that about 50
// bytes of each event are kept. A day with rows that the mapping rejects stays open: the file has
// more of it than is known here. Pointers to sums stay valid.
class DayTotals {
 public:
  explicit DayTotals(absl::TimeZone zone) : days_(zone) {}

  // `event`: a serialized tidemark.ingest.v1.Event. Bytes that are none are no event of the file.
  void Add(std::string_view event);
  // A row that became no event: what could be read of its source, revision and time, a serialized
  // event. Of an unknown time, and of what it revises, any day of the source may be, of an unknown
  // source any day.
  void AddRejected(std::string_view source_and_time);
  // Of the days that can be closed, by source and day. OUT_OF_RANGE: a day's sum is above 2^63 - 1.
  absl::StatusOr<std::vector<ingest::v1::ControlTotals>> Take() const;
  // The days that stay open, or all of a source, or all there are, and why; for people.
  std::vector<std::string> LeftOpen() const;

 private:
  struct Sums {
    int64_t events = 0;
    __int128 gross = 0;
    __int128 refunds = 0;
  };
  // What an event counts for.
  struct Standing {
    Sums* day = nullptr;  // null: withdrawn
    int64_t amount = 0;
    uint32_t revision = 0;
    ingest::v1::EventKind kind = ingest::v1::EVENT_KIND_UNSPECIFIED;
  };
  static void Count(const Standing& event, int sign);
  bool StaysOpen(const std::string& source, int32_t day) const;

  catalog_client::LocalDays days_;
  std::map<std::pair<std::string, int32_t>, Sums> sums_;
  absl::flat_hash_map<uint64_t, Standing> events_;  // by hash of source and id
  // Rows that were rejected: by day, of a source, of nobody knows which.
  std::map<std::pair<std::string, int32_t>, uint64_t> rejected_of_day_;
  std::map<std::string, uint64_t> rejected_of_source_;
  uint64_t rejected_of_unknown_ = 0;
  ingest::v1::Event event_;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_DAY_TOTALS_H_
