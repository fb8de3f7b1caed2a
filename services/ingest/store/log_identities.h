#ifndef TIDEMARK_SERVICES_INGEST_STORE_LOG_IDENTITIES_H_
#define TIDEMARK_SERVICES_INGEST_STORE_LOG_IDENTITIES_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/ledger/block_reader.h"
#include "services/ingest/store/block_files.h"
#include "services/ingest/store/identity_entry.h"
#include "services/ingest/store/identity_table.h"

namespace tidemark::ingest {

// An identity of the log, or one that something at `leaf` refers to.
struct LeafIdentity {
  Fingerprint key;
  uint64_t leaf = 0;
};

// Replaces `out` by the identities of the events of the block that `reader` has open, and by the
// transactions whose first record is there.
absl::Status ReadIdentities(ledger::BlockReader& reader, const SipHash& hash,
                            std::vector<LeafIdentity>* out);

// Adds `identities`, as far as their leaves are in [begin, end), to a table; several threads may do
// so at once. OUT_OF_RANGE: a leaf is too great for the table.
absl::Status InsertIdentities(const std::vector<LeafIdentity>& identities, uint64_t begin,
                              uint64_t end, IdentityTable* table);

// Adds the identities of the leaves [begin, end) of the log, read by `threads`. DATA_LOSS naming
// file and offset.
absl::Status FillTable(const BlockFiles& files, const SipHash& hash, int threads, uint64_t begin,
                       uint64_t end, IdentityTable* table);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_LOG_IDENTITIES_H_
