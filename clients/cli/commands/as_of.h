#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_AS_OF_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_AS_OF_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::cli {

// What --as-of means: a log size, a time, or `checkpoint`; nothing when `text` is empty. A
// UsageError for anything else.
absl::StatusOr<std::optional<analytics::v1::AsOf>> ParseAsOf(const std::string& text);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_AS_OF_H_
