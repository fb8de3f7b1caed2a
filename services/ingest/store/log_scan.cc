#include "services/ingest/store/log_scan.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
absl::StatusOr<LogScan::Result> LogScan::Run(const Options& options, BlockFiles* files) {
  LogScan scan(options, files);
  TM_ASSIGN_OR_RETURN(const std::vector<std::string> names, options.fs->List(files->dir()));
  std::vector<std::string> block_files;
  for (const std::string& name : names) {
    if (ParseBlockFileName(name).has_value()) block_files.push_back(name);
  }
  TM_RETURN_IF_ERROR(scan.ScanFiles(block_files));
  TM_RETURN_IF_ERROR(scan.CompareWithCheckpoint());
  return std::move(scan.result_);
}

absl::Status LogScan::ScanFiles(const std::vector<std::string>& names) {
  for (size_t i = 0; i < names.size(); ++i) {
    path_ = fs::JoinPath(files_->dir(), names[i]);
    const absl::Status named = CheckName(names[i]);
    if (!named.ok()) TM_RETURN_IF_ERROR(GoOn(named, *ParseBlockFileName(names[i])));
    const bool last = i + 1 == names.size();
    const absl::Status scanned = ScanFile(names[i], last);
    if (scanned.ok()) continue;
    TM_RETURN_IF_ERROR(
        GoOn(scanned, last ? result_.tree.end() : *ParseBlockFileName(names[i + 1])));
  }
  return absl::OkStatus();
}

absl::Status LogScan::GoOn(absl::Status damage, uint64_t next_leaf) {
  if (options_.problems == nullptr) return damage;
  options_.problems->emplace_back(damage.message());
  result_.whole = false;
  result_.tree.Reset(next_leaf);
  return absl::OkStatus();
}

absl::Status LogScan::Damaged(uint64_t offset, std::string_view what) const {
  return status::WithReason(
      absl::DataLossError(absl::StrCat(
          path_, ", offset ", offset, ": ", what,
          "; nothing was changed: restore this file from a backup (blocks never change once "
          "written) and start again")),
      "LOG_DAMAGED", {{"file", path_}, {"offset", absl::StrCat(offset)}});
}

absl::Status LogScan::CheckName(const std::string& name) {
  const uint64_t first_leaf = *ParseBlockFileName(name);
  if (first_leaf == result_.tree.end()) return absl::OkStatus();
  return Damaged(0, absl::StrCat("the file begins with leaf ", first_leaf,
                                 " by its name, but the files before it end at leaf ",
                                 result_.tree.end(), ": a file is missing or renamed"));
}

absl::Status LogScan::ScanFile(const std::string& name, bool last) {
  TM_ASSIGN_OR_RETURN(const std::unique_ptr<fs::File> file, options_.fs->OpenRead(path_));
  TM_ASSIGN_OR_RETURN(const uint64_t size, file->Size());
  FileWindow window(file.get(), size);
  const uint32_t number = files_->AddFile(name);
  result_.last_file = number;
  uint64_t offset = 0;
  absl::StatusOr<ledger::BlockHeader> block = ledger::BlockHeader();
  while (offset < size) {
    TM_RETURN_IF_ERROR(ReadBlock(window, offset, &block));
    if (!block.ok()) {
      TM_RETURN_IF_ERROR(TakeBadFrame(window, offset, last, block.status()));
      break;
    }
    TM_RETURN_IF_ERROR(TakeBlock(*block, number, offset));
    offset += block->block_bytes();
  }
  result_.last_file_bytes = offset;
  return absl::OkStatus();
}

absl::StatusOr<std::string_view> LogScan::ReadAt(FileWindow& file, uint64_t offset,
                                                 size_t want) const {
  auto bytes = file.At(offset, want);
  if (!absl::IsDataLoss(bytes.status())) return bytes;
  return Damaged(offset, absl::StrCat("cannot be read (", bytes.status().message(), ")"));
}

absl::Status LogScan::ReadBlock(FileWindow& file, uint64_t offset,
                                absl::StatusOr<ledger::BlockHeader>* block) const {
  TM_ASSIGN_OR_RETURN(std::string_view bytes, ReadAt(file, offset, ledger::kMaxAnyHeaderBytes));
  *block = ledger::PeekHeader(bytes);
  if (!block->ok()) return absl::OkStatus();
  const size_t want = (*block)->block_bytes();
  if (want > bytes.size()) {
    TM_ASSIGN_OR_RETURN(bytes, ReadAt(file, offset, want));
  }
  *block = ledger::VerifyBlock(bytes.substr(0, want));
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
  if (result_.tree.end() != checkpoint.size || !result_.whole) return absl::OkStatus();
  checkpoint_met_ = true;
  if (result_.tree.Root() == checkpoint.root) return absl::OkStatus();
  return Damaged(offset, absl::StrCat("the tree of the first ", checkpoint.size,
                                      " leaves is not the one that the stored checkpoint was "
                                      "signed for: blocks were replaced"));
}

