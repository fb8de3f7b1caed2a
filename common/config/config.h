#ifndef TIDEMARK_COMMON_CONFIG_CONFIG_H_
#define TIDEMARK_COMMON_CONFIG_CONFIG_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Settings of a process are absl flags (ABSL_FLAG in its main.cc or app/). A value comes from,
// strongest first: `--name=value`; the environment, TIDEMARK_PROGRAM_NAME (TIDEMARK_INGEST_DATA is
// --data of tidemark-ingest, and of no other program of the same shell); the file given by
// --config, YAML with one `name: value` per line. An unknown flag or key, or a value that does not
// parse, is an error that says what is allowed. Unknown environment variables are ignored:
// processes of one machine share them.
//
//   int main(int argc, char** argv) {
//     tidemark::config::ParseOrExit(argc, argv, "ingest", "Tidemark ingest service.");
namespace tidemark::config {

inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;

// Returns one environment variable, nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Sets the flags; returns the positional arguments. `args` is argv without the program's name,
// `program` the part of it that environment variables carry ("ingest").
absl::StatusOr<std::vector<std::string>> Load(const std::vector<std::string>& args,
                                              std::string_view program,
                                              const Environment& environment);

// Load from the process; handles --help. On error prints it to stderr and exits with kExitUsage.
std::vector<std::string> ParseOrExit(int argc, char** argv, std::string_view program,
                                     std::string_view usage);

// What --help prints below the usage line.
std::string FlagHelp(std::string_view program);

}  // namespace tidemark::config

#endif  // TIDEMARK_COMMON_CONFIG_CONFIG_H_
