#ifndef TIDEMARK_SERVICES_INGEST_API_JUDGING_VIEW_H_
#define TIDEMARK_SERVICES_INGEST_API_JUDGING_VIEW_H_

#include <cstdint>

#include "absl/status/status.h"
#include "clients/cpp/catalog/catalog_view.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/domain/view_source.h"

namespace tidemark::ingest {

// What has to be done when the log knew a newer catalog than a batch was judged by (STALE_VIEW).

// A view that advances faster than a batch is judged is somebody's loop.
inline constexpr int kMaxJudgements = 5;

CatalogStamp StampOf(const catalog_client::CatalogView& view);
// Where the log is in another process, its owner may have heard of a view first: waits a moment
// for one newer than `version`.
void AwaitNewerView(const ViewSource& views, uint64_t version);
// UNAVAILABLE with RetryInfo, after so many judgements.
absl::Status CatalogChangesTooFast();

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_JUDGING_VIEW_H_
