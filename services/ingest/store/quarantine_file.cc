#include "services/ingest/store/quarantine_file.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/crc32c.h"
#include "common/status/status_macros.h"
#include "services/ingest/domain/quarantine_codec.h"

namespace tidemark::ingest {
namespace {

constexpr std::string_view kHeader = "tidemark-quarantine 1\n";
constexpr std::string_view kMark = "TMQ\x1e";
constexpr size_t kFrameHeader = 12;  // mark, length, checksum
// A removal names up to 10,000 entries.
constexpr size_t kMaxPayload = size_t{256} << 10;
constexpr size_t kWriteBytes = size_t{1} << 20;

void AppendFixed32(uint32_t value, std::string* out) {
  for (int shift = 0; shift < 32; shift += 8) out->push_back(static_cast<char>(value >> shift));
}

uint32_t LoadFixed32(std::string_view bytes) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

uint32_t ChecksumOf(std::string_view length, std::string_view payload) {
  return base::ExtendCrc32c(base::Crc32c(length), payload);
}

// A whole frame at the front of `bytes`: its payload.
bool TakeFrame(std::string_view bytes, std::string_view* payload) {
  if (bytes.size() < kFrameHeader || !bytes.starts_with(kMark)) return false;
  const uint32_t length = LoadFixed32(bytes.substr(4));
  if (length > kMaxPayload || length > bytes.size() - kFrameHeader) return false;
  *payload = bytes.substr(kFrameHeader, length);
  return ChecksumOf(bytes.substr(4, 4), *payload) == LoadFixed32(bytes.substr(8));
}

}  // namespace

QuarantineFile::QuarantineFile(fs::FileSystem* fs, std::string dir)
    : fs_(fs), dir_(std::move(dir)), path_(fs::JoinPath(dir_, "entries.tmq")) {}

absl::Status QuarantineFile::Read(const Emit& change,
                                  const std::function<void(const Damage&)>& damage) {
  must_rewrite_ = true;
  auto read = fs::ReadFile(*fs_, path_);
  if (absl::IsNotFound(read.status())) {
    must_rewrite_ = false;
    return absl::OkStatus();
  }
  TM_RETURN_IF_ERROR(read.status());
  const std::string_view all = *read;
  bool good = all.starts_with(kHeader);
  size_t at = good ? kHeader.size() : 0;
  size_t bad_from = at;
  while (at < all.size()) {
    std::string_view payload;
    if (TakeFrame(all.substr(at), &payload)) {
      if (bad_from < at) damage({bad_from, at - bad_from, false});
      good &= bad_from == at;
      change(payload);
      at += kFrameHeader + payload.size();
      bad_from = at;
      continue;
    }
    // The next frame begins where the mark is and the checksum fits.
    const size_t next = all.find(kMark, at + 1);
    at = next == std::string_view::npos ? all.size() : next;
  }
  if (bad_from < all.size()) damage({bad_from, all.size() - bad_from, true});
  good &= bad_from == all.size();
  if (all.empty()) good = false;
  bytes_ = all.size();
  must_rewrite_ = !good;
  return absl::OkStatus();
}

void QuarantineFile::Frame(std::string_view payload, std::string* out) {
  out->append(kMark);
  const size_t length = out->size();
  AppendFixed32(static_cast<uint32_t>(payload.size()), out);
  const uint32_t checksum = ChecksumOf(std::string_view(*out).substr(length, 4), payload);
  AppendFixed32(checksum, out);
  out->append(payload);
}

absl::Status QuarantineFile::OpenForAppend() {
  if (file_ != nullptr) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(file_, fs_->OpenAppend(path_));
  return absl::OkStatus();
}

absl::Status QuarantineFile::Append(std::string_view frames) {
  TM_RETURN_IF_ERROR(OpenForAppend());
  absl::Status status = file_->Append(frames);
  if (status.ok()) {
    status = file_->Sync();
    // After a failed sync nobody knows what is on disk.
    if (!status.ok()) must_rewrite_ = true;
  } else if (!file_->Truncate(bytes_).ok()) {
    must_rewrite_ = true;
  }
  if (!status.ok()) {
    // Append goes on where the object thinks the end is.
    file_.reset();
    return status;
  }
  bytes_ += frames.size();
  return absl::OkStatus();
}

absl::Status QuarantineFile::Rewrite(const std::function<void(const Emit&)>& all) {
  TM_RETURN_IF_ERROR(fs_->MakeDirs(dir_));
  const std::string temporary = path_ + ".tmp";
  if (const absl::Status removed = fs_->Remove(temporary);
      !removed.ok() && !absl::IsNotFound(removed)) {
    return removed;
  }
  TM_ASSIGN_OR_RETURN(auto file, fs_->OpenAppend(temporary));
  std::string buffer(kHeader);
  uint64_t bytes = 0;
  absl::Status status;
  const auto flush = [&] {
    if (status.ok()) status = file->Append(buffer);
    bytes += buffer.size();
    buffer.clear();
  };
  all([&](std::string_view payload) {
    Frame(payload, &buffer);
    if (buffer.size() >= kWriteBytes) flush();
  });
  flush();
  if (status.ok()) status = file->Sync();
  if (status.ok()) status = file->Close();
  if (status.ok()) status = fs_->Rename(temporary, path_);
  if (!status.ok()) {
    // What is left of it takes room; the next attempt removes it when this one cannot.
    (void)fs_->Remove(temporary);
    return status;
  }
  // From here on the old file is gone for this process, whatever a crash brings back.
  file_.reset();
  bytes_ = bytes;
  must_rewrite_ = true;
  TM_RETURN_IF_ERROR(fs_->SyncDir(dir_));
  must_rewrite_ = false;
  return absl::OkStatus();
}

}  // namespace tidemark::ingest
