#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_SHAPE_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_SHAPE_H_

#include <cstddef>
#include <cstdint>

#include "clients/cpp/ledger/record.h"
#include "services/ingest/domain/arena.h"
#include "services/ingest/domain/parsed_event.h"
#include "services/ingest/domain/rejection.h"

namespace tidemark::ingest {

inline constexpr size_t kMaxOpenCodeBytes = 64;
inline constexpr int64_t kMaxAmount = 1'000'000'000'000'000;

// Everything about an event that can be judged without catalog, clock and log. Pure.
//
// On success `record` is complete but for the pseudonym and what the log adds: enums narrowed,
// attributes sorted into `arena`, a refund's original_source filled in. False with `rejection`
// set: the first fault found, in the order of the fields.
bool CheckShape(const EventExtras& extras, ledger::EventRecord* record, Arena* arena,
                Rejection* rejection);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_SHAPE_H_
