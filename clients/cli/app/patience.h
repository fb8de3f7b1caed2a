#ifndef TIDEMARK_CLIENTS_CLI_APP_PATIENCE_H_
#define TIDEMARK_CLIENTS_CLI_APP_PATIENCE_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clients/cli/app/terminal.h"

namespace tidemark::cli {

// Calls until it succeeds, or fails for a reason that does not pass, or `patience` is over: what
// the last call returned. CANCELLED: the user interrupted it.
absl::Status CallWithPatience(const Terminal& terminal, absl::Duration patience,
                              absl::FunctionRef<absl::Status()> call);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_PATIENCE_H_
