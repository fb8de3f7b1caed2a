#include "services/ingest/store/block_files.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {
constexpr std::string_view kSuffix = ".tmb";
constexpr size_t kDigits = 20;
}  // namespace

std::string BlockFileName(uint64_t first_leaf) {
  return absl::StrFormat("%020d%s", first_leaf, kSuffix);
}

std::optional<uint64_t> ParseBlockFileName(std::string_view name) {
  uint64_t first_leaf;
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  if (name.size() != kDigits ||
      !std::all_of(name.begin(), name.end(), [](char c) { return '0' <= c && c <= '9'; }) ||
      !absl::SimpleAtoi(name, &first_leaf)) {
    return std::nullopt;
  }
  return first_leaf;
}

BlockFiles::BlockFiles(fs::FileSystem* fs, std::string dir) : fs_(fs), dir_(std::move(dir)) {}

uint32_t BlockFiles::AddFile(std::string name) {
  base::MutexLock lock(mutex_);
  files_.push_back({.name = std::move(name), .file = nullptr});
  return static_cast<uint32_t>(files_.size() - 1);
}

std::string BlockFiles::PathOf(uint32_t file) const {
  base::MutexLock lock(mutex_);
  return fs::JoinPath(dir_, files_[file].name);
}

void BlockFiles::Publish(const BlockRef& ref) {
  base::MutexLock lock(mutex_);
  blocks_.push_back(ref);
  bytes_ += ref.bytes;
  leaves_ += ref.record_count;
}

uint64_t BlockFiles::leaves() const {
  base::MutexLock lock(mutex_);
  return leaves_;
}

uint64_t BlockFiles::end_leaf() const {
  base::MutexLock lock(mutex_);
  return blocks_.empty() ? 0 : blocks_.back().end_leaf();
}

uint64_t BlockFiles::bytes() const {
  base::MutexLock lock(mutex_);
  return bytes_;
}

size_t BlockFiles::size() const {
  base::MutexLock lock(mutex_);
  return blocks_.size();
}

absl::StatusOr<BlockRef> BlockFiles::Find(uint64_t leaf) const {
  base::MutexLock lock(mutex_);
  const auto after =
      std::upper_bound(blocks_.begin(), blocks_.end(), leaf,
                       [](uint64_t l, const BlockRef& ref) { return l < ref.first_leaf; });
  if (after == blocks_.begin() || leaf >= std::prev(after)->end_leaf()) {
    return absl::OutOfRangeError(absl::StrCat("leaf ", leaf, " is not in the log, which has ",
                                              blocks_.empty() ? 0 : blocks_.back().end_leaf(),
                                              " leaves"));
  }
  return *std::prev(after);
}

std::optional<BlockRef> BlockFiles::At(size_t index) const {
  base::MutexLock lock(mutex_);
  if (index >= blocks_.size()) return std::nullopt;
  return blocks_[index];
}

absl::StatusOr<std::shared_ptr<fs::File>> BlockFiles::Reader(uint32_t file) const {
  base::MutexLock lock(mutex_);
  OpenFile& open = files_[file];
  if (open.file == nullptr) {
    TM_ASSIGN_OR_RETURN(open.file, fs_->OpenRead(fs::JoinPath(dir_, open.name)));
  }
  return open.file;
}

absl::Status BlockFiles::Read(const BlockRef& ref, uint32_t bytes, char* out) const {
  TM_ASSIGN_OR_RETURN(const std::shared_ptr<fs::File> file, Reader(ref.file));
  const auto got = file->PRead(ref.offset, bytes, out);
  if (!got.ok()) {
    return status::Prefixed(absl::StrCat("the block at offset ", ref.offset), got.status());
  }
  if (*got == bytes) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(PathOf(ref.file), " ends inside the block at offset ",
                                          ref.offset, "; run tidemark-ingest --check"));
}

}  // namespace tidemark::ingest
