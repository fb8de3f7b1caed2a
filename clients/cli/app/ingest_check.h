#ifndef TIDEMARK_CLIENTS_CLI_APP_INGEST_CHECK_H_
#define TIDEMARK_CLIENTS_CLI_APP_INGEST_CHECK_H_

#include <memory>
#include <string>

#include "absl/status/status.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace tidemark::cli {

// Asks the ingest service for its state, waiting up to ten seconds for it to come up:
// UNAVAILABLE or DEADLINE_EXCEEDED naming the trouble, UNAUTHENTICATED for a wrong token.
absl::Status CheckIngest(const std::shared_ptr<grpc::Channel>& channel, const std::string& token);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_INGEST_CHECK_H_
