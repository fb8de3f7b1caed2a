#ifndef TIDEMARK_CLIENTS_CPP_SUBMIT_BATCH_TRANSPORT_H_
#define TIDEMARK_CLIENTS_CPP_SUBMIT_BATCH_TRANSPORT_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace tidemark::submit {

// Takes batches to the service and answers back. Tries nothing twice. Thread-safe.
class BatchTransport {
 public:
  // OK: `response` is a serialized SubmitEventsResponse.
  using Done = absl::AnyInvocable<void(const absl::Status& status, std::string response)>;

  virtual ~BatchTransport() = default;
  // `request` is a serialized SubmitEventsRequest and stays as it is until `done` has run. `done`
  // is called once, on this thread or one of gRPC's.
  virtual void Send(const std::shared_ptr<std::string>& request, Done done) = 0;
  // Ends what is under way, and every later batch, with CANCELLED.
  virtual void Cancel() = 0;
};

struct TransportOptions {
  std::shared_ptr<grpc::Channel> channel;
  std::string token;
  // From sending a batch to its answer; DEADLINE_EXCEEDED when it passes.
  absl::Duration timeout = absl::Seconds(60);
};

// One SubmitEvents call per batch.
std::shared_ptr<BatchTransport> NewUnaryTransport(const TransportOptions& options);
// All batches over one StreamEvents call, which is opened when it is needed. When it breaks, every
// batch that is not answered fails with its status, and the next batch opens another one. A service
// that has no StreamEvents gets the batches by SubmitEvents.
std::shared_ptr<BatchTransport> NewStreamTransport(const TransportOptions& options);

}  // namespace tidemark::submit

#endif  // TIDEMARK_CLIENTS_CPP_SUBMIT_BATCH_TRANSPORT_H_
