#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_AS_OF_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_AS_OF_H_

#include <string>

#include "absl/status/status.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::cli {

inline constexpr char kAsOfHelp[] =
    "snapshot: a log size, a time, or checkpoint; default: the newest";

// Reads the value of --as-of. UsageError.
absl::Status SetAsOf(const std::string& text, analytics::v1::AsOf& as_of);

// Of a request; leaves it alone when the text is empty.
template <typename Request>
absl::Status SetAsOfField(const std::string& text, Request& request) {
  return text.empty() ? absl::OkStatus() : SetAsOf(text, *request.mutable_as_of());
}

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_AS_OF_H_
