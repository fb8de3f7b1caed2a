#ifndef TIDEMARK_COMMON_RPC_STREAM_READER_H_
#define TIDEMARK_COMMON_RPC_STREAM_READER_H_

#include <grpcpp/support/client_callback.h>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/status/grpc_status.h"

namespace tidemark::rpc {

// Reads a stream of answers on a thread that waits for each.
//
// grpc::ClientReader does so too, but whoever waits inside gRPC polls every socket of the process:
// in a service it takes in the requests of callers and has to wake up the thread that serves them,
// which costs a small call a third of its time. Here the waiting is ours, and gRPC's own threads,
// which serve, poll.
//
//   StreamReader<Answer> reader;
//   stub->async()->Follow(&context, &request, reader.reactor());
//   reader.Start();
//   while (reader.Read(&answer)) ...
//   absl::Status end = reader.Finish();
//
// For one thread. `context` and `request` must outlive Finish().
template <typename Response>
class StreamReader {
 public:
  // What gRPC tells of the call; to be given to it before Start().
  grpc::ClientReadReactor<Response>* reactor() { return &reactor_; }

  void Start() {
    // Reads begin outside of gRPC's calls to the reactor.
    reactor_.AddHold();
    reactor_.StartCall();
  }

  // Waits for the next answer; false when there is none left, or the call has failed.
  bool Read(Response* response) {
    {
      base::MutexLock lock(reactor_.mutex);
      reactor_.reading = true;
    }
    reactor_.StartRead(response);
    base::MutexLock lock(reactor_.mutex);
    while (reactor_.reading) reactor_.changed.Wait(reactor_.mutex);
    return reactor_.read;
  }

  // Waits for the end of the call and says how it ended. Cancel the call first where Read() has not
  // been false yet. Must be called once after Start().
  absl::Status Finish() {
    reactor_.RemoveHold();
    base::MutexLock lock(reactor_.mutex);
    while (!reactor_.done) reactor_.changed.Wait(reactor_.mutex);
    return status::FromGrpcStatus(reactor_.status);
  }

 private:
  struct Reactor final : grpc::ClientReadReactor<Response> {
    void OnReadDone(bool ok) override {
      base::MutexLock lock(mutex);
      reading = false;
      read = ok;
      changed.NotifyOne();
    }
    void OnDone(const grpc::Status& end) override {
      base::MutexLock lock(mutex);
      status = end;
      done = true;
      changed.NotifyOne();
    }

    base::Mutex mutex;
    base::CondVar changed;
    bool reading ABSL_GUARDED_BY(mutex) = false;
    bool read ABSL_GUARDED_BY(mutex) = false;
    bool done ABSL_GUARDED_BY(mutex) = false;
    grpc::Status status ABSL_GUARDED_BY(mutex);
  };

  Reactor reactor_;
};

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_STREAM_READER_H_
