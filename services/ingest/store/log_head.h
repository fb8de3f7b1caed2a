#ifndef TIDEMARK_SERVICES_INGEST_STORE_LOG_HEAD_H_
#define TIDEMARK_SERVICES_INGEST_STORE_LOG_HEAD_H_

#include <cstdint>

#include "clients/cpp/ledger/merkle.h"
#include "services/ingest/domain/log_store.h"

namespace tidemark::ingest {

// What has to be known of a log to append to it.
struct LogHead {
  ledger::CompactRange tree;  // of all leaves [0, size)
  int64_t accepted_time_us = 0;
  CatalogStamp marked;  // the last CATALOG_MARK; version 0: none

  uint64_t size() const { return tree.end(); }
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_LOG_HEAD_H_
