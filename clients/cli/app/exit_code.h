#ifndef TIDEMARK_CLIENTS_CLI_APP_EXIT_CODE_H_
#define TIDEMARK_CLIENTS_CLI_APP_EXIT_CODE_H_

#include <string>

#include "absl/status/status.h"

// What `tidemark` tells the shell. The numbers are a promise to scripts.
namespace tidemark::cli {

enum class ExitCode : int {
  // All done.
  kOk = 0,
  // The job ran to its end, but some events were rejected or in conflict.
  kSomeRejected = 1,
  // Wrong flags or arguments.
  kUsage = 2,
  // A service cannot be reached, or did not answer in time.
  kUnreachable = 3,
  // A service refused the request.
  kRefused = 4,
  // A file given cannot be read, parsed or written: data, mapping, YAML, token, state; or the
  // output cannot be written.
  kData = 5,
  // A defect of this program or of a service.
  kInternal = 6,
  // Stopped by Ctrl-C or SIGTERM (128 + 2, as shells say it).
  kInterrupted = 130,
  // Whoever read the output has left (128 + 13, as when SIGPIPE ends a program).
  kReaderGone = 141,
};

// The lines of `tidemark --help` that explain the codes.
std::string ExitCodeHelp();

// Marks an error with the exit code that it ends the program with; OK stays OK. Code and
// details are kept. A mark that is there already stands.
absl::Status Marked(absl::Status status, ExitCode code);
inline absl::Status UsageError(absl::Status status) {
  return Marked(std::move(status), ExitCode::kUsage);
}
inline absl::Status DataError(absl::Status status) {
  return Marked(std::move(status), ExitCode::kData);
}

// The mark; without one the status is taken for a service's answer.
ExitCode ExitCodeOf(const absl::Status& status);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_EXIT_CODE_H_
