#ifndef TIDEMARK_SERVICES_INGEST_API_EVENT_PARSER_H_
#define TIDEMARK_SERVICES_INGEST_API_EVENT_PARSER_H_

#include <string_view>

#include "clients/cpp/ledger/record.h"
#include "services/ingest/domain/parsed_event.h"
#include "services/ingest/domain/rejection.h"

namespace tidemark::ingest {

// Reads the wire bytes of one tidemark.ingest.v1.Event without a protobuf object and without
// allocating (but for attributes): texts become views into `bytes`. Means exactly what the
// generated parser means: the last value of a field counts, a message field given twice is
// merged, unknown fields and known ones of another wire type are skipped.
//
// `record` and `extras` must be fresh. False, with `rejection` set (MALFORMED_EVENT or
// INVALID_UTF8 naming the field), exactly where the generated parser fails.
bool ParseEvent(std::string_view bytes, ledger::EventRecord* record, EventExtras* extras,
                Rejection* rejection);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_EVENT_PARSER_H_
