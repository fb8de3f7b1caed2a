// The leaves of EventRows, hashed without being kept. As LeafBatch (leaf.h) over the rows' records.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_ROW_LEAVES_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_ROW_LEAVES_H_

#include <cstdint>
#include <span>
#include <vector>

#include "clients/cpp/ledger/event_rows.h"
#include "clients/cpp/ledger/leaf_columns.h"
#include "clients/cpp/ledger/record.h"
#include "clients/cpp/ledger/row_leaf_options.h"
#include "clients/cpp/ledger/sha256.h"

namespace tidemark::ledger {

// Replaces `commitments` by one for every row: that of its private part, anything where it has
// none. Needs no order, so it is best done by the thread that brings the rows.
void CommitRows(const EventRows& rows, const HmacKey& salt_key, std::vector<Hash>* commitments);

// Thread-compatible; keeps its memory.
class RowLeaves {
 public:
  // Appends the leaf hashes of the rows `selected`, ascending, to `out`.
  void Hash(const EventRows& rows, std::span<const uint32_t> selected,
            const RowLeafOptions& options, std::vector<ledger::Hash>* out);

 private:
  LeafColumns columns_;
};

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_ROW_LEAVES_H_
