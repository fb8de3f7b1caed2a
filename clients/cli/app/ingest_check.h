#ifndef TIDEMARK_CLIENTS_CLI_APP_INGEST_CHECK_H_
#define TIDEMARK_CLIENTS_CLI_APP_INGEST_CHECK_H_

#include "absl/status/status.h"
#include "clients/cli/app/connection.h"

namespace tidemark::cli {

// Asks the ingest service for its state, waiting for it to come up as long as the caller would
// try again, but at least one second and at most ten. UNAVAILABLE naming the address,
// UNAUTHENTICATED for a wrong token.
absl::Status CheckIngest(Connection& connection, double retry_seconds);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_INGEST_CHECK_H_
