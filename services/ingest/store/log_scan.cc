#include "services/ingest/store/log_scan.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

// The first block of `bytes`, checked. OUT_OF_RANGE when `bytes` ends inside it.
absl::StatusOr<ledger::BlockHeader> FirstBlock(std::string_view bytes) {
  TM_ASSIGN_OR_RETURN(const ledger::BlockHeader header, ledger::PeekHeader(bytes));
  if (header.block_bytes() > bytes.size()) return absl::OutOfRangeError("the file ends in it");
  return ledger::VerifyBlock(bytes.substr(0, header.block_bytes()));
}

}  // namespace

absl::StatusOr<LogScan::Result> LogScan::Run(const Options& options, BlockFiles* files) {
  LogScan scan(options, files);
  TM_ASSIGN_OR_RETURN(const std::vector<std::string> names, options.fs->List(files->dir()));
  std::vector<std::string> block_files;
  for (const std::string& name : names) {
    if (ParseBlockFileName(name).has_value()) block_files.push_back(name);
  }
  for (size_t i = 0; i < block_files.size(); ++i) {
    TM_RETURN_IF_ERROR(scan.ScanFile(block_files[i], i + 1 == block_files.size()));
  }
  TM_RETURN_IF_ERROR(scan.CompareWithCheckpoint());
  return std::move(scan.result_);
}

absl::Status LogScan::Damaged(uint64_t offset, std::string_view what) const {
  return status::WithReason(
      absl::DataLossError(absl::StrCat(
          path_, ", offset ", offset, ": ", what,
          "; nothing was changed: restore this file from a backup (blocks never change once "
          "written) and start again")),
      "LOG_DAMAGED", {{"file", path_}, {"offset", absl::StrCat(offset)}});
}

absl::Status LogScan::ScanFile(const std::string& name, bool last) {
  path_ = fs::JoinPath(files_->dir(), name);
  const uint64_t first_leaf = *ParseBlockFileName(name);
  if (first_leaf != result_.tree.end()) {
    return Damaged(0, absl::StrCat("the file begins with leaf ", first_leaf,
                                   " by its name, but the files before it end at leaf ",
                                   result_.tree.end(), ": a file is missing or renamed"));
  }
  TM_ASSIGN_OR_RETURN(const std::unique_ptr<fs::Mapping> mapping, options_.fs->MapReadOnly(path_));
  const std::string_view data = mapping->data();
  const uint32_t file = files_->AddFile(name);
  result_.last_file = file;
  uint64_t offset = 0;
  while (offset < data.size()) {
    const std::string_view rest = data.substr(offset);
    const auto header = FirstBlock(rest);
    if (!header.ok()) {
      TM_RETURN_IF_ERROR(TakeBadFrame(rest, offset, last, header.status()));
      break;
    }
    TM_RETURN_IF_ERROR(TakeBlock(*header, file, offset));
    offset += header->block_bytes();
  }
  result_.last_file_bytes = offset;
  return absl::OkStatus();
}

absl::Status LogScan::TakeBlock(const ledger::BlockHeader& header, uint32_t file, uint64_t offset) {
  if (header.log_id != options_.log_id) return Damaged(offset, "the block is of another log");
  if (header.first_leaf != result_.tree.end()) {
    return Damaged(offset, absl::StrCat("the block begins with leaf ", header.first_leaf, ", want ",
                                        result_.tree.end()));
  }
  if (header.accepted_time_us < result_.accepted_time_us) {
    return Damaged(offset, "the block was accepted before the one in front of it");
  }
  TM_RETURN_IF_ERROR(result_.tree.Append(header.range()));
  result_.accepted_time_us = header.accepted_time_us;
  files_->Publish({.first_leaf = header.first_leaf,
                   .offset = offset,
                   .record_count = header.record_count,
                   .bytes = static_cast<uint32_t>(header.block_bytes()),
                   .file = file});
  const ledger::Checkpoint& checkpoint = options_.checkpoint;
  if (result_.tree.end() != checkpoint.size || result_.tree.Root() == checkpoint.root) {
    return absl::OkStatus();
  }
  return Damaged(offset, absl::StrCat("the tree of the first ", checkpoint.size,
                                      " leaves is not the one that the stored checkpoint was "
                                      "signed for: blocks were replaced"));
}

absl::Status LogScan::TakeBadFrame(std::string_view rest, uint64_t offset, bool last,
                                   const absl::Status& why) {
  if (absl::IsUnimplemented(why)) {
    return absl::UnimplementedError(absl::StrCat(path_, ", offset ", offset, ": ", why.message(),
                                                 "; use the release that wrote it, or a later "
                                                 "one"));
  }
  if (!last)
    return Damaged(offset,
                   absl::StrCat("bad block (", why.message(), ") with a later file after it"));
  if (HoldsGoodBlock(rest.substr(1))) {
    return Damaged(offset, absl::StrCat("bad block (", why.message(), ") with good ones after it"));
  }
  result_.torn_bytes = rest.size();
  return absl::OkStatus();
}

bool LogScan::HoldsGoodBlock(std::string_view bytes) const {
  while (true) {
    const size_t at = bytes.find(ledger::kBlockMagic);
    if (at == std::string_view::npos) return false;
    bytes.remove_prefix(at);
    const auto header = FirstBlock(bytes);
    if (header.ok() && header->log_id == options_.log_id) return true;
    bytes.remove_prefix(1);
  }
}

absl::Status LogScan::CompareWithCheckpoint() const {
  const uint64_t size = result_.tree.end();
  if (size >= options_.checkpoint.size) return absl::OkStatus();
  return status::WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          files_->dir(), " holds ", size, " leaves, but a checkpoint of ", options_.checkpoint.size,
          " leaves was signed and may be known to others; nothing was changed: restore the "
          "missing blocks from a backup and start again. If they are lost for good, start a new "
          "log in an empty folder and send the events again")),
      "LOG_BEHIND_CHECKPOINT");
}

absl::Status LogScan::CutTorn(fs::FileSystem& fs, const BlockFiles& files, const Result& result) {
  if (result.torn_bytes == 0) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const std::unique_ptr<fs::File> file,
                      fs.OpenAppend(files.PathOf(static_cast<uint32_t>(result.last_file))));
  TM_RETURN_IF_ERROR(file->Truncate(result.last_file_bytes));
  TM_RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

}  // namespace tidemark::ingest
