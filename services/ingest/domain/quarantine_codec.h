#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_QUARANTINE_CODEC_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_QUARANTINE_CODEC_H_

#include <string>
#include <string_view>

#include "services/ingest/domain/quarantine.h"

// Entries of the quarantine as bytes, on disk and between a front and the owner of its log:
// docs/formats/quarantine.md.
namespace tidemark::ingest {

// No entry that DecodeEntry takes is larger.
inline constexpr size_t kMaxQuarantineEntryBytes = size_t{64} << 10;

void EncodeEntry(const QuarantineEntry& entry, std::string* out);
// False: the bytes are no entry, or more than kMaxQuarantineEntryBytes. Bytes behind those that
// this release knows are passed over.
bool DecodeEntry(std::string_view bytes, QuarantineEntry* entry);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_QUARANTINE_CODEC_H_
