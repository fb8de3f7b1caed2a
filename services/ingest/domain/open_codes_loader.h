#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_OPEN_CODES_LOADER_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_OPEN_CODES_LOADER_H_

#include "absl/status/status.h"
#include "clients/cpp/ledger/block_reader.h"
#include "services/ingest/domain/open_codes.h"

namespace tidemark::ingest {

// Teaches `codes` the product and provider codes of one block. Several blocks may be learnt at
// once.
absl::Status LearnOpenCodes(ledger::BlockReader& block, OpenCodes* codes);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_OPEN_CODES_LOADER_H_
