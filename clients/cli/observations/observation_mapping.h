#ifndef TIDEMARK_CLIENTS_CLI_OBSERVATIONS_OBSERVATION_MAPPING_H_
#define TIDEMARK_CLIENTS_CLI_OBSERVATIONS_OBSERVATION_MAPPING_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/import/byte_source.h"
#include "clients/cli/import/config_node.h"
#include "clients/cli/import/input_format.h"
#include "clients/cli/import/name_resolver.h"
#include "tidemark/catalog/v1/observations.pb.h"

namespace tidemark::observations {

// First and last day of a period in numbers that order as days do.
using PeriodKey = std::pair<int64_t, int64_t>;
// What a file states: cells by series, region and period, each in the order of names and days.
using StatedRegions = std::map<std::string, std::map<PeriodKey, catalog::v1::VintageCell>>;
using StatedSeries = std::map<std::string, StatedRegions>;

struct StatedFile {
  StatedSeries series;
  uint64_t cells = 0;
  // Cells that name no series, region or period, or hold nothing, and rows left out by `skip`.
  uint64_t empty_cells = 0;
  uint64_t skipped_rows = 0;
  // Why cells cannot be read, `line 12, heading 2011: ...`; the first 20 of `problem_count`.
  std::vector<std::string> problems;
  uint64_t problem_count = 0;
};

// A mapping file (docs/observations-mapping.md): how the cells of a publisher's file become those
// of a vintage. Texts, maps, conditions and number formats are those of import mappings.
class ObservationMapping {
 public:
  // INVALID_ARGUMENT with file, line and key; NOT_FOUND. `input`: the input's name, which may tell
  // its format.
  static absl::StatusOr<ObservationMapping> Load(const std::string& path, const std::string& input);
  static absl::StatusOr<ObservationMapping> Parse(const std::string& text, const std::string& file,
                                                  const std::string& folder,
                                                  const std::string& input);

  // Id of the vintage; empty: the mapping names none.
  const std::string& vintage_id() const { return vintage_id_; }
  // What the mapping says of the publication; without `published` where it says none.
  const catalog::v1::Vintage& vintage() const { return vintage_; }
  // Whether a `lookup` asks the catalog.
  bool needs_resolver() const { return needs_resolver_; }

  // Reads the whole file. Errors: the file cannot be read or is no table, or the mapping does not
  // fit its columns; what is wrong with single cells is in the answer. `resolver` may be null when
  // needs_resolver() is false. Holds one entry for each cell.
  absl::StatusOr<StatedFile> Read(std::unique_ptr<importer::ByteSource> source,
                                  importer::NameResolver* resolver) const;

 private:
  ObservationMapping(importer::ConfigNode root, std::string folder)
      : root_(std::move(root)), folder_(std::move(folder)) {}
  absl::Status ReadVintage();

  importer::ConfigNode root_;
  std::string folder_;
  importer::InputFormat format_;
  std::string vintage_id_;
  catalog::v1::Vintage vintage_;
  bool needs_resolver_ = false;
};

}  // namespace tidemark::observations

#endif  // TIDEMARK_CLIENTS_CLI_OBSERVATIONS_OBSERVATION_MAPPING_H_
