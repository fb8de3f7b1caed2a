#ifndef TIDEMARK_SERVICES_INGEST_API_EVENT_CONVERT_H_
#define TIDEMARK_SERVICES_INGEST_API_EVENT_CONVERT_H_

#include "clients/cpp/ledger/record.h"

namespace tidemark::ingest::v1 {
class Event;
class StoredEvent;
}  // namespace tidemark::ingest::v1

namespace tidemark::ingest {

// The event as its producer sent it, but for the consumer, of whom only scheme and pseudonym are
// stored.
void ToProto(const ledger::EventRecord& record, v1::Event* event);
// With what ingest added, without the receipt.
void ToProto(const ledger::EventRecord& record, v1::StoredEvent* stored);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_EVENT_CONVERT_H_
