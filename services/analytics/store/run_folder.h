#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_FOLDER_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_FOLDER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/fs/file_system.h"
#include "services/analytics/store/run_builder.h"
#include "services/analytics/store/run_image.h"

namespace tidemark::analytics {

using RunList = std::vector<std::shared_ptr<const RunImage>>;

// The folder of run files (docs/formats/stat-folder.md). Runs can always be made again from the
// log, so a file that is damaged, or of an earlier format, is removed, with a warning, and so are
// those that follow it. Not thread-safe.
class RunFolder {
 public:
  // Makes the folder and locks it. FAILED_PRECONDITION when another process has it.
  static absl::StatusOr<std::unique_ptr<RunFolder>> Create(fs::FileSystem& fs, std::string dir);

  // The runs that follow each other from leaf 0 on, checked; removes every other file of ours.
  // FAILED_PRECONDITION for a file of a later release.
  absl::StatusOr<RunList> Open();
  // Removes every run file.
  absl::Status Clear();
  // Writes a run by `build`, durably, and opens it.
  absl::StatusOr<std::shared_ptr<const RunImage>> Write(
      uint64_t first_leaf, uint64_t end_leaf, absl::FunctionRef<absl::Status(ByteSink)> build);
  // Removes the file of a run; who has it open keeps it. Failing is harmless: Open() would do it.
  void Remove(const RunImage& run);

 private:
  struct Name {
    std::string name;
    uint64_t first_leaf = 0;
    uint64_t end_leaf = 0;
  };

  RunFolder(fs::FileSystem& fs, std::string dir) : fs_(fs), dir_(std::move(dir)) {}
  absl::StatusOr<std::vector<Name>> List();
  absl::StatusOr<std::shared_ptr<const RunImage>> OpenOne(const Name& name,
                                                          const RunImage* previous);

  fs::FileSystem& fs_;
  const std::string dir_;
  std::unique_ptr<fs::FileLock> lock_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_FOLDER_H_
