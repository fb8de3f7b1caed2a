#ifndef TIDEMARK_SERVICES_INGEST_STORE_DAY_REVISIONS_H_
#define TIDEMARK_SERVICES_INGEST_STORE_DAY_REVISIONS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "clients/cpp/catalog/local_days.h"
#include "services/ingest/domain/statement.h"
#include "services/ingest/store/decoded_blocks.h"

namespace tidemark::ingest {

// Events of one source and day, by the events' own time.
struct EventDay {
  AcceptedCounts records;   // every record by itself
  AcceptedCounts standing;  // every event by its highest revision, without those withdrawn
};
// By day; of one source.
using EventDays = absl::flat_hash_map<int32_t, EventDay>;

// The records that came behind another of the same event. What the other one says decides whether
// they stand in its place, and has to be read from the log: later, and many at once in the order of
// their leaves, so that a block is decoded once for all that it holds. 40 bytes a record. Not
// thread-safe.
class DayRevisions {
 public:
  struct Revision {
    uint64_t previous_leaf = 0;  // the highest revision before
    int64_t amount = 0;
    EventDays* days = nullptr;  // of the event's source; not owned
    int32_t day = 0;
    uint32_t revision = 0;
    uint8_t kind = 0;
  };

  // `files` is not owned.
  explicit DayRevisions(const BlockFiles* files) : blocks_(files, /*capacity=*/1) {}

  void Add(const Revision& revision);
  bool empty() const { return revisions_.empty(); }
  // Settle before more is added: 5 MiB.
  bool full() const { return revisions_.size() >= size_t{1} << 17; }
  // Counts those whose earlier record is in one block, any; at least one is there. `local` gives
  // the days. DATA_LOSS: some are not counted and those left are of no use.
  absl::Status SettleBlock(catalog_client::LocalDays& local);
  void Clear() { revisions_.clear(); }

 private:
  std::vector<Revision> revisions_;
  bool sorted_ = true;  // by previous_leaf, descending
  DecodedBlocks blocks_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_DAY_REVISIONS_H_
