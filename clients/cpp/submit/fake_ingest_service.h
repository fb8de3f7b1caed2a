#ifndef TIDEMARK_CLIENTS_CPP_SUBMIT_FAKE_INGEST_SERVICE_H_
#define TIDEMARK_CLIENTS_CPP_SUBMIT_FAKE_INGEST_SERVICE_H_

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::submit {

// An IngestService in memory, for tests of clients: it takes every event once, tells duplicates
// from conflicts, and rejects what `reject` says. Thread-safe.
class FakeIngestService final : public ingest::v1::IngestService::Service {
 public:
  // Called before each batch; not OK is its answer. `attempt` counts batches from 1.
  using Interfere =
      std::function<absl::Status(const ingest::v1::SubmitEventsRequest& request, int attempt)>;
  // OK: the event is taken.
  using Reject = std::function<absl::Status(const ingest::v1::Event& event)>;

  void set_interfere(Interfere interfere);
  void set_reject(Reject reject);
  // The next `calls` batches are logged, but the answer is UNAVAILABLE; a stream ends with it.
  void LoseAnswers(int calls);
  // From now on a stream ends after each `batches` batches.
  void EndStreamsAfter(int batches);
  // As a service from before StreamEvents.
  void KnowNoStreams();
  // Keeps every batch of a stream unanswered, until the caller gives the stream up.
  void NeverAnswer();

  // Events logged, in order.
  std::vector<ingest::v1::Event> log() const;
  std::vector<std::string> request_ids() const;
  // Batches that came.
  int calls() const;
  // Streams that were opened.
  int streams() const;

  grpc::Status SubmitEvents(grpc::ServerContext* context,
                            const ingest::v1::SubmitEventsRequest* request,
                            ingest::v1::SubmitEventsResponse* response) override;
  grpc::Status StreamEvents(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<ingest::v1::StreamEventsResponse, ingest::v1::StreamEventsRequest>*
          stream) override;
  grpc::Status GetLogStatus(grpc::ServerContext* context,
                            const ingest::v1::GetLogStatusRequest* request,
                            ingest::v1::GetLogStatusResponse* response) override;

 private:
  // What SubmitEvents does.
  absl::Status Submit(const ingest::v1::SubmitEventsRequest& request,
                      ingest::v1::SubmitEventsResponse& response, bool& lost);
  void Judge(const ingest::v1::SubmitEventsRequest& request, ingest::v1::BatchVerdict& verdict)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable base::Mutex mutex_;
  Interfere interfere_ ABSL_GUARDED_BY(mutex_);
  Reject reject_ ABSL_GUARDED_BY(mutex_);
  int lost_answers_ ABSL_GUARDED_BY(mutex_) = 0;
  int streams_ ABSL_GUARDED_BY(mutex_) = 0;
  // 0: without end.
  int stream_batches_ ABSL_GUARDED_BY(mutex_) = 0;
  bool knows_streams_ ABSL_GUARDED_BY(mutex_) = true;
  bool answers_ ABSL_GUARDED_BY(mutex_) = true;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> request_ids_ ABSL_GUARDED_BY(mutex_);
  // (source, id) to leaf.
  std::map<std::pair<std::string, std::string>, size_t> leaves_ ABSL_GUARDED_BY(mutex_);
  std::vector<ingest::v1::Event> log_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::submit

#endif  // TIDEMARK_CLIENTS_CPP_SUBMIT_FAKE_INGEST_SERVICE_H_
