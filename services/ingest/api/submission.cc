#include "services/ingest/api/submission.h"

#include <algorithm>
#include <span>
#include <utility>

#include "common/status/status_macros.h"
#include "services/ingest/api/event_parser.h"
#include "services/ingest/api/event_splitter.h"
#include "services/ingest/domain/shape.h"

namespace tidemark::ingest {
namespace {

// Events, far enough for memory to arrive.
constexpr uint32_t kAhead = 8;
// Events that are read before the first of them is judged: enough for memory to arrive, few enough
// to stay in the nearest caches.
constexpr size_t kTogether = 32;
static_assert(kTogether <= ledger::EventRows::kMostAtOnce);

}  // namespace

absl::Status Submission::Judge(Task task) {
  Clear();
  if (validator_ == nullptr || validator_->view() != task.view) {
    validator_ = std::make_unique<ReferenceValidator>(task.view, open_codes_);
  }
  request_ = task.request;
  const bool by_columns = task.columns.data() != nullptr;
  if (by_columns) TM_RETURN_IF_ERROR(columns_.Read(task.columns, task.events));
  batch_.principal = std::move(task.principal);
  batch_.dry_run = task.reference.dry_run;
  batch_.want_leaf_hashes = task.with_receipts;
  batch_.bytes = task.request.size();
  batch_.stamp.version = task.view->version();
  std::copy_n(task.view->hash().begin(),
              std::min(task.view->hash().size(), batch_.stamp.hash.size()),
              batch_.stamp.hash.begin());
  positions_.reserve(task.events);
  validator_->StartBatch(std::move(task.reference));
  if (by_columns) {
    column_codes_.Resolve(columns_, *task.view, *open_codes_);
    JudgeColumns();
  } else {
    std::unique_ptr<PlainJudge> plain = plain_judges_->Take(task.view);
    plain->StartBatch(validator_.get(), &arena_, batch_.dry_run);
    JudgeRows(*plain);
    plain_judges_->Return(std::move(plain));
  }
  pseudonymiser_.Finish(&arena_, [this](uint32_t row, std::string_view pseudonym) {
    batch_.rows.SetPseudonym(row, pseudonym);
  });
  return absl::OkStatus();
}

void Submission::JudgeRows(PlainJudge& plain) {
  EventCursor cursor(request_);
  std::string_view event;
  uint32_t position = 0;
  candidates_.resize(kTogether);
  plain_events_.resize(kTogether);
  judged_.resize(kTogether);
  while (true) {
    size_t count = 0;
    for (; count < kTogether && cursor.Next(&event); ++count) ReadCandidate(event, plain, count);
    if (count == 0) return;
    for (size_t i = 0; i < count; ++i) {
      if (candidates_[i].plain) plain.Prefetch(plain_events_[i]);
    }
    for (size_t i = 0; i < count; ++i) {
      if (!candidates_[i].plain || !plain.Finds(&plain_events_[i])) ReadAsUsual(i);
    }
    JudgeCandidates(position, count, plain);
    position += static_cast<uint32_t>(count);
  }
}

void Submission::ReadCandidate(std::string_view event, PlainJudge& plain, size_t i) {
  const auto behind = static_cast<size_t>(request_.end() - event.end());
  Candidate& candidate = candidates_[i];
  candidate.event = event;
  candidate.plain = behind >= PlainJudge::kReadsBehind && plain.Reads(event, &plain_events_[i]);
}

void Submission::ReadAsUsual(size_t i) {
  Candidate& candidate = candidates_[i];
  ledger::EventRecord& record = judged_[i];
  record = {};
  candidate.plain = false;
  candidate.extras.Clear();
  candidate.rejection = {};
  candidate.good = ParseEvent(candidate.event, &record, &candidate.extras, &candidate.rejection) &&
                   CheckShape(candidate.extras, &record, &arena_, &candidate.rejection);
  if (candidate.good) validator_->Resolve(candidate.extras, record, &candidate.codes);
}

void Submission::JudgeCandidates(uint32_t position, size_t count, PlainJudge& plain) {
  size_t begin = 0;  // of the good ones that the batch does not have yet
  for (size_t i = 0; i < count; ++i, ++position) {
    const bool good = JudgeCandidate(plain, i);
    if (!good || candidates_[i].plain != candidates_[begin].plain) [[unlikely]] {
      AppendCandidates(begin, i, plain);
      begin = i;
    }
    if (good) [[likely]] {
      positions_.push_back(position);
    } else {
      Refuse(position, judged_[i], std::move(candidates_[i].rejection));
      begin = i + 1;
    }
  }
  AppendCandidates(begin, count, plain);
}

bool Submission::JudgeCandidate(PlainJudge& plain, size_t i) {
  Candidate& candidate = candidates_[i];
  const auto row = static_cast<uint32_t>(positions_.size());
  if (candidate.plain) {
    const PlainEvent& event = plain_events_[i];
    if (plain.Admits(event) &&
        (ledger::Absent(event.consumer_id) ||
         pseudonymiser_.Add(row, *plain.consumer_scheme(event), event.consumer_id, &arena_,
                            &candidate.rejection))) [[likely]] {
      return true;
    }
    ReadAsUsual(i);
  }
  return candidate.good &&
         JudgeRow(candidate.codes, candidate.extras, row, &judged_[i], &candidate.rejection);
}

void Submission::AppendCandidates(size_t begin, size_t end, PlainJudge& plain) {
  if (begin == end) return;
  if (candidates_[begin].plain) {
    plain.AppendTo(std::span(plain_events_).subspan(begin, end - begin), &batch_.rows);
  } else {
    batch_.rows.Append(std::span<const ledger::EventRecord>(judged_).subspan(begin, end - begin));
  }
}

void Submission::JudgeColumns() {
  ReferenceValidator::Codes codes;
  ledger::EventRecord record;
  const bool clean = clean_columns_.Read(columns_, column_codes_, validator_.get());
  for (uint32_t position = 0; position < columns_.size(); ++position) {
    if (position + kAhead < columns_.size()) {
      column_codes_.Prefetch(columns_, position + kAhead, *open_codes_);
    }
    Rejection rejection;
    if (clean && clean_columns_.Takes(position) && AddConsumer(position, &rejection)) [[likely]] {
      positions_.push_back(position);
      continue;
    }
    record = {};
    extras_.Clear();
    column_codes_.CodesOf(columns_, position, &codes);
    if (columns_.ReadEvent(position, &record, &extras_, &rejection) &&
        CheckShape(extras_, &record, &arena_, &rejection) &&
        JudgeRow(codes, extras_, static_cast<uint32_t>(positions_.size()), &record, &rejection)) {
      positions_.push_back(position);
    } else {
      Refuse(position, record, std::move(rejection));
    }
  }
  columns_.FillRows(positions_, kPseudonymEpoch, &batch_.rows);
}

bool Submission::AddConsumer(uint32_t position, Rejection* rejection) {
  const TextColumn& ids = columns_.texts(EventColumns::kConsumerId);
  if (ids.empty() || ledger::Absent(ids.text(position))) return true;
  const uint32_t scheme = columns_.codes(CodeField::kConsumerScheme).number(position);
  return pseudonymiser_.Add(static_cast<uint32_t>(positions_.size()),
                            *column_codes_.consumer_scheme(scheme), ids.text(position), &arena_,
                            rejection);
}

bool Submission::JudgeRow(const ReferenceValidator::Codes& codes, const EventExtras& extras,
                          uint32_t row, ledger::EventRecord* record, Rejection* rejection) {
  if (!validator_->Check(extras, *record, codes, rejection)) return false;
  if (codes.consumer_scheme == nullptr) return true;
  record->pseudonym_epoch = kPseudonymEpoch;
  return ledger::Absent(extras.consumer_id) ||
         pseudonymiser_.Add(row, *codes.consumer_scheme, extras.consumer_id, &arena_, rejection);
}

void Submission::Refuse(uint32_t position, const ledger::EventRecord& record, Rejection rejection) {
  rejected_.push_back({.position = position,
                       .rejection = std::move(rejection),
                       .source = record.source,
                       .event_time_us = record.event_time_us});
}

void Submission::ReadEvents(std::span<const uint32_t> positions, size_t most_bytes,
                            absl::FunctionRef<void(size_t i, std::string event)> take) const {
  EventCursor cursor(request_);
  std::string_view event;
  uint32_t next = 0;
  size_t bytes = 0;
  for (size_t i = 0; i < positions.size(); ++i) {
    if (columns_.size() > 0) {
      std::string made = bytes < most_bytes ? columns_.EventBytes(positions[i])
                                            : columns_.SourceBytes(positions[i]);
      bytes += made.size();
      take(i, std::move(made));
      continue;
    }
    while (next <= positions[i] && cursor.Next(&event)) ++next;
    take(i, std::string(event));
  }
}

void Submission::Clear() {
  batch_.Clear();
  positions_.clear();
  rejected_.clear();
  arena_.Clear();
  pseudonymiser_.Clear();
  columns_.Clear();
  request_ = {};
}

}  // namespace tidemark::ingest
