#ifndef TIDEMARK_CLIENTS_CLI_APP_ERROR_TEXT_H_
#define TIDEMARK_CLIENTS_CLI_APP_ERROR_TEXT_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::cli {

// For people: the message, the stable reason where there is one, and what to check where no service
// answered, another server did, or the token (of `token_place`, empty: none was used) is unknown.
std::string ErrorText(const absl::Status& status, std::string_view token_place);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_ERROR_TEXT_H_
