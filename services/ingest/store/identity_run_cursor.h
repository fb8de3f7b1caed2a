#ifndef TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_CURSOR_H_
#define TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_CURSOR_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/status/status_macros.h"
#include "services/ingest/store/identity_run.h"

namespace tidemark::ingest {

// The entries of a run in order.
//
//   IdentityRunCursor cursor(run);
//   TM_RETURN_IF_ERROR(cursor.Start());
//   while (!cursor.done()) { ... cursor.entry() ...; TM_RETURN_IF_ERROR(cursor.Advance()); }
class IdentityRunCursor {
 public:
  explicit IdentityRunCursor(std::shared_ptr<const IdentityRun> run)
      : run_(std::move(run)), buffer_(std::make_unique<IdentityPage[]>(kBufferPages)) {}

  absl::Status Start() { return Fill(); }
  bool done() const { return page_ == pages_; }
  const IdentityEntry& entry() const { return buffer_[page_].entries[at_]; }
  // DATA_LOSS, also when entries do not ascend.
  absl::Status Advance() {
    const IdentityEntry before = entry();
    if (++at_ == buffer_[page_].count) {
      at_ = 0;
      if (++page_ == pages_) TM_RETURN_IF_ERROR(Fill());
    }
    return done() || before < entry() ? absl::OkStatus() : OutOfOrder();
  }

 private:
  // Read at once.
  static constexpr size_t kBufferPages = 128;

  absl::Status Fill();
  absl::Status OutOfOrder() const;

  const std::shared_ptr<const IdentityRun> run_;
  const std::unique_ptr<IdentityPage[]> buffer_;
  uint64_t next_page_ = 0;  // of the run
  size_t pages_ = 0;        // in the buffer
  size_t page_ = 0;
  uint32_t at_ = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_CURSOR_H_
