#ifndef TIDEMARK_SERVICES_INGEST_API_QUARANTINE_INTAKE_H_
#define TIDEMARK_SERVICES_INGEST_API_QUARANTINE_INTAKE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "clients/cpp/catalog/catalog_view.h"
#include "clients/cpp/ledger/sha256.h"
#include "common/base/mutex.h"
#include "common/rpc/authorizer.h"
#include "services/ingest/domain/quarantine.h"
#include "services/ingest/domain/rejection.h"

namespace tidemark::ingest {

// What a batch had rejected, as it came in; identifiers of consumers are in clear.
struct RejectedEvents {
  struct Event {
    uint32_t position;
    Rejection rejection;
    std::string bytes;
  };
  rpc::Caller caller;
  // The method that brought them, for the caller's scope.
  std::string_view method;
  // What they were judged by.
  std::shared_ptr<const catalog_client::CatalogView> view;
  // Microseconds since 1970-01-01T00:00:00Z.
  int64_t time_us = 0;
  std::vector<Event> events;
};

// Stands between verdicts and quarantine: takes rejected events in memory, bounded, without ever
// waiting, and hands them on later, with pseudonyms in place of identifiers. Thread-safe.
class QuarantineIntake {
 public:
  // That wait to be handed on.
  static constexpr size_t kMostBytes = size_t{32} << 20;

  // Neither is owned.
  QuarantineIntake(QuarantineSink* sink, const ledger::HmacKey* pseudonym_key,
                   size_t max_bytes = kMostBytes)
      : sink_(sink), pseudonym_key_(pseudonym_key), max_bytes_(max_bytes) {}

  // Never blocks. What has no room is dropped and counted.
  void Take(RejectedEvents rejected);
  // Everything taken before is in the sink when it returns. Blocks on that.
  void Drain();

 private:
  void CountDrop(const RejectedEvents& rejected, const RejectedEvents::Event& event)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  QuarantineSink* const sink_;
  const ledger::HmacKey* const pseudonym_key_;
  const size_t max_bytes_;
  // Held while a part is handed on.
  base::Mutex draining_;
  base::Mutex mutex_;
  std::vector<RejectedEvents> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  // By source.
  std::map<std::string, uint64_t, std::less<>> drops_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_QUARANTINE_INTAKE_H_
