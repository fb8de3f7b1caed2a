#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "clients/cpp/submit/batch_transport.h"
#include "clients/cpp/submit/byte_buffers.h"
#include "common/base/mutex.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"

namespace tidemark::submit {
namespace {

constexpr char kMethod[] = "/tidemark.ingest.v1.IngestService/SubmitEvents";

class UnaryTransport final : public BatchTransport,
                             public std::enable_shared_from_this<UnaryTransport> {
 public:
  explicit UnaryTransport(const TransportOptions& options)
      : options_(options), stub_(options.channel) {}

  void Send(const std::shared_ptr<std::string>& request, Done done) override {
    auto call = std::make_shared<Call>();
    call->done = std::move(done);
    rpc::PrepareCall(&call->context, options_.token, options_.timeout);
    const grpc::Slice slice = ShareBytes(request);
    call->request = grpc::ByteBuffer(&slice, 1);
    bool cancelled = false;
    {
      base::MutexLock lock(mutex_);
      cancelled = cancelled_;
      if (!cancelled) calls_.insert(call);
    }
    if (cancelled) return call->done(absl::CancelledError("cancelled"), "");
    stub_.UnaryCall(&call->context, kMethod, grpc::StubOptions(), &call->request, &call->response,
                    [self = shared_from_this(), call](const grpc::Status& status) {
                      self->Answered(*call, status);
                      base::MutexLock lock(self->mutex_);
                      self->calls_.erase(call);
                    });
  }

  void Cancel() override {
    base::MutexLock lock(mutex_);
    cancelled_ = true;
    for (const auto& call : calls_) call->context.TryCancel();
  }

 private:
  struct Call {
    Done done;
    grpc::ClientContext context;
    grpc::ByteBuffer request;
    grpc::ByteBuffer response;
  };

  static void Answered(Call& call, const grpc::Status& status) {
    // The batch may be sent again, or its memory be used for another, as soon as it is done.
    call.request.Clear();
    call.done(status::FromGrpcStatus(status), status.ok() ? CopyBytes(call.response) : "");
  }

  const TransportOptions options_;
  grpc::GenericStub stub_;
  base::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<std::shared_ptr<Call>> calls_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::shared_ptr<BatchTransport> NewUnaryTransport(const TransportOptions& options) {
  return std::make_shared<UnaryTransport>(options);
}

}  // namespace tidemark::submit
