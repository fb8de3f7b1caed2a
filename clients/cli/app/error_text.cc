#include "clients/cli/app/error_text.h"

#include "absl/strings/str_cat.h"
#include "clients/cli/app/exit_code.h"
#include "common/status/error.h"

namespace tidemark::cli {
namespace {

constexpr char kAddresses[] =
    "comes from --ingest, --catalog and --analytics or $TIDEMARK_INGEST, $TIDEMARK_CATALOG and "
    "$TIDEMARK_ANALYTICS.";

// What to check, on a line of its own. Errors with a reason are a service's own: it runs.
std::string Advice(const absl::Status& status, std::string_view token_place) {
  if (absl::IsUnauthenticated(status) && !token_place.empty()) {
    return absl::StrCat("\nThe token is that of ", token_place,
                        "; --token-file and $TIDEMARK_TOKEN_FILE name another.");
  }
  if (!status::ReasonOf(status).empty()) return "";
  if (absl::IsUnimplemented(status)) {
    return absl::StrCat(
        "\nThe server does not know this call: it is another service, or an older version. Its "
        "address ",
        kAddresses);
  }
  if (absl::IsDeadlineExceeded(status)) {
    return "\nThe service did not answer in time: it is busy with this or with other work, or "
           "cannot be heard. `tidemark status` tells.";
  }
  if (ExitCodeOf(status) != ExitCode::kUnreachable) return "";
  return absl::StrCat("\nIs the service running? Its address ", kAddresses);
}

}  // namespace

std::string ErrorText(const absl::Status& status, std::string_view token_place) {
  const std::string code = absl::StatusCodeToString(status.code());
  std::string text(status.message());
  const ExitCode exit_code = ExitCodeOf(status);
  if (text.empty()) {
    text = code;
  } else if (exit_code == ExitCode::kRefused || exit_code == ExitCode::kInternal) {
    text = absl::StrCat(code, ": ", text);
  }
  const std::string reason = status::ReasonOf(status);
  if (!reason.empty()) absl::StrAppend(&text, " [", reason, "]");
  return text + Advice(status, token_place);
}

}  // namespace tidemark::cli
