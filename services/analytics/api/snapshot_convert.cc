#include "services/analytics/api/snapshot_convert.h"

namespace tidemark::analytics {

void SetSnapshot(const StatStore& store, const SnapshotInfo& snapshot, type::v1::Snapshot* out) {
  out->set_log_id(store.log_id());
  out->set_log_size(snapshot.log_size);
  out->set_catalog_version(snapshot.catalog_version);
  out->set_accepted_time_us(snapshot.accepted_time_us);
}

}  // namespace tidemark::analytics
