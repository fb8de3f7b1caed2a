#ifndef TIDEMARK_SERVICES_INGEST_API_QUARANTINE_CONVERT_H_
#define TIDEMARK_SERVICES_INGEST_API_QUARANTINE_CONVERT_H_

#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/ledger/sha256.h"
#include "services/ingest/api/quarantine_intake.h"
#include "services/ingest/domain/quarantine.h"

namespace tidemark::ingest::v1 {
class QuarantinedEvent;
}

namespace tidemark::ingest {

// The id of the event's source when it can be read and may be one; empty: not. Of bytes that break
// off somewhere only a source of the view counts, as anything may stand in the place of one.
std::string SourceForQuarantine(std::string_view event, const catalog_client::CatalogView& view);

// Appends the entries of rejected events, but for those of sources that the caller may not use. An
// identifier becomes its pseudonym when the view has its scheme and it fits, else it is left out.
// Of bytes that are no event at most harmless ones are kept (EventPeek::harmless), and no id of
// those that break off.
void EntriesOf(const RejectedEvents& rejected, const ledger::HmacKey& pseudonym_key,
               std::vector<QuarantineEntry>* entries);

// `with_attributes`: else the event is told without them.
void ToProto(const QuarantineEntry& entry, bool with_attributes, v1::QuarantinedEvent* out);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_QUARANTINE_CONVERT_H_
