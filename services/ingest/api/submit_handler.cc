#include "services/ingest/api/submit_handler.h"

#include <google/protobuf/arena.h>
#include <grpcpp/support/slice.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "clients/cpp/access/rpc_access.h"
#include "clients/cpp/ledger/record.h"
#include "services/ingest/api/judging_view.h"
#include "services/ingest/api/overload.h"
#include "services/ingest/api/refused_events.h"
#include "services/ingest/api/verdict.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

// Answers with more exceptions or receipts are made on the executor: the store's threads have
// other batches to see to.
constexpr size_t kQuickAnswer = 64;
// Memory of an event between its bytes and its verdict. A rejected one takes less, its message
// included.
constexpr size_t kEventBytes = kStoredRowBytes;
// Beside it, of an event by columns.
constexpr size_t kColumnsBytes = EventColumns::kEventBytes;

}  // namespace

struct SubmitHandler::Batch {
  // Both stay until the batch is answered.
  const rpc::Caller* caller;
  std::string_view method;
  std::string_view request;
  // One of the two answers.
  std::optional<rpc::UnaryReply> reply;
  Resubmission resubmission;
  BatchEnvelope envelope;
  std::unique_ptr<Submission> submission;
  int64_t judged_us = 0;
  std::string cache_key;  // empty: not cached
  int64_t log_opened_us = 0;
  int attempts = 0;
};

bool SubmitHandler::MayBeRetry(const Batch& batch, const AppendResult& result) {
  return !batch.cache_key.empty() &&
         (!result.status.ok() ||
          std::any_of(result.exceptions.begin(), result.exceptions.end(),
                      [](const RowException& e) { return e.outcome == Outcome::kDuplicate; }));
}

bool SubmitHandler::MaySayAgain(const Batch& batch, const AppendResult& result,
                                const VerdictCache::Shared& earlier) {
  // What could not be judged is still in a log that was not opened again.
  if (!result.status.ok()) return earlier.log_opened_us == batch.log_opened_us;
  v1::SubmitEventsResponse response;
  return response.ParseFromString(earlier.response) && StillHolds(response.verdict(), result);
}

size_t SubmitHandler::Cost(size_t request_bytes, const BatchEnvelope& envelope) {
  const bool by_columns = envelope.columns.data() != nullptr;
  return request_bytes + envelope.events * (kEventBytes + (by_columns ? kColumnsBytes : 0));
}

void SubmitHandler::Handle(const rpc::CallContext& call, std::string_view request,
                           rpc::UnaryReply reply) {
  auto batch = std::make_shared<Batch>(Batch{.caller = &call.caller,
                                             .method = call.method,
                                             .request = request,
                                             .reply = std::move(reply)});
  const absl::StatusOr<BatchEnvelope> envelope = ReadEnvelope(request);
  if (!envelope.ok()) return Fail(batch, envelope.status());
  batch->envelope = *envelope;
  if (AnswerAgain(batch)) return;
  if (!batch->reply->Recharge(Cost(request.size(), *envelope))) {
    return Fail(batch, Overloaded(batch->reply->RetryDelay()));
  }
  if (const absl::Status quota = TakeQuota(*batch); !quota.ok()) return Fail(batch, quota);
  batch->submission = options_.pool->Take();
  Judge(batch);
}

void SubmitHandler::Resubmit(Resubmission resubmission) {
  auto batch =
      std::make_shared<Batch>(Batch{.caller = resubmission.caller, .method = resubmission.method});
  batch->resubmission = std::move(resubmission);
  batch->request = batch->resubmission.request;
  const absl::StatusOr<BatchEnvelope> envelope = ReadEnvelope(batch->request);
  if (!envelope.ok()) return Fail(batch, envelope.status());
  batch->envelope = *envelope;
  batch->submission = options_.pool->Take();
  Judge(batch);
}

size_t SubmitHandler::EventMemory() { return kEventBytes; }

absl::Status SubmitHandler::TakeQuota(const Batch& batch) {
  if (options_.quotas == nullptr || batch.envelope.validate_only) return absl::OkStatus();
  const auto view = options_.views->View();
  if (!view.ok()) return view.status();
  return options_.quotas->Take(*view, batch.request, batch.envelope,
                               [&batch](std::string_view source) {
                                 return access::MayUseSource(*batch.caller, batch.method, source);
                               });
}

bool SubmitHandler::AnswerAgain(const BatchPtr& batch) {
  if (batch->envelope.request_id.empty() || batch->envelope.validate_only) return false;
  batch->cache_key = VerdictCache::KeyOf(options_.log->log_id(), batch->caller->principal,
                                         batch->envelope.request_id, batch->request);
  batch->log_opened_us = options_.log->state().opened_us;
  const std::optional<std::string> response =
      options_.verdicts->Recall(batch->cache_key, batch->log_opened_us);
  if (!response.has_value()) return false;
  Send(batch, *response);
  return true;
}

void SubmitHandler::JudgeAgain(const BatchPtr& batch) {
  AwaitNewerView(*options_.views, batch->submission->batch().stamp.version);
  Judge(batch);
}

void SubmitHandler::Judge(const BatchPtr& batch) {
  auto view = options_.views->View();
  if (!view.ok()) return AnswerRetry(batch, {.status = view.status()});
  Submission& submission = *batch->submission;
  const int64_t now_us =
      std::max(options_.clock->NowMicros(), options_.log->state().accepted_time_us);
  batch->judged_us = now_us;
  const absl::Status judged = submission.Judge(
      {.request = batch->request,
       .events = batch->envelope.events,
       .columns = batch->envelope.columns,
       .principal = batch->caller->principal,
       .view = *std::move(view),
       .reference = {.now_us = now_us,
                     .may_use_source =
                         [&batch](std::string_view source) {
                           return access::MayUseSource(*batch->caller, batch->method, source);
                         },
                     .dry_run = batch->envelope.validate_only},
       .with_receipts = batch->envelope.with_receipts});
  if (!judged.ok()) return Fail(batch, judged);
  if (submission.batch().rows.empty()) return Appended(batch, {});
  submission.batch().done = [this, batch](AppendResult result) {
    Appended(batch, std::move(result));
  };
  options_.log->Append(&submission.batch());
}

