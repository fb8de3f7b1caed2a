#ifndef TIDEMARK_CLIENTS_CLI_OBSERVATIONS_CELL_READER_H_
#define TIDEMARK_CLIENTS_CLI_OBSERVATIONS_CELL_READER_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/import/compile_scope.h"
#include "clients/cli/import/config_node.h"
#include "clients/cli/import/expression.h"
#include "tidemark/catalog/v1/observations.pb.h"

namespace tidemark::observations {

// A cell, or part of one, as it is read.
struct ReadCell {
  std::string series;
  std::string region;
  catalog::v1::VintageCell cell;
};

// The keys `series`, `region`, `period`, `value`, `status`, `qualifier` and `missing` of a mapping,
// compiled for the columns of a file.
class CellReader {
 public:
  static const std::vector<std::string>& Keys();
  static absl::StatusOr<CellReader> Compile(const importer::ConfigNode& root,
                                            importer::CompileScope& scope);

  // Nothing for a cell that names no series, region or period, or holds nothing; false: it cannot
  // be read, as context.rejection says.
  bool Read(importer::RowContext& context, std::optional<ReadCell>* cell) const;

 private:
  CellReader() = default;
  absl::Status CompilePeriod(const importer::ConfigNode& node, importer::CompileScope& scope);
  bool ReadPeriod(importer::RowContext& context, type::v1::Period* period, bool* found) const;
  bool ReadLabels(importer::RowContext& context, catalog::v1::VintageCell* cell) const;
  bool ReadNumber(importer::RowContext& context, catalog::v1::VintageCell* cell, bool* found) const;

  importer::TextPtr series_;
  importer::TextPtr region_;
  importer::TextPtr period_;
  importer::TextPtr value_;
  // Null: there is none.
  importer::TextPtr status_;
  importer::TextPtr qualifier_;
  importer::NumberFormat number_format_;
  // Of strptime; empty: the forms of ParseStatedPeriod.
  std::string period_form_;
  type::v1::PeriodGrain period_grain_ = type::v1::PERIOD_GRAIN_UNSPECIFIED;
  // What an empty cell says: nothing, or that the number is missing.
  bool states_missing_ = false;
};

// The number as it was published, to its last digit; nothing when it has more than 18 digits or 18
// behind the point.
std::optional<std::string> PublishedNumber(const importer::Decimal& number);

}  // namespace tidemark::observations

#endif  // TIDEMARK_CLIENTS_CLI_OBSERVATIONS_CELL_READER_H_
