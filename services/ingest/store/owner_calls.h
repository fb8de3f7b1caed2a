#ifndef TIDEMARK_SERVICES_INGEST_STORE_OWNER_CALLS_H_
#define TIDEMARK_SERVICES_INGEST_STORE_OWNER_CALLS_H_

#include <grpcpp/client_context.h>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "services/ingest/store/owner_messages.h"
#include "tidemark/internal/v1/log_store.grpc.pb.h"

namespace tidemark::ingest {

// Calls of a front to the owner of its log, whose requests name the log; those that are not waited
// for are counted. Thread-safe once the log is named.
//
//   TM_ASSIGN_OR_RETURN(auto leaf, calls.Ask(&OwnerCalls::Stub::GetLeaf, std::move(request)));
class OwnerCalls {
 public:
  using Stub = internal::v1::LogStoreService::Stub;
  using AsyncStub = internal::v1::LogStoreService::StubInterface::async_interface;
  template <typename Request, typename Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);
  template <typename Request, typename Response>
  using AsyncMethod = void (AsyncStub::*)(grpc::ClientContext*, const Request*, Response*,
                                          std::function<void(grpc::Status)>);
  template <typename Response>
  using Done = absl::AnyInvocable<void(const grpc::Status& status, const Response& response)>;

  struct Options {
    Stub* stub = nullptr;  // not owned
    std::string token;
    // Longest wait for one answer.
    absl::Duration timeout;
  };
  explicit OwnerCalls(Options options) : options_(std::move(options)) {}

  // Once, before any call.
  void NameLog(std::string log_id) { log_id_ = std::move(log_id); }
  const std::string& log_id() const { return log_id_; }

  // Makes a call and waits for its answer.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(Method<Request, Response> method, Request request) const {
    grpc::ClientContext context;
    request.set_log_id(log_id_);
    rpc::PrepareCall(&context, options_.token, options_.timeout);
    Response response;
    const grpc::Status status = (options_.stub->*method)(&context, request, &response);
    if (!status.ok()) return FromOwner(status::FromGrpcStatus(status));
    return response;
  }

  // Starts a call; `done` is called once, on a thread of gRPC. False: stopping, and `done` is not
  // called.
  template <typename Request, typename Response>
  bool Start(AsyncMethod<Request, Response> method, Request request, Done<Response> done) {
    struct Pending {
      grpc::ClientContext context;
      Request request;
      Response response;
      Done<Response> done;
    };
    if (!Enter()) return false;
    auto* pending = new Pending{.request = std::move(request), .done = std::move(done)};
    pending->request.set_log_id(log_id_);
    rpc::PrepareCall(&pending->context, options_.token, options_.timeout);
    (options_.stub->async()->*method)(&pending->context, &pending->request, &pending->response,
                                      [this, pending](const grpc::Status& status) {
                                        pending->done(status, pending->response);
                                        // The context holds the channel, and Stop lets its caller
                                        // give up the others: a thread of gRPC that lets go of the
                                        // last channel would wait for itself to end.
                                        delete pending;
                                        Leave();
                                      });
    return true;
  }

  // Starts no more calls, and waits for those under way. Idempotent.
  void Stop() {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    while (under_way_ > 0) changed_.Wait(mutex_);
  }

 private:
  bool Enter() {
    base::MutexLock lock(mutex_);
    if (stopping_) return false;
    ++under_way_;
    return true;
  }
  void Leave() {
    base::MutexLock lock(mutex_);
    if (--under_way_ == 0) changed_.NotifyAll();
  }

  const Options options_;
  std::string log_id_;
  base::Mutex mutex_;
  base::CondVar changed_;
  size_t under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_OWNER_CALLS_H_
