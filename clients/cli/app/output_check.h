#ifndef TIDEMARK_CLIENTS_CLI_APP_OUTPUT_CHECK_H_
#define TIDEMARK_CLIENTS_CLI_APP_OUTPUT_CHECK_H_

#include "absl/status/status.h"
#include "clients/cli/app/terminal.h"

namespace tidemark::cli {

// Whether what was written to terminal.out so far arrived; asked at the end of every command, and
// now and then by those that write much. The error carries exit code kReaderGone when whoever
// read a pipe has left (`| head`), which is no news to the user, else kData.
absl::Status CheckOutput(const Terminal& terminal);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_OUTPUT_CHECK_H_
