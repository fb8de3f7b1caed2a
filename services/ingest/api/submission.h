#ifndef TIDEMARK_SERVICES_INGEST_API_SUBMISSION_H_
#define TIDEMARK_SERVICES_INGEST_API_SUBMISSION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "services/ingest/api/clean_columns.h"
#include "services/ingest/api/column_codes.h"
#include "services/ingest/api/event_columns.h"
#include "services/ingest/api/plain_judge.h"
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
    // As far as they could be read: absent, and 0, where not.
    std::string_view source;
    int64_t event_time_us = 0;
  };
  struct Task {
    // A SubmitEventsRequest that ReadEnvelope took; stays until the batch is answered.
    std::string_view request;
    // What ReadEnvelope told of it.
    size_t events = 0;
    std::string_view columns;
    std::string principal;
    std::shared_ptr<const catalog_client::CatalogView> view;
    ReferenceValidator::Batch reference;
    bool with_receipts = false;
  };

  // None is owned.
  Submission(const ledger::HmacKey* pseudonym_key, OpenCodes* open_codes, PlainJudges* plain_judges)
      : open_codes_(open_codes), plain_judges_(plain_judges), pseudonymiser_(pseudonym_key) {}

  // Fills batch(), positions() and rejected(). INVALID_ARGUMENT (MALFORMED_COLUMNS): the batch is
  // judged neither as a whole nor in part.
  absl::Status Judge(Task task);
  // Forgets the batch, keeps the memory.
  void Clear();

  AppendBatch& batch() { return batch_; }
  // What the batch was judged by.
  const std::shared_ptr<const catalog_client::CatalogView>& view() const {
    return validator_->view();
  }
  const ledger::EventRows& rows() const { return batch_.rows; }
  bool dry_run() const { return batch_.dry_run; }
  // positions()[row] is the row's position in the request.
  const std::vector<uint32_t>& positions() const { return positions_; }
  // By ascending position.
  const std::vector<Rejected>& rejected() const { return rejected_; }
  // Bytes of memory kept, roughly.
  size_t kept_bytes() const { return batch_.rows.kept_bytes() + columns_.kept_bytes(); }
  // Gives the events at `positions`, ascending, of the request that was judged last, each as the
  // bytes of an Event. Events by columns share texts and may be far larger together than their
  // request: those that come after `most_bytes` have their source and nothing else.
  void ReadEvents(std::span<const uint32_t> positions, size_t most_bytes,
                  absl::FunctionRef<void(size_t i, std::string event)> take) const;

 private:
  struct Candidate;

  void JudgeRows(PlainJudge& plain);
  void ReadCandidate(std::string_view event, PlainJudge& plain, size_t i);
  // Of a candidate that is not plain.
  void ReadAsUsual(size_t i);
  // The first `count` of candidates_, whose positions begin with `position`.
  void JudgeCandidates(uint32_t position, size_t count, PlainJudge& plain);
  bool JudgeCandidate(PlainJudge& plain, size_t i);
  // Candidates that were found good, all plain or none, become rows.
  void AppendCandidates(size_t begin, size_t end, PlainJudge& plain);
  void JudgeColumns();
  // What Resolve found of the event is judged, which becomes `row` of the batch.
  bool JudgeRow(const ReferenceValidator::Codes& codes, const EventExtras& extras, uint32_t row,
                ledger::EventRecord* record, Rejection* rejection);
  // The identifier in clear, if there is one, of an event that CleanColumns takes. False with
  // `rejection`: it does not fit its scheme.
  bool AddConsumer(uint32_t position, Rejection* rejection);
  void Refuse(uint32_t position, const ledger::EventRecord& record, Rejection rejection);

  OpenCodes* const open_codes_;
  PlainJudges* const plain_judges_;
  AppendBatch batch_;
  // Events that are being judged; the batch takes them a few at a time, while they are near.
  struct Candidate {
    std::string_view event;
    EventExtras extras;
    ReferenceValidator::Codes codes;
    Rejection rejection;
    bool plain = false;
    bool good = false;  // so far; of one that is not plain
  };
  std::vector<Candidate> candidates_;
  // By candidate: one of the two.
  std::vector<PlainEvent> plain_events_;
  std::vector<ledger::EventRecord> judged_;
  std::vector<uint32_t> positions_;
  std::vector<Rejected> rejected_;
  Arena arena_;
  EventExtras extras_;
  std::string_view request_;
  EventColumns columns_;
  ColumnCodes column_codes_;
  CleanColumns clean_columns_;
  Pseudonymiser pseudonymiser_;
  std::unique_ptr<ReferenceValidator> validator_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_SUBMISSION_H_
