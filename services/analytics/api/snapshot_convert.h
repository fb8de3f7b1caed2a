#ifndef TIDEMARK_SERVICES_ANALYTICS_API_SNAPSHOT_CONVERT_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_SNAPSHOT_CONVERT_H_

#include "services/analytics/domain/stat_store.h"
#include "tidemark/type/v1/snapshot.pb.h"

namespace tidemark::analytics {

// Names a snapshot of the store's log.
void SetSnapshot(const StatStore& store, const SnapshotInfo& snapshot, type::v1::Snapshot* out);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_SNAPSHOT_CONVERT_H_
