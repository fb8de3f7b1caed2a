// A mapping of `tidemark observations` and a publisher's file to go with it, parted by a line
// `=====`: every mapping compiles or is refused at a place, every cell is read, left out or has a
// problem, and what is read makes vintages. The bytes are also read as a period.
#include <google/protobuf/stubs/logging.h>

#include "absl/strings/str_cat.h"
#include "clients/cli/import/input_testing.h"
#include "clients/cli/observations/observation_mapping.h"
#include "clients/cli/observations/stated_period.h"
#include "clients/cli/observations/vintage_builder.h"
#include "clients/cpp/catalog/period_text.h"
#include "tests/fuzz/fuzz.h"

namespace tidemark::observations {
namespace {

constexpr std::string_view kParting = "\n=====\n";
constexpr std::string_view kFile =
    "time,region,value,status,2016\n"
    "2012年1-2月,cn,\"33,668.6\",A,1\n"
    "2013 Q1,cn-33,-0.50,P,..\n"
    "2014年,nowhere,1e3,,-\n";
// No mapping may make us look outside; nothing is there.
constexpr const char* kFolder = "/nonexistent/tidemark-fuzz";
constexpr size_t kMaxCells = 50'000;

// Knows a few names, as a catalog does.
class FewNames final : public importer::NameResolver {
 public:
  absl::Status Prepare(importer::NameKind) override { return absl::OkStatus(); }
  absl::StatusOr<std::string> Resolve(importer::NameKind, std::string_view name) override {
    if (name == "cn" || name == "cn-33") return std::string(name);
    return absl::NotFoundError("no such name");
  }
};

void CheckRefusal(const absl::Status& status) {
  FUZZ_CHECK(fuzz::BlamesInput(status), status.ToString());
}

void CheckPeriod(std::string_view text) {
  const auto period = ParseStatedPeriod(text);
  if (!period) return;
  const auto name = catalog_client::PeriodText(*period);
  FUZZ_CHECK(name.has_value(), period->ShortDebugString());
  const auto again = ParseStatedPeriod(*name);
  FUZZ_CHECK(again && again->SerializeAsString() == period->SerializeAsString(), *name);
}

uint64_t CellsOf(const StatedSeries& stated) {
  uint64_t cells = 0;
  for (const auto& series : stated) {
    for (const auto& region : series.second) cells += region.second.size();
  }
  return cells;
}

void CheckVintages(const ObservationMapping& mapping, const StatedFile& file) {
  const auto vintages = BuildVintages("v", mapping.vintage(), file.series);
  if (!vintages.ok()) return CheckRefusal(vintages.status());
  uint64_t cells = 0;
  for (const catalog::v1::Resource& resource : *vintages) {
    uint64_t own = 0;
    for (const auto& series : resource.vintage().series()) {
      for (const auto& region : series.regions()) {
        own += static_cast<uint64_t>(region.cells_size());
      }
    }
    FUZZ_CHECK(own > 0 && own <= kMaxCells, resource.name());
    cells += own;
  }
  FUZZ_CHECK(cells == file.cells, absl::StrCat(cells, " of ", file.cells, " cells"));
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  static const google::protobuf::LogSilencer quiet;
  CheckPeriod(bytes);
  const size_t parting = bytes.find(kParting);
  const std::string yaml(bytes.substr(0, parting));
  const std::string input(
      parting == std::string_view::npos ? kFile : bytes.substr(parting + kParting.size()));
  const auto mapping = ObservationMapping::Parse(yaml, "map.yaml", kFolder, "in.csv");
  if (!mapping.ok()) return CheckRefusal(mapping.status());
  FewNames names;
  const auto file = mapping->Read(importer::SourceOf(input, 61), &names);
  if (!file.ok()) return CheckRefusal(file.status());
  FUZZ_CHECK(file->cells == CellsOf(file->series), "cells are counted");
  FUZZ_CHECK((file->problem_count > 0) == !file->problems.empty(), "problems are told");
  for (const std::string& problem : file->problems) {
    FUZZ_CHECK(!problem.empty(), "a problem without words");
  }
  CheckVintages(*mapping, *file);
  const auto again = mapping->Read(importer::SourceOf(input), &names);
  FUZZ_CHECK(again.ok() && again->cells == file->cells &&
                 again->problem_count == file->problem_count &&
                 again->empty_cells == file->empty_cells,
             "the same however the bytes arrive");
}

}  // namespace tidemark::observations
