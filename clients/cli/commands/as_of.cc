#include "clients/cli/commands/as_of.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cli/app/exit_code.h"

namespace tidemark::cli {

absl::Status SetAsOf(const std::string& text, analytics::v1::AsOf& as_of) {
  uint64_t size;
  absl::Time time;
  std::string error;
  if (text == "checkpoint") {
    as_of.set_newest_checkpoint(true);
  } else if (absl::SimpleAtoi(text, &size)) {
    as_of.set_log_size(size);
  } else if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    as_of.set_accepted_time_us(absl::ToUnixMicros(time));
  } else {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("--as-of: `", text,
                     "`, want a log size, a time such as 2026-01-01T00:00:00Z, or checkpoint")));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::cli
