#ifndef TIDEMARK_SERVICES_INGEST_API_LOG_STORE_STREAMS_H_
#define TIDEMARK_SERVICES_INGEST_API_LOG_STORE_STREAMS_H_

#include <memory>

#include "common/base/clock.h"
#include "common/rpc/raw_stream.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/domain/open_codes.h"

namespace tidemark::ingest {

class TailHub;

// LogStoreService.WatchLog: the state at once, after every growth, and every kTailHeartbeat. A slow
// watcher misses states, never the last. Nothing is owned.
std::unique_ptr<rpc::StreamSource> OpenWatch(LogStore* log, TailHub* hub, const base::Clock* clock,
                                             std::shared_ptr<rpc::StreamWaker> waker);
// LogStoreService.ListOpenCodes: what is known now.
std::unique_ptr<rpc::StreamSource> OpenCodeList(const OpenCodes& codes);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_LOG_STORE_STREAMS_H_
