#include "services/ingest/api/submission.h"

#include <algorithm>
#include <utility>

#include "services/ingest/api/event_parser.h"
#include "services/ingest/api/event_splitter.h"
#include "services/ingest/domain/shape.h"

namespace tidemark::ingest {

void Submission::Judge(Task task) {
  Clear();
  if (validator_ == nullptr || validator_->view() != task.view) {
    validator_ = std::make_unique<ReferenceValidator>(task.view, open_codes_);
  }
  batch_.principal = std::move(task.principal);
  batch_.dry_run = task.reference.dry_run;
  batch_.want_leaf_hashes = task.with_receipts;
  batch_.bytes = task.request.size();
  batch_.stamp.version = task.view->version();
  std::copy_n(task.view->hash().begin(),
              std::min(task.view->hash().size(), batch_.stamp.hash.size()),
              batch_.stamp.hash.begin());
  batch_.rows.reserve(task.events);
  positions_.reserve(task.events);
  validator_->StartBatch(std::move(task.reference));
  EventCursor cursor(task.request);
  std::string_view event;
  Rejected rejected;
  for (uint32_t position = 0; cursor.Next(&event); ++position) {
    if (JudgeEvent(event, &rejected)) [[likely]] {
      positions_.push_back(position);
    } else {
      rejected.position = position;
      rejected.event = event;
      rejected_.push_back(std::move(rejected));
    }
  }
  pseudonymiser_.Finish(batch_.rows, &arena_);
}

bool Submission::JudgeEvent(std::string_view event, Rejected* rejected) {
  Rejection* const rejection = &rejected->rejection;
  ledger::EventRecord& record = batch_.rows.emplace_back();
  extras_.Clear();
  const catalog_client::IdentifierScheme* scheme = nullptr;
  bool good = ParseEvent(event, &record, &extras_, rejection);
  if (good) validator_->Prefetch(record);
  good = good && CheckShape(extras_, &record, &arena_, rejection) &&
         validator_->Check(extras_, record, &scheme, rejection);
  if (good && scheme != nullptr) {
    record.pseudonym_epoch = kPseudonymEpoch;
    if (!ledger::Absent(extras_.consumer_id)) {
      good = pseudonymiser_.Add(static_cast<uint32_t>(batch_.rows.size() - 1), *scheme,
                                extras_.consumer_id, &arena_, rejection);
    }
  }
  if (!good) {
    rejected->source = record.source;
    rejected->event_time_us = record.event_time_us;
    batch_.rows.pop_back();
  }
  return good;
}

void Submission::Clear() {
  batch_.Clear();
  positions_.clear();
  rejected_.clear();
  arena_.Clear();
  pseudonymiser_.Clear();
}

}  // namespace tidemark::ingest
