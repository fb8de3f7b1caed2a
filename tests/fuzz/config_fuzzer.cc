// The settings of a process: any file, environment and command line either set flags, each to what
// was given, or are refused with a message that names what is wrong.
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/config/config.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/memory_file.h"

ABSL_FLAG(std::string, data, "", "Where data is kept.");
ABSL_FLAG(int32_t, port, 0, "Port to listen on.");
ABSL_FLAG(uint64_t, limit, 0, "Most bytes.");
ABSL_FLAG(double, share, 0, "A share.");
ABSL_FLAG(bool, verbose, false, "Says more.");

namespace tidemark::config {
namespace {

void CheckResult(const absl::StatusOr<std::vector<std::string>>& result) {
  if (result.ok()) return;
  FUZZ_CHECK(absl::IsInvalidArgument(result.status()) || absl::IsNotFound(result.status()),
             result.status().ToString());
  FUZZ_CHECK(!result.status().message().empty(), "a refusal says why");
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  const absl::FlagSaver saver;
  const Environment nothing = [](const std::string&) { return std::nullopt; };
  const std::string text(bytes);
  {
    const fuzz::MemoryFile file(bytes);
    CheckResult(Load({absl::StrCat("--config=", file.path())}, "fuzz", nothing));
  }
  // As arguments, a line each; none that leads to a file of this machine.
  std::vector<std::string> args = absl::StrSplit(text, '\n');
  for (const std::string& arg : args) {
    if (arg.find("config") != std::string::npos) return;
  }
  CheckResult(Load(args, "fuzz", nothing));
  // What is given for a text is its value, whatever it holds.
  const auto given = Load({absl::StrCat("--data=", text)}, "fuzz", nothing);
  FUZZ_CHECK(given.ok() && absl::GetFlag(FLAGS_data) == text, "--data");
  const auto read = Load({}, "fuzz", [&](const std::string& name) -> std::optional<std::string> {
    if (name != "TIDEMARK_FUZZ_PORT") return std::nullopt;
    return text;
  });
  CheckResult(read);
  if (read.ok()) {
    int64_t port = absl::GetFlag(FLAGS_port);
    FUZZ_CHECK(port >= INT32_MIN && port <= INT32_MAX, "--port");
  }
}

}  // namespace tidemark::config
