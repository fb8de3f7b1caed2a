#include "clients/cli/app/exit_code.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace tidemark::cli {
namespace {

constexpr char kMark[] = "tidemark/exit-code";

}  // namespace

std::string ExitCodeHelp() {
  return "Exit codes:\n"
         "  0    all done\n"
         "  1    done, but some events were rejected or in conflict\n"
         "  2    wrong flags or arguments\n"
         "  3    a service cannot be reached or did not answer in time\n"
         "  4    a service refused the request\n"
         "  5    a file given cannot be read, parsed or written, or the output cannot be written\n"
         "  6    a defect of this program or of a service\n"
         "  130  stopped by Ctrl-C or SIGTERM\n"
         "  141  whoever read the output has left, as in `tidemark ... | head`\n";
}

absl::Status Marked(absl::Status status, ExitCode code) {
  if (status.ok() || status.GetPayload(kMark).has_value()) return status;
  status.SetPayload(kMark, absl::Cord(absl::StrCat(static_cast<int>(code))));
  return status;
}

ExitCode ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return ExitCode::kOk;
  int code = 0;
  const auto mark = status.GetPayload(kMark);
  if (mark.has_value() && absl::SimpleAtoi(std::string(*mark), &code)) {
    return static_cast<ExitCode>(code);
  }
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return ExitCode::kUnreachable;
    case absl::StatusCode::kCancelled:
      return ExitCode::kInterrupted;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      return ExitCode::kInternal;
    default:
      return ExitCode::kRefused;
  }
}

}  // namespace tidemark::cli
