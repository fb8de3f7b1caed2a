#ifndef TIDEMARK_SERVICES_INGEST_API_LOG_STORE_SERVICE_H_
#define TIDEMARK_SERVICES_INGEST_API_LOG_STORE_SERVICE_H_

#include <cstddef>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/rpc/authorizer.h"
#include "common/rpc/raw_stream.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/domain/open_codes.h"

namespace grpc {
class Service;
}

namespace tidemark::ingest {

class QuarantineHandlers;
class QuarantineSink;
class TailHub;

// The largest batch that a front takes, unpacked and packed again, with room to spare. The server's
// limit of received messages is at least this.
inline constexpr size_t kMaxAppendBytes = size_t{64} << 20;

struct LogStoreServiceOptions {
  // Nothing is owned; all must be set and outlive the server.
  LogStore* log = nullptr;
  // Learns the codes that fronts let in.
  OpenCodes* open_codes = nullptr;
  TailHub* hub = nullptr;
  const base::Clock* clock = nullptr;
  rpc::Authorizer* authorizer = nullptr;
  rpc::StreamRegistry* streams = nullptr;
  // Where batches are unpacked, where reads block, and where watchers are served.
  base::Executor* submit_executor = nullptr;
  base::Executor* read_executor = nullptr;
  base::Executor* tail_executor = nullptr;
  // For fronts.
  std::string pseudonym_key;
  // What fronts reject, and ask about it; null: they are told UNIMPLEMENTED.
  QuarantineSink* quarantine = nullptr;
  QuarantineHandlers* quarantine_handlers = nullptr;
  // As IngestServiceOptions::max_in_flight_bytes, of fronts.
  size_t max_in_flight_bytes = size_t{256} << 20;
};

// tidemark.internal.v1.LogStoreService: the log of this process for fronts in others.
std::unique_ptr<grpc::Service> NewLogStoreService(const LogStoreServiceOptions& options);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_LOG_STORE_SERVICE_H_
