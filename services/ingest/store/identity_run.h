#ifndef TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_H_
#define TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/fs/file_system.h"
#include "services/ingest/store/identity_run_format.h"
#include "services/ingest/store/run_filter.h"

namespace tidemark::ingest {

// An open run: its directory in memory (8 bytes for each page of 255 entries), its pages and
// filters read when asked for. Every byte that it hands out was checked. Thread-safe.
class IdentityRun {
 public:
  // Half-open, in the order of all pages of the run.
  struct PageRange {
    uint64_t begin = 0;
    uint64_t end = 0;
  };

  // DATA_LOSS: damaged, or of another owner, or its name says other leaves. UNIMPLEMENTED: of a
  // later format.
  static absl::StatusOr<std::shared_ptr<const IdentityRun>> Open(fs::FileSystem& fs,
                                                                 const std::string& dir,
                                                                 const IdentityRunName& name,
                                                                 const IdentityRunOwner& owner);

  const std::string& path() const { return path_; }
  const IdentityRunDirectory& directory() const { return directory_; }
  IdentityRunName name() const { return {directory_.begin_leaf, directory_.end_leaf}; }
  uint64_t entries() const { return entries_; }
  uint64_t pages() const { return directory_.fences.size(); }
  size_t memory() const { return 8 * directory_.fences.size(); }

  // DATA_LOSS.
  absl::StatusOr<std::shared_ptr<const RunFilter>> ReadFilter(size_t part) const;
  // Where entries of `key` are, if there are any: mostly one page.
  PageRange PagesOf(const Fingerprint& key) const;
  void WillNeed(uint64_t page) const;
  // Reads `count` pages from `page` on, of one part. DATA_LOSS.
  absl::Status ReadPages(uint64_t page, size_t count, IdentityPage* out) const;
  // Pages from `page` on that are of its part.
  uint64_t PagesLeftInPart(uint64_t page) const;

 private:
  IdentityRun(std::string path, std::unique_ptr<fs::File> file, IdentityRunDirectory directory);
  size_t PartOfPage(uint64_t page) const;
  uint64_t NumberOf(uint64_t page) const;
  absl::Status Read(uint64_t offset, size_t bytes, char* out) const;

  const std::string path_;
  const std::unique_ptr<fs::File> file_;
  const IdentityRunDirectory directory_;
  uint64_t entries_ = 0;
  // Of each part; the last is the number of pages.
  std::array<uint64_t, kIdentityRunParts + 1> first_pages_ = {};
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_H_