absl::Status LogScan::TakeBadFrame(FileWindow& file, uint64_t offset, bool last,
                                   const absl::Status& why) {
  if (absl::IsUnimplemented(why)) {
    return absl::UnimplementedError(absl::StrCat(path_, ", offset ", offset, ": ", why.message(),
                                                 "; use the release that wrote it, or a later "
                                                 "one"));
  }
  const std::string bad = absl::StrCat("bad block (", why.message(), ")");
  if (!last) return Damaged(offset, absl::StrCat(bad, " with a later file after it"));
  TM_ASSIGN_OR_RETURN(const Behind behind, LookBehind(file, offset + 1));
  if (behind.later_write) {
    return Damaged(offset, absl::StrCat(bad, " with blocks of later writes after it"));
  }
  // A file that just ends is CompareWithCheckpoint's.
  if (result_.tree.end() < options_.checkpoint.size &&
      (behind.good_block || !absl::IsOutOfRange(why))) {
    return Damaged(offset, absl::StrCat(bad, " below the stored checkpoint of ",
                                        options_.checkpoint.size, " leaves"));
  }
  result_.torn_bytes = file.size() - offset;
  return absl::OkStatus();
}

absl::StatusOr<LogScan::Behind> LogScan::LookBehind(FileWindow& file, uint64_t offset) const {
  Behind behind;
  absl::StatusOr<ledger::BlockHeader> block = ledger::BlockHeader();
  while (offset < file.size()) {
    TM_ASSIGN_OR_RETURN(const std::string_view bytes,
                        ReadAt(file, offset, FileWindow::kChunkBytes));
    const size_t at = bytes.find(ledger::kBlockMagic);
    if (at == std::string_view::npos) {
      if (bytes.size() < ledger::kBlockMagic.size()) break;
      // A mark may begin in the last bytes.
      offset += bytes.size() - ledger::kBlockMagic.size() + 1;
      continue;
    }
    offset += at;
    TM_RETURN_IF_ERROR(ReadBlock(file, offset, &block));
    if (!block.ok() || block->log_id != options_.log_id) {
      ++offset;
      continue;
    }
    behind.good_block = true;
    behind.later_write |= block->write_first_leaf > result_.tree.end();
    offset += block->block_bytes();
  }
  return behind;
}

absl::Status LogScan::CompareWithCheckpoint() const {
  const uint64_t size = result_.tree.end();
  const uint64_t want = options_.checkpoint.size;
  if (!result_.whole) return absl::OkStatus();  // the damage says more
  if (size < want) {
    return status::WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            files_->dir(), " holds ", size, " leaves, but a checkpoint of ", want,
            " leaves was signed and may be known to others; nothing was changed: restore the "
            "missing blocks from a backup and start again. If they are lost for good, start a new "
            "log in an empty folder and send the events again")),
        "LOG_BEHIND_CHECKPOINT");
  }
  if (want == 0 || checkpoint_met_) return absl::OkStatus();
  // Checkpoints are signed where a block ends, and blocks never change.
  return status::WithReason(
      absl::DataLossError(absl::StrCat(
          files_->dir(), ": no block ends at the ", want,
          " leaves that the stored checkpoint was signed for: blocks were replaced; nothing was "
          "changed: restore the folder from a backup and start again")),
      "LOG_DAMAGED", {{"file", files_->dir()}});
}

absl::Status LogScan::CutTorn(fs::FileSystem& fs, const BlockFiles& files, const Result& result) {
  if (result.torn_bytes == 0) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const std::unique_ptr<fs::File> file,
                      fs.OpenAppend(files.PathOf(static_cast<uint32_t>(result.last_file))));
  TM_RETURN_IF_ERROR(file->Truncate(result.last_file_bytes));
  TM_RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

absl::Status LogScan::MakeDurable(fs::FileSystem& fs, const BlockFiles& files, const Result& result,
                                  uint64_t checkpoint_size) {
  if (result.last_file < 0) return absl::OkStatus();
  // Its name, if it was made just before.
  TM_RETURN_IF_ERROR(fs.SyncDir(files.dir()));
  // A file before the last was durable before the last was begun, and a checkpoint is signed of
  // what is durable.
  const auto last_file = static_cast<uint32_t>(result.last_file);
  size_t begin = files.size();
  while (begin > 0) {
    const BlockRef ref = *files.At(begin - 1);
    if (ref.file != last_file || ref.end_leaf() <= checkpoint_size) break;
    --begin;
  }
  if (begin == files.size()) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const std::unique_ptr<fs::File> file, fs.OpenAppend(files.PathOf(last_file)));
  std::string bytes;
  for (size_t i = begin; i < files.size(); ++i) {
    const BlockRef ref = *files.At(i);
    bytes.resize(ref.bytes);
    TM_RETURN_IF_ERROR(files.Read(ref, bytes.data()));
    TM_RETURN_IF_ERROR(file->PWrite(ref.offset, bytes));
  }
  TM_RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

}  // namespace tidemark::ingest
