#include "services/ingest/store/file_window.h"

#include <algorithm>
#include <cstring>

#include "common/status/status_macros.h"

namespace tidemark::ingest {

absl::StatusOr<std::string_view> FileWindow::At(uint64_t offset, size_t want) {
  const uint64_t left = size_ - std::min(offset, size_);
  want = static_cast<size_t>(std::min<uint64_t>(want, left));
  const bool inside = begin_ <= offset && offset <= begin_ + used_;
  const size_t skipped = inside ? static_cast<size_t>(offset - begin_) : used_;
  if (used_ - skipped < want) {
    const size_t kept = used_ - skipped;
    const auto length = static_cast<size_t>(std::min<uint64_t>(std::max(want, kChunkBytes), left));
    if (kept > 0) std::memmove(buffer_.data(), buffer_.data() + skipped, kept);
    if (buffer_.size() < length) buffer_.resize(length);
    begin_ = offset;
    used_ = kept;
    TM_ASSIGN_OR_RETURN(const size_t got,
                        file_->PRead(offset + kept, length - kept, buffer_.data() + kept));
    used_ += got;
    return std::string_view(buffer_).substr(0, used_);
  }
  return inside ? std::string_view(buffer_).substr(skipped, used_ - skipped) : std::string_view();
}

}  // namespace tidemark::ingest
