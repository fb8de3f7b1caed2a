#ifndef TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_REBUILD_H_
#define TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_REBUILD_H_

#include <functional>

#include "absl/status/statusor.h"
#include "clients/cpp/ledger/block_reader.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/store/block_files.h"
#include "services/ingest/store/closed_days.h"
#include "services/ingest/store/identity_index.h"
#include "services/ingest/store/waiting_refunds.h"

namespace tidemark::ingest {

struct RebuildOptions {
  const BlockFiles* files = nullptr;  // not owned
  const SipHash* hash = nullptr;      // not owned
  int threads = 2;
  // Sees every block, from several threads at once; may be empty.
  std::function<absl::Status(ledger::BlockReader&)> observer;
};

// Fills the table of `index` with what is not in its runs, `waiting` and `closed_days`, all empty,
// from the log; returns its last CATALOG_MARK. DATA_LOSS; errors of writing, when a run had to be
// made again.
absl::StatusOr<CatalogStamp> RebuildIdentity(const RebuildOptions& options, IdentityIndex* index,
                                             WaitingRefunds* waiting, ClosedDays* closed_days);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_REBUILD_H_
