#ifndef TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_WRITER_H_
#define TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_WRITER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/fs/file_system.h"
#include "common/status/status_macros.h"
#include "services/ingest/store/identity_run_format.h"
#include "services/ingest/store/run_filter.h"

namespace tidemark::ingest {

// Writes a run from entries that come in order. Takes memory for the filter of one part, not of
// the run. Not thread-safe; blocks on the disk.
class IdentityRunWriter {
 public:
  using PartSizes = std::array<uint64_t, kIdentityRunParts>;
  struct Options {
    fs::FileSystem* fs = nullptr;  // not owned
    // Of the finished run's folder; made under another name first.
    std::string dir;
    IdentityRunName name;
    IdentityRunOwner owner;
    // So many entries will come for each part.
    PartSizes part_entries = {};
  };

  static absl::StatusOr<std::unique_ptr<IdentityRunWriter>> Create(Options options);
  // Removes what is not finished.
  ~IdentityRunWriter();

  // Entries ascend.
  absl::Status Add(const IdentityEntry& entry) {
    const size_t part = IdentityRunPart::Of(entry.low);
    while (part_ != part) TM_RETURN_IF_ERROR(FinishPart());
    filter_->Add(entry.key());
    page().entries[page().count++] = entry;
    ++added_;
    return page().count < IdentityPage::kEntries ? absl::OkStatus() : FinishPage();
  }
  // The run is complete, durable and has its name when this returns OK; it replaces one of the
  // same name.
  absl::Status Finish();

  // What an unfinished run is called; a crash leaves such files.
  static constexpr std::string_view kUnfinishedSuffix = ".tmp";

 private:
  // Written at once.
  static constexpr size_t kBufferPages = 256;

  explicit IdentityRunWriter(Options options);
  IdentityPage& page() { return buffer_[pages_]; }
  absl::Status StartPart();
  absl::Status FinishPart();
  absl::Status FinishPage();
  absl::Status Flush();
  absl::Status Append(std::string_view bytes);

  const Options options_;
  const std::string final_path_;
  const std::string path_;
  std::unique_ptr<fs::File> file_;
  uint64_t offset_ = 0;
  IdentityRunDirectory directory_;
  size_t part_ = 0;
  uint64_t added_ = 0;  // to the part
  std::optional<RunFilter> filter_;
  const std::unique_ptr<IdentityPage[]> buffer_;
  size_t pages_ = 0;  // finished ones in the buffer
  bool finished_ = false;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_WRITER_H_
