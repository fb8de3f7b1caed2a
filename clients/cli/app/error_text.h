#ifndef TIDEMARK_CLIENTS_CLI_APP_ERROR_TEXT_H_
#define TIDEMARK_CLIENTS_CLI_APP_ERROR_TEXT_H_

#include <string>

#include "absl/status/status.h"

namespace tidemark::cli {

// For people: the message, the stable reason where there is one, and for a service that cannot
// be reached what to check.
std::string ErrorText(const absl::Status& status);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_ERROR_TEXT_H_
