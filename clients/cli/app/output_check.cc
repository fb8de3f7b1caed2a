#include "clients/cli/app/output_check.h"

#include <ostream>

#include "clients/cli/app/exit_code.h"

namespace tidemark::cli {

absl::Status CheckOutput(const Terminal& terminal) {
  if (terminal.out) return absl::OkStatus();
  if (terminal.reader_gone()) {
    return Marked(absl::AbortedError("nobody reads the output"), ExitCode::kReaderGone);
  }
  return DataError(absl::DataLossError("cannot write the output; is the disk full?"));
}

}  // namespace tidemark::cli
