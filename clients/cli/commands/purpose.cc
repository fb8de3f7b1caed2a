#include "clients/cli/commands/purpose.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/exit_code.h"

namespace tidemark::cli {

absl::StatusOr<type::v1::Purpose> ParsePurpose(const std::string& text) {
  type::v1::Purpose purpose;
  const std::string name = absl::StrCat("PURPOSE_", absl::AsciiStrToUpper(text));
  if (type::v1::Purpose_Parse(name, &purpose) && purpose != type::v1::PURPOSE_UNSPECIFIED) {
    return purpose;
  }
  return UsageError(absl::InvalidArgumentError(
      absl::StrCat("--purpose: `", text,
                   "`, want statistics, research, public_service, supervision or commercial")));
}

}  // namespace tidemark::cli