void SubmitHandler::Appended(const BatchPtr& batch, AppendResult result) {
  if (absl::IsAborted(result.status) && ++batch->attempts < kMaxJudgements) {
    return PostOrRun([this, batch] { JudgeAgain(batch); });
  }
  if (absl::IsAborted(result.status)) {
    result.status = CatalogChangesTooFast();
  }
  const size_t entries =
      result.exceptions.size() + result.leaf_hashes.size() + batch->submission->rejected().size();
  const bool quick = entries <= kQuickAnswer && !MayBeRetry(*batch, result);
  if (quick && result.status.ok()) return Answer(batch, result);
  if (quick) return Fail(batch, result.status);
  auto shared = std::make_shared<AppendResult>(std::move(result));
  PostOrRun([this, batch, shared] { AnswerRetry(batch, *shared); });
}

void SubmitHandler::AnswerRetry(const BatchPtr& batch, const AppendResult& result) {
  if (MayBeRetry(*batch, result)) {
    if (const auto known = options_.verdicts->Fetch(batch->cache_key);
        known.has_value() && MaySayAgain(*batch, result, *known)) {
      if (result.status.ok()) {
        options_.verdicts->Remember(batch->cache_key, known->response, batch->log_opened_us);
      }
      options_.pool->Return(std::move(batch->submission));
      return Send(batch, known->response);
    }
  }
  if (!result.status.ok()) return Fail(batch, result.status);
  Answer(batch, result);
}

void SubmitHandler::Answer(const BatchPtr& batch, const AppendResult& result) {
  google::protobuf::Arena arena;
  auto* response = google::protobuf::Arena::CreateMessage<v1::SubmitEventsResponse>(&arena);
  const bool final = MakeVerdict(*batch->submission, result, options_.log->log_id(), response);
  if (batch->resubmission.done) {
    batch->resubmission.done(absl::OkStatus(), batch->submission.get(), response);
    return options_.pool->Return(std::move(batch->submission));
  }
  Keep(*batch, result);
  CountRefused(*batch, result);
  options_.pool->Return(std::move(batch->submission));
  const std::string bytes = response->SerializeAsString();
  const bool remember = final && !batch->cache_key.empty();
  if (remember) {
    options_.verdicts->Remember(batch->cache_key, bytes, batch->log_opened_us);
  }
  Send(batch, bytes);
  if (!remember) return;
  // The shared cache may be slow, and this may be the store's thread. Lost when the executor is
  // full: a retry elsewhere then finds its events as duplicates.
  (void)options_.executor->TryPost(
      [this, key = batch->cache_key, bytes, opened_us = batch->log_opened_us] {
        options_.verdicts->Share(key, bytes, opened_us);
      });
}

void SubmitHandler::Keep(const Batch& batch, const AppendResult& result) {
  if (options_.quarantine == nullptr || batch.envelope.validate_only) return;
  const Submission& submission = *batch.submission;
  RejectedEvents kept;
  std::vector<uint32_t> positions;
  const auto keep = [&](size_t i, std::string event) { kept.events[i].bytes = std::move(event); };
  for (const Submission::Rejected& rejected : submission.rejected()) {
    kept.events.push_back({.position = rejected.position, .rejection = rejected.rejection});
  }
  for (const RowException& exception : result.exceptions) {
    if (exception.outcome != Outcome::kTooManyWaiting) continue;
    kept.events.push_back(
        {.position = submission.positions()[exception.row], .rejection = TooManyWaiting()});
  }
  std::sort(kept.events.begin(), kept.events.end(),
            [](const auto& a, const auto& b) { return a.position < b.position; });
  for (const RejectedEvents::Event& event : kept.events) positions.push_back(event.position);
  submission.ReadEvents(positions, QuarantineIntake::kMostBytes, keep);
  if (kept.events.empty()) return;
  kept.caller = *batch.caller;
  kept.method = batch.method;
  kept.view = submission.view();
  kept.time_us = options_.clock->NowMicros();
  options_.quarantine->Take(std::move(kept));
}

void SubmitHandler::CountRefused(const Batch& batch, const AppendResult& result) const {
  if (batch.envelope.validate_only) return;
  std::vector<RefusedCount> counts =
      CountRefusedEvents(*batch.submission, result,
                         {.view = batch.submission->view().get(),
                          .now_us = batch.judged_us,
                          .may_use_source = [&batch](std::string_view source) {
                            return access::MayUseSource(*batch.caller, batch.method, source);
                          }});
  if (!counts.empty()) options_.log->CountRefused(std::move(counts));
}

void SubmitHandler::Send(const BatchPtr& batch, const std::string& response) {
  // The rows are gone; request and answer stay until the caller has taken the answer. Refused: it
  // stays as it was.
  (void)batch->reply->Recharge(batch->request.size() + response.size());
  std::move(*batch->reply).Send(response);
}

void SubmitHandler::Fail(const BatchPtr& batch, const absl::Status& status) {
  if (batch->submission != nullptr) options_.pool->Return(std::move(batch->submission));
  if (batch->resubmission.done) return batch->resubmission.done(status, nullptr, nullptr);
  std::move(*batch->reply).Fail(status);
}

void SubmitHandler::PostOrRun(std::function<void()> task) {
  if (!options_.executor->TryPost(task)) task();
}

}  // namespace tidemark::ingest
