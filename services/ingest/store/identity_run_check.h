#ifndef TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_CHECK_H_
#define TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/ingest/store/identity_run_folder.h"
#include "services/ingest/store/identity_table.h"

namespace tidemark::ingest {

struct IdentityRunReport {
  uint64_t runs = 0;
  uint64_t entries = 0;
  std::vector<std::string> problems;
};

// Reads every byte of the runs in a folder: checksums, order, that filters let every entry pass.
// Each run must hold exactly the entries of `log` with its leaves; null: what the log holds is not
// known. `log_end` as IdentityRunFolder::Read. A log without runs has no folder.
IdentityRunReport CheckIdentityRuns(const IdentityRunFolder& folder, uint64_t log_end,
                                    const IdentityTable* log);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_CHECK_H_
