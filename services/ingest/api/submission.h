#ifndef TIDEMARK_SERVICES_INGEST_API_SUBMISSION_H_
#define TIDEMARK_SERVICES_INGEST_API_SUBMISSION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/ingest/domain/arena.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/domain/open_codes.h"
#include "services/ingest/domain/parsed_event.h"
#include "services/ingest/domain/pseudonymiser.h"
#include "services/ingest/domain/reference_validator.h"
#include "services/ingest/domain/rejection.h"

namespace tidemark::ingest {

// One batch between its bytes and its verdict: parses and judges every event, and holds what the
// log is given. Keeps its memory from batch to batch (SubmissionPool). Not thread-safe.
class Submission {
 public:
  struct Rejected {
    uint32_t position;
    Rejection rejection;
    // In the task's request.
    std::string_view event;
    // As far as they could be read: absent, and 0, where not.
    std::string_view source;
    int64_t event_time_us = 0;
  };
  struct Task {
    // A SubmitEventsRequest that ReadEnvelope took; stays until the batch is answered.
    std::string_view request;
    size_t events = 0;
    std::string principal;
    std::shared_ptr<const catalog_client::CatalogView> view;
    ReferenceValidator::Batch reference;
    bool with_receipts = false;
  };

  // Neither is owned.
  Submission(const ledger::HmacKey* pseudonym_key, OpenCodes* open_codes)
      : open_codes_(open_codes), pseudonymiser_(pseudonym_key) {}

  // Fills batch(), positions() and rejected().
  void Judge(Task task);
  // Forgets the batch, keeps the memory.
  void Clear();

  AppendBatch& batch() { return batch_; }
  // What the batch was judged by.
  const std::shared_ptr<const catalog_client::CatalogView>& view() const {
    return validator_->view();
  }
  const std::vector<ledger::EventRecord>& rows() const { return batch_.rows; }
  bool dry_run() const { return batch_.dry_run; }
  // positions()[row] is the row's position in the request.
  const std::vector<uint32_t>& positions() const { return positions_; }
  // By ascending position.
  const std::vector<Rejected>& rejected() const { return rejected_; }
  // Bytes of memory kept, roughly.
  size_t kept_bytes() const { return batch_.rows.capacity() * sizeof(ledger::EventRecord); }

 private:
  bool JudgeEvent(std::string_view event, Rejected* rejected);

  OpenCodes* const open_codes_;
  AppendBatch batch_;
  std::vector<uint32_t> positions_;
  std::vector<Rejected> rejected_;
  Arena arena_;
  EventExtras extras_;
  Pseudonymiser pseudonymiser_;
  std::unique_ptr<ReferenceValidator> validator_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_SUBMISSION_H_
