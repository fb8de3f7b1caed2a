#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_ROW_LEAF_OPTIONS_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_ROW_LEAF_OPTIONS_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "clients/cpp/ledger/record.h"

namespace tidemark::ledger {

// What CommitRows made, and what only the log knows.
struct RowLeafOptions {
  std::span<const Hash> commitments;
  std::span<const LinkedRow> links;  // by ascending row
  std::string_view principal;
  int64_t accepted_time_us = 0;
};

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_ROW_LEAF_OPTIONS_H_
