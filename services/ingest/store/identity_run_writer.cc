#include "services/ingest/store/identity_run_writer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/crc32c.h"

namespace tidemark::ingest {

absl::StatusOr<std::unique_ptr<IdentityRunWriter>> IdentityRunWriter::Create(Options options) {
  auto writer = std::unique_ptr<IdentityRunWriter>(new IdentityRunWriter(std::move(options)));
  fs::FileSystem& fs = *writer->options_.fs;
  TM_ASSIGN_OR_RETURN(const bool left_over, fs.Exists(writer->path_));
  if (left_over) TM_RETURN_IF_ERROR(fs.Remove(writer->path_));
  TM_ASSIGN_OR_RETURN(writer->file_, fs.OpenAppend(writer->path_));
  TM_RETURN_IF_ERROR(writer->Append(IdentityRunHead()));
  TM_RETURN_IF_ERROR(writer->StartPart());
  return writer;
}

IdentityRunWriter::IdentityRunWriter(Options options)
    : options_(std::move(options)),
      final_path_(fs::JoinPath(options_.dir, options_.name.ToString())),
      path_(absl::StrCat(final_path_, kUnfinishedSuffix)),
      buffer_(std::make_unique<IdentityPage[]>(kBufferPages)) {
  directory_.owner = options_.owner;
  directory_.begin_leaf = options_.name.begin_leaf;
  directory_.end_leaf = options_.name.end_leaf;
}

IdentityRunWriter::~IdentityRunWriter() {
  if (finished_ || file_ == nullptr) return;
  file_.reset();
  // If it cannot be removed, the next start does.
  options_.fs->Remove(path_).IgnoreError();
}

absl::Status IdentityRunWriter::Append(std::string_view bytes) {
  TM_RETURN_IF_ERROR(file_->Append(bytes));
  offset_ += bytes.size();
  return absl::OkStatus();
}

absl::Status IdentityRunWriter::StartPart() {
  IdentityRunPart& part = directory_.parts[part_];
  part.entries = options_.part_entries[part_];
  part.first_page = offset_ / kIdentityPageBytes;
  part.filter_blocks = RunFilter::BlocksFor(part.entries);
  filter_.emplace(part.filter_blocks);
  added_ = 0;
  return absl::OkStatus();
}

absl::Status IdentityRunWriter::FinishPage() {
  IdentityPage& full = page();
  full.number = offset_ / kIdentityPageBytes + pages_;
  SealPage(&full);
  directory_.fences.push_back(full.entries[0].low);
  ++pages_;
  if (pages_ == kBufferPages) TM_RETURN_IF_ERROR(Flush());
  page() = IdentityPage();
  return absl::OkStatus();
}

absl::Status IdentityRunWriter::Flush() {
  const size_t bytes = std::exchange(pages_, 0) * kIdentityPageBytes;
  return Append({reinterpret_cast<const char*>(buffer_.get()), bytes});
}

absl::Status IdentityRunWriter::FinishPart() {
  IdentityRunPart& part = directory_.parts[part_];
  if (added_ != part.entries || part_ >= kIdentityRunParts) {
    return absl::InternalError(absl::StrCat("part ", part_, " of a run of identities has ", added_,
                                            " entries, not ", part.entries, " as announced"));
  }
  if (page().count > 0) TM_RETURN_IF_ERROR(FinishPage());
  TM_RETURN_IF_ERROR(Flush());
  page() = IdentityPage();
  const std::span<const char> filter = filter_->bytes();
  const std::string_view bytes(filter.data(), filter.size());
  const std::string padding(part.filter_padding(), '\0');
  part.filter_crc = base::ExtendCrc32c(base::Crc32c(bytes), padding);
  TM_RETURN_IF_ERROR(Append(bytes));
  TM_RETURN_IF_ERROR(Append(padding));
  ++part_;
  if (part_ < kIdentityRunParts) return StartPart();
  filter_.reset();
  return absl::OkStatus();
}

absl::Status IdentityRunWriter::Finish() {
  while (part_ < kIdentityRunParts) TM_RETURN_IF_ERROR(FinishPart());
  TM_RETURN_IF_ERROR(Append(EncodeIdentityRunEnd(directory_, offset_)));
  TM_RETURN_IF_ERROR(file_->Sync());
  TM_RETURN_IF_ERROR(file_->Close());
  TM_RETURN_IF_ERROR(options_.fs->Rename(path_, final_path_));
  finished_ = true;
  return options_.fs->SyncDir(options_.dir);
}

}  // namespace tidemark::ingest
