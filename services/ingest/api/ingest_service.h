#ifndef TIDEMARK_SERVICES_INGEST_API_INGEST_SERVICE_H_
#define TIDEMARK_SERVICES_INGEST_API_INGEST_SERVICE_H_

#include <cstddef>
#include <memory>
#include <string>

#include "clients/cpp/ledger/sha256.h"
#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/rpc/authorizer.h"
#include "common/rpc/raw_stream.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/domain/open_codes.h"
#include "services/ingest/domain/view_source.h"

namespace grpc {
class Service;
}
namespace tidemark::redis {
class Cache;
class SharedBuckets;
}  // namespace tidemark::redis

namespace tidemark::ingest {

class Quarantine;
class QuarantineHandlers;
class QuarantineIntake;
class QuarantineOwner;
class TailHub;

inline constexpr char kIngestServiceName[] = "tidemark.ingest.v1.IngestService";
// Above the limit of a batch, so that one somewhat too large gets a message that says so.
inline constexpr size_t kMaxReceiveBytes = size_t{40} << 20;

struct IngestServiceOptions {
  // Nothing is owned; all must be set, but where null has a meaning, and outlive the server.
  LogStore* log = nullptr;
  const ViewSource* views = nullptr;
  OpenCodes* open_codes = nullptr;
  const ledger::HmacKey* pseudonym_key = nullptr;
  // Verdicts of recent request ids; redis::NullCache to keep them in this process only.
  redis::Cache* verdicts = nullptr;
  // Quotas of sources; null: none hold.
  redis::SharedBuckets* quotas = nullptr;
  // Rejected events go to the intake, and so to the quarantine: one of this process, or that of the
  // owner of the log. All null: rejected events are not kept.
  QuarantineIntake* intake = nullptr;
  Quarantine* quarantine = nullptr;
  QuarantineOwner* quarantine_owner = nullptr;
  TailHub* hub = nullptr;
  const base::Clock* clock = nullptr;
  rpc::Authorizer* authorizer = nullptr;
  rpc::StreamRegistry* streams = nullptr;
  // Where batches are judged, where reads block, and where followers are served.
  base::Executor* submit_executor = nullptr;
  base::Executor* read_executor = nullptr;
  base::Executor* tail_executor = nullptr;
  // Most memory of requests from the moment that their caller is known until the answer is sent:
  // their bytes, the events made of them, the answers.
  size_t max_in_flight_bytes = size_t{256} << 20;
  std::string version;  // of the software
};

// tidemark.ingest.v1.IngestService, all methods raw.
std::unique_ptr<grpc::Service> NewIngestService(const IngestServiceOptions& options);
// Of a service that NewIngestService made; null when it keeps no rejected events.
QuarantineHandlers* QuarantineOf(grpc::Service& service);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_INGEST_SERVICE_H_
