#include "services/ingest/store/identity_run_cursor.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tidemark::ingest {

absl::Status IdentityRunCursor::Fill() {
  page_ = pages_ = 0;
  if (next_page_ == run_->pages()) return absl::OkStatus();
  const size_t count = std::min<uint64_t>({kBufferPages, run_->PagesLeftInPart(next_page_)});
  TM_RETURN_IF_ERROR(run_->ReadPages(next_page_, count, buffer_.get()));
  next_page_ += count;
  pages_ = count;
  return absl::OkStatus();
}

absl::Status IdentityRunCursor::OutOfOrder() const {
  return absl::DataLossError(absl::StrCat(run_->path(), ": entries are not in order"));
}

}  // namespace tidemark::ingest
