#include "clients/cpp/submit/fake_ingest_service.h"

#include "common/status/grpc_status.h"
#include "google/rpc/status.pb.h"

namespace tidemark::submit {

void FakeIngestService::set_interfere(Interfere interfere) {
  base::MutexLock lock(mutex_);
  interfere_ = std::move(interfere);
}
void FakeIngestService::set_reject(Reject reject) {
  base::MutexLock lock(mutex_);
  reject_ = std::move(reject);
}
void FakeIngestService::LoseAnswers(int calls) {
  base::MutexLock lock(mutex_);
  lost_answers_ = calls;
}
std::vector<ingest::v1::Event> FakeIngestService::log() const {
  base::MutexLock lock(mutex_);
  return log_;
}
std::vector<std::string> FakeIngestService::request_ids() const {
  base::MutexLock lock(mutex_);
  return request_ids_;
}
int FakeIngestService::calls() const {
  base::MutexLock lock(mutex_);
  return calls_;
}

void FakeIngestService::EndStreamsAfter(int batches) {
  base::MutexLock lock(mutex_);
  stream_batches_ = batches;
}
void FakeIngestService::KnowNoStreams() {
  base::MutexLock lock(mutex_);
  knows_streams_ = false;
}
void FakeIngestService::NeverAnswer() {
  base::MutexLock lock(mutex_);
  answers_ = false;
}
int FakeIngestService::streams() const {
  base::MutexLock lock(mutex_);
  return streams_;
}

absl::Status FakeIngestService::Submit(const ingest::v1::SubmitEventsRequest& request,
                                       ingest::v1::SubmitEventsResponse& response, bool& lost) {
  Interfere interfere;
  int attempt = 0;
  {
    base::MutexLock lock(mutex_);
    attempt = ++calls_;
    request_ids_.push_back(request.request_id());
    interfere = interfere_;
  }
  if (interfere) {
    absl::Status status = interfere(request, attempt);
    if (!status.ok()) return status;
  }
  base::MutexLock lock(mutex_);
  Judge(request, *response.mutable_verdict());
  lost = lost_answers_ > 0;
  if (!lost) return absl::OkStatus();
  --lost_answers_;
  return absl::UnavailableError("the answer is lost");
}

grpc::Status FakeIngestService::SubmitEvents(grpc::ServerContext*,
                                             const ingest::v1::SubmitEventsRequest* request,
                                             ingest::v1::SubmitEventsResponse* response) {
  bool lost = false;
  return status::ToGrpcStatus(Submit(*request, *response, lost));
}

grpc::Status FakeIngestService::StreamEvents(
    grpc::ServerContext*,
    grpc::ServerReaderWriter<ingest::v1::StreamEventsResponse, ingest::v1::StreamEventsRequest>*
        stream) {
  int most = 0;
  bool answers = true;
  {
    base::MutexLock lock(mutex_);
    if (!knows_streams_) return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
    ++streams_;
    most = stream_batches_;
    answers = answers_;
  }
  ingest::v1::StreamEventsRequest request;
  for (int batches = 0; stream->Read(&request); ++batches) {
    if (most != 0 && batches == most) {
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "the stream ends here");
    }
    if (!answers) continue;
    ingest::v1::StreamEventsResponse response;
    response.set_sequence(request.sequence());
    bool lost = false;
    const absl::Status status = Submit(request.batch(), *response.mutable_response(), lost);
    if (lost) return status::ToGrpcStatus(status);
    if (!status.ok()) *response.mutable_error() = status::ToRpcStatusProto(status);
    stream->Write(response);
  }
  return grpc::Status::OK;
}

void FakeIngestService::Judge(const ingest::v1::SubmitEventsRequest& request,
                              ingest::v1::BatchVerdict& verdict) {
  verdict.set_log_id("00000000000000000000000000000001");
  verdict.set_first_leaf(log_.size());
  for (int i = 0; i < request.events_size(); ++i) {
    const ingest::v1::Event& event = request.events(i);
    const absl::Status rejection = reject_ ? reject_(event) : absl::OkStatus();
    const auto found = leaves_.find({event.source(), event.id()});
    if (rejection.ok() && found == leaves_.end()) {
      if (!request.validate_only()) {
        leaves_[{event.source(), event.id()}] = log_.size();
        log_.push_back(event);
      }
      verdict.set_accepted(verdict.accepted() + 1);
      continue;
    }
    ingest::v1::Exception& exception = *verdict.add_exceptions();
    exception.set_position(i);
    if (!rejection.ok()) {
      exception.set_kind(ingest::v1::EXCEPTION_KIND_REJECTED);
      *exception.mutable_status() = status::ToRpcStatusProto(rejection);
      continue;
    }
    exception.set_leaf(found->second);
    if (log_[found->second].SerializeAsString() == event.SerializeAsString()) {
      exception.set_kind(ingest::v1::EXCEPTION_KIND_DUPLICATE);
    } else {
      exception.set_kind(ingest::v1::EXCEPTION_KIND_CONFLICT);
      *exception.mutable_status() =
          status::ToRpcStatusProto(absl::AlreadyExistsError("another event has this id"));
    }
  }
}

grpc::Status FakeIngestService::GetLogStatus(grpc::ServerContext*,
                                             const ingest::v1::GetLogStatusRequest*,
                                             ingest::v1::GetLogStatusResponse* response) {
  base::MutexLock lock(mutex_);
  response->set_log_size(log_.size());
  return grpc::Status::OK;
}

}  // namespace tidemark::submit
