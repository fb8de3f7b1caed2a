#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_IMAGE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_IMAGE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/fs/file_system.h"
#include "services/analytics/store/run_format.h"

namespace tidemark::analytics {

// A run that can be scanned: effects of the leaves [first_leaf, end_leaf), grouped by month and
// sorted. Immutable and thread-safe; its groups are valid while it lives.
class RunImage {
 public:
  // Checks everything. DATA_LOSS when the file is damaged, FAILED_PRECONDITION when it is of an
  // earlier format, UNIMPLEMENTED of a later one.
  static absl::StatusOr<std::shared_ptr<const RunImage>> FromFile(std::unique_ptr<fs::Mapping> file,
                                                                  std::string path);
  // Bytes made by BuildRun in this process: only the layout is checked.
  static absl::StatusOr<std::shared_ptr<const RunImage>> FromMemory(std::string bytes);

  const RunDirectory& directory() const { return directory_; }
  const std::vector<RowGroup>& groups() const { return groups_; }
  uint64_t first_leaf() const { return directory_.first_leaf; }
  uint64_t end_leaf() const { return directory_.end_leaf; }
  uint64_t effects() const { return directory_.effects; }
  // Empty for a run in memory.
  const std::string& path() const { return path_; }
  uint64_t bytes() const { return data_.size(); }
  // Contents of a section; empty when it is not there.
  std::string_view Section(SectionKind kind, uint32_t argument) const;
  // The own effect of the event at `leaf`; none when it has none or lies outside.
  std::optional<StoredRow> OwnRow(uint64_t leaf) const;

 private:
  RunImage() = default;
  absl::Status Parse(bool verify);

  std::string memory_;
  std::unique_ptr<fs::Mapping> file_;
  std::string path_;
  std::string_view data_;
  RunDirectory directory_;
  std::vector<RowGroup> groups_;
  std::vector<uint64_t> group_starts_;  // first row of each group, counted through all
  ColumnView own_rows_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_IMAGE_H_
