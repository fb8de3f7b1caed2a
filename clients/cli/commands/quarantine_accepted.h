#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_QUARANTINE_ACCEPTED_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_QUARANTINE_ACCEPTED_H_

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "clients/cli/commands/ingest_access.h"
#include "tidemark/ingest/v1/quarantine.pb.h"

namespace tidemark::cli {

// Of the events of a page, at most 1,000 of `source`, those that the log has taken since they were
// last rejected, in this revision or a higher one: mended and sent again. QuarantinedEvent.id.
absl::StatusOr<absl::flat_hash_set<std::string>> AcceptedSince(
    IngestAccess& ingest, const std::string& source,
    const ingest::v1::ListQuarantineResponse& page);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_QUARANTINE_ACCEPTED_H_
