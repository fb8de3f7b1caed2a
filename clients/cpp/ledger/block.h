// Everything about blocks: one block per commit group of the log, checksummed, columnar, compressed
// (docs/formats/block.md).
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_H_

#include <cstdint>

#include "absl/status/status.h"
#include "clients/cpp/ledger/block_builder.h"
#include "clients/cpp/ledger/block_header.h"
#include "clients/cpp/ledger/block_reader.h"
#include "clients/cpp/ledger/column.h"
#include "clients/cpp/ledger/leaf.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::ledger {

// Replaces the contents of `leaves` by the leaves of every record of the block, finished.
absl::Status DeriveLeaves(BlockReader& reader, LeafBatch* leaves);
// OK when the block's leaves hash to the nodes of its header; DATA_LOSS otherwise. What an auditor
// with the salt key checks.
absl::Status VerifyLeaves(BlockReader& reader, LeafBatch* leaves);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_H_
