#ifndef TIDEMARK_SERVICES_INGEST_API_SUBMIT_HANDLER_H_
#define TIDEMARK_SERVICES_INGEST_API_SUBMIT_HANDLER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/rpc/raw_unary.h"
#include "services/ingest/api/event_splitter.h"
#include "services/ingest/api/quarantine_intake.h"
#include "services/ingest/api/quota_gate.h"
#include "services/ingest/api/submission_pool.h"
#include "services/ingest/api/verdict_cache.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/domain/view_source.h"

namespace tidemark::ingest::v1 {
class SubmitEventsResponse;
}

namespace tidemark::ingest {

// SubmitEvents, and each batch of StreamEvents: bytes in, verdict out. Judging runs on the caller's
// executor thread; the answer is sent by the store's thread when there is little to say, else by
// the executor.
class SubmitHandler {
 public:
  struct Options {
    // Nothing is owned; everything outlives the handler's calls.
    LogStore* log = nullptr;
    const ViewSource* views = nullptr;
    SubmissionPool* pool = nullptr;
    VerdictCache* verdicts = nullptr;
    base::Executor* executor = nullptr;
    const base::Clock* clock = nullptr;
    // Where rejected events go; null: nowhere.
    QuarantineIntake* quarantine = nullptr;
    // Null: no quotas.
    QuotaGate* quotas = nullptr;
  };
  // Events that this service sends to itself.
  struct Resubmission {
    // Both outlive the batch.
    const rpc::Caller* caller = nullptr;
    // "/tidemark.ingest.v1.IngestService/ResubmitQuarantine", for the caller's scope.
    std::string_view method;
    // A serialized SubmitEventsRequest.
    std::string request;
    // Called once, on the executor or the store's thread: must not block. Null when the status is
    // not OK.
    std::function<void(const absl::Status& status, const Submission* submission,
                       const v1::SubmitEventsResponse* response)>
        done;
  };
  explicit SubmitHandler(Options options) : options_(options) {}

  // Memory that a batch takes until its verdict is made.
  static size_t Cost(size_t request_bytes, const BatchEnvelope& envelope);
  // The method's budget holds the request's bytes already; what the batch costs beyond is added
  // as soon as it is known.
  void Handle(const rpc::CallContext& call, std::string_view request, rpc::UnaryReply reply);
  // The same way, but without quota, cached verdicts and quarantine. The caller has seen to the
  // memory that it takes.
  void Resubmit(Resubmission resubmission);
  // Memory of one event between its bytes and its verdict, in bytes.
  static size_t EventMemory();

 private:
  struct Batch;
  using BatchPtr = std::shared_ptr<Batch>;

  // True: this process had answered it before.
  bool AnswerAgain(const BatchPtr& batch);
  // Whether the batch may have been answered before, by another process.
  static bool MayBeRetry(const Batch& batch, const AppendResult& result);
  // Whether the log still has what the batch was answered before.
  static bool MaySayAgain(const Batch& batch, const AppendResult& result,
                          const VerdictCache::Shared& earlier);
  // What looks like a retry gets the verdict that another process gave, if it is known and still
  // holds, else its own. Waits for the shared cache.
  void AnswerRetry(const BatchPtr& batch, const AppendResult& result);
  void Judge(const BatchPtr& batch);
  // After the log knew a newer view than the batch was judged by.
  void JudgeAgain(const BatchPtr& batch);
  void Appended(const BatchPtr& batch, AppendResult result);
  void Answer(const BatchPtr& batch, const AppendResult& result);
  // Takes the batch's events from the quotas of their sources.
  absl::Status TakeQuota(const Batch& batch);
  // Hands what was rejected to the quarantine.
  void Keep(const Batch& batch, const AppendResult& result);
  // For statements: what of the batch was not accepted.
  void CountRefused(const Batch& batch, const AppendResult& result) const;
  static void Send(const BatchPtr& batch, const std::string& response);
  void Fail(const BatchPtr& batch, const absl::Status& status);
  // Runs it on the executor, or here when that is full.
  void PostOrRun(std::function<void()> task);

  const Options options_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_SUBMIT_HANDLER_H_
