#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_DAY_TOTALS_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_DAY_TOTALS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/catalog/local_days.h"
#include "tidemark/ingest/v1/control_totals.pb.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::importer {

// Control totals of the events of a file, by source and day. An event whose id comes again counts
// once, as it came first, as it does in the log; for that about 16 bytes of each event are kept.
class DayTotals {
 public:
  explicit DayTotals(absl::TimeZone zone) : days_(zone) {}

  // `event`: a serialized tidemark.ingest.v1.Event. Bytes that are none are no event of the file.
  void Add(std::string_view event);
  // By source and day. OUT_OF_RANGE: a day's sum is above 2^63 - 1.
  absl::StatusOr<std::vector<ingest::v1::ControlTotals>> Take() const;

 private:
  struct Sums {
    uint64_t events = 0;
    __int128 gross = 0;
    __int128 refunds = 0;
  };

  catalog_client::LocalDays days_;
  std::map<std::pair<std::string, int32_t>, Sums> sums_;
  absl::flat_hash_set<std::pair<uint64_t, uint32_t>> seen_;  // hash of source and id, revision
  ingest::v1::Event event_;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_DAY_TOTALS_H_
