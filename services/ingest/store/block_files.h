#ifndef TIDEMARK_SERVICES_INGEST_STORE_BLOCK_FILES_H_
#define TIDEMARK_SERVICES_INGEST_STORE_BLOCK_FILES_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/fs/file_system.h"
#include "services/ingest/domain/log_store.h"

namespace tidemark::ingest {

// "00000000000000000042.tmb": a block file is named by its first leaf.
std::string BlockFileName(uint64_t first_leaf);
// Empty when `name` is not the name of a block file.
std::optional<uint64_t> ParseBlockFileName(std::string_view name);

// The durable blocks of the log: where each is, and their bytes. Thread-safe; reading blocks.
class BlockFiles {
 public:
  // `dir` is the folder of block files; `fs` is not owned.
  BlockFiles(fs::FileSystem* fs, std::string dir);

  const std::string& dir() const { return dir_; }

  // The next file, in order of leaves; returns its number for BlockRef::file.
  uint32_t AddFile(std::string name);
  std::string PathOf(uint32_t file) const;
  // A block that is durable now; they come in order.
  void Publish(const BlockRef& ref);

  uint64_t end_leaf() const;
  // Their number, which is less where files are missing.
  uint64_t leaves() const;
  // Sum of the blocks' bytes.
  uint64_t bytes() const;
  // The block that holds `leaf`. OUT_OF_RANGE when there is none.
  absl::StatusOr<BlockRef> Find(uint64_t leaf) const;
  // The `index`-th block, none when there are not so many.
  std::optional<BlockRef> At(size_t index) const;
  size_t size() const;

  // Reads the whole block, or its first `bytes`. DATA_LOSS naming file and offset when the file
  // ends before.
  absl::Status Read(const BlockRef& ref, char* out) const { return Read(ref, ref.bytes, out); }
  absl::Status Read(const BlockRef& ref, uint32_t bytes, char* out) const;

 private:
  struct OpenFile {
    std::string name;
    std::shared_ptr<fs::File> file;  // opened at the first read
  };
  absl::StatusOr<std::shared_ptr<fs::File>> Reader(uint32_t file) const;

  fs::FileSystem* const fs_;
  const std::string dir_;
  mutable base::Mutex mutex_;
  mutable std::vector<OpenFile> files_ ABSL_GUARDED_BY(mutex_);
  std::deque<BlockRef> blocks_ ABSL_GUARDED_BY(mutex_);
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t leaves_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_BLOCK_FILES_H_
