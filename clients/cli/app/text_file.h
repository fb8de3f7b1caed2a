#ifndef TIDEMARK_CLIENTS_CLI_APP_TEXT_FILE_H_
#define TIDEMARK_CLIENTS_CLI_APP_TEXT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark::cli {

// The whole file. DataError naming it.
absl::StatusOr<std::string> ReadTextFile(const std::string& path);

// Writes the file; an old one stays whole until the new one is. DataError naming it.
absl::Status WriteTextFile(const std::string& path, const std::string& text);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_TEXT_FILE_H_
