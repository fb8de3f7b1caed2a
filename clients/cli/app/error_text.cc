#include "clients/cli/app/error_text.h"

#include "absl/strings/str_cat.h"
#include "clients/cli/app/exit_code.h"
#include "common/status/error.h"

namespace tidemark::cli {

std::string ErrorText(const absl::Status& status) {
  std::string text(status.message());
  if (text.empty()) text = absl::StatusCodeToString(status.code());
  const ExitCode code = ExitCodeOf(status);
  if (code == ExitCode::kRefused || code == ExitCode::kInternal) {
    text = absl::StrCat(absl::StatusCodeToString(status.code()), ": ", text);
  }
  const std::string reason = status::ReasonOf(status);
  if (!reason.empty()) absl::StrAppend(&text, " [", reason, "]");
  if (code == ExitCode::kUnreachable) {
    absl::StrAppend(&text,
                    "\nIs the service running? Its address comes from --ingest, --catalog and "
                    "--analytics or $TIDEMARK_INGEST, $TIDEMARK_CATALOG and $TIDEMARK_ANALYTICS.");
  }
  return text;
}

}  // namespace tidemark::cli
