#ifndef TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_FOLDER_H_
#define TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_FOLDER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/fs/file_system.h"
#include "services/ingest/store/identity_run_set.h"
#include "services/ingest/store/identity_run_writer.h"
#include "services/ingest/store/identity_table.h"

namespace tidemark::ingest {

// The runs of one log on disk. There is no list of them: a run's name says which leaves it covers,
// it gets the name when it is durable, and of two that cover the same leaves the wider one counts.
// So a crash between any two steps leaves a folder that says everything (docs/formats/
// identity-run.md). Not thread-safe, but for names that differ.
class IdentityRunFolder {
 public:
  struct Options {
    fs::FileSystem* fs = nullptr;  // not owned
    std::string dir;
    IdentityRunOwner owner;
  };
  struct Contents {
    std::vector<IdentityRunView> views;  // in order of leaves; none covers another's
    std::vector<IdentityRunName> gaps;   // below the end of the last view
    std::vector<std::string> useless;    // names of files that are not needed (any more)
    std::vector<std::string> problems;   // what was damaged, in words
  };

  explicit IdentityRunFolder(Options options) : options_(std::move(options)) {}

  absl::Status Make();
  // Changes nothing. Runs that reach beyond `log_end` are useless: they are of leaves that were
  // lost, and may be of other events than what stands there next.
  absl::StatusOr<Contents> Read(uint64_t log_end) const;
  // Durable when it returns.
  absl::Status RemoveAll(const std::vector<std::string>& names) const;
  // As far as it can be done, and not durable: for what is covered by another run.
  void TryRemove(const std::string& name) const;

  // Writes the entries of a table; nobody changes it meanwhile. CANCELLED: `stop` became true.
  absl::StatusOr<IdentityRunView> Write(const IdentityTable& table, const IdentityRunName& name,
                                        const std::atomic<bool>& stop) const;
  // Writes one run of neighbours, which stay. CANCELLED as Write().
  absl::StatusOr<std::shared_ptr<const IdentityRun>> Merge(
      const std::vector<IdentityRunView>& views, const std::atomic<bool>& stop) const;

 private:
  absl::StatusOr<std::unique_ptr<IdentityRunWriter>> NewWriter(
      const IdentityRunName& name, const IdentityRunWriter::PartSizes& sizes) const;
  absl::StatusOr<IdentityRunView> OpenRun(const IdentityRunName& name) const;

  const Options options_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_FOLDER_H_
