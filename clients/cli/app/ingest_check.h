#ifndef TIDEMARK_CLIENTS_CLI_APP_INGEST_CHECK_H_
#define TIDEMARK_CLIENTS_CLI_APP_INGEST_CHECK_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clients/cli/app/connection.h"

namespace tidemark::cli {

// How long a service is waited for before a job begins, so that a wrong address is told soon: as
// long as the job would try again, but at least one second and at most ten.
absl::Duration StartPatience(double retry_seconds);

// Asks the ingest service for its state, waiting StartPatience for it to come up. UNAVAILABLE
// naming the address, UNAUTHENTICATED for a wrong token. OK where it is up and asks to try again,
// as without the catalog.
absl::Status CheckIngest(Connection& connection, double retry_seconds);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_INGEST_CHECK_H_
