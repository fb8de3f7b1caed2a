#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_OBSERVATIONS_COMMANDS_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_OBSERVATIONS_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/table/text_table.h"
#include "tidemark/catalog/v1/observation_reads.pb.h"

// The parts of `tidemark observations`.
namespace tidemark::cli {

struct ObservationImportFlags {
  std::string input;
  std::string mapping;
  // Over what the mapping says; empty: that.
  std::string vintage;
  std::string published;
  std::string tolerance;
  uint32_t show = 20;
  bool dry_run = false;
  bool yes = false;
};
absl::StatusOr<ExitCode> ImportObservations(CommandHost& host, const ObservationImportFlags& flags);

struct ObservationReadFlags {
  std::vector<std::string> series;
  std::string indicator;
  std::vector<std::string> regions;
  std::string first;
  std::string last;
  std::vector<std::string> grains;
  std::string cumulative;
  // Of `list`, and of the later state of `compare`.
  std::string as_of;
  uint64_t version = 0;
  bool every_vintage = false;
  // Of `compare`.
  std::string before_as_of;
  uint64_t before_version = 0;
  std::string tolerance;
};
absl::StatusOr<ExitCode> ListObservations(CommandHost& host, const ObservationReadFlags& flags);
absl::StatusOr<ExitCode> CompareObservations(CommandHost& host, const ObservationReadFlags& flags);

// What differs, for a table of its kind.
TextTable NewDifferenceTable();
void AddDifference(const catalog::v1::ObservationDifference& difference, TextTable& table);
// "403 revised, 124 added, 0 removed, 0 relabelled, 0 unchanged"
std::string CountsText(const catalog::v1::CompareObservationsResponse& answer);
// UsageError naming the flag.
absl::Status SetTolerance(const std::string& text,
                          catalog::v1::CompareObservationsRequest& request);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_OBSERVATIONS_COMMANDS_H_
