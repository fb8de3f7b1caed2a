#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_PURPOSE_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_PURPOSE_H_

#include <string>

#include "absl/status/statusor.h"
#include "tidemark/type/v1/purpose.pb.h"

namespace tidemark::cli {

inline constexpr char kPurposeHelp[] =
    "what for: statistics, research, public_service, supervision or commercial";

// UsageError naming --purpose.
absl::StatusOr<type::v1::Purpose> ParsePurpose(const std::string& text);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_PURPOSE_H_
