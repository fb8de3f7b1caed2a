#ifndef TIDEMARK_COMMON_RPC_RAW_STREAM_H_
#define TIDEMARK_COMMON_RPC_RAW_STREAM_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/rpc/call.h"
#include "common/rpc/raw_unary.h"

// Server streaming by pulling: a message is made only when the one before it has left, so a
// slow reader costs one message of memory and nothing waits on its behalf.
//
//   grpc::ServerWriteReactor<grpc::ByteBuffer>* Tail(grpc::CallbackServerContext* context,
//                                                    const grpc::ByteBuffer* request) override {
//     return rpc::HandleStream<TailRequest>(
//         context, request, tail_options_,
//         [this](const rpc::CallContext& call, const TailRequest& request,
//                std::shared_ptr<rpc::StreamWaker> waker) { return OpenTail(...); });
//   }
namespace tidemark::rpc {

enum class Pulled {
  kMessage,  // `out` holds the next message; pull again once it is written
  kIdle,     // nothing now; pull again after Wake()
  kEnd,      // the stream ends with OK
};

// Makes the messages of one stream. Called on the method's executor, by one thread at a time;
// destroyed when the stream is over.
class StreamSource {
 public:
  virtual ~StreamSource() = default;
  // An error ends the stream with it.
  virtual absl::StatusOr<Pulled> Next(grpc::ByteBuffer* out) = 0;
};

// Wakes one stream. Thread-safe, never blocks, may outlive the stream. A wake that comes while
// the stream pulls or writes is not lost: the source is asked again before the stream sleeps.
class StreamWaker {
 public:
  virtual ~StreamWaker() = default;
  virtual void Wake() = 0;
};

// The open streams of a server, so that a drain can end them: each ends with UNAVAILABLE after
// the message it is writing. Thread-safe; outlives the server.
class StreamRegistry {
 public:
  class Member {
   public:
    virtual ~Member() = default;
    virtual void Close(const absl::Status& status) = 0;
  };
  // Ends every stream, and every later one at its start.
  void CloseAll(const absl::Status& status);
  size_t open() const;

  // For streams. False, with the status of CloseAll, when no stream may start any more.
  absl::Status Add(std::shared_ptr<Member> member);
  void Remove(const std::shared_ptr<Member>& member);

 private:
  mutable base::Mutex mutex_;
  absl::flat_hash_set<std::shared_ptr<Member>> members_ ABSL_GUARDED_BY(mutex_);
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);
};

// Runs once, on the executor. `call` lives as long as the stream, `request` only during the call.
using StreamOpener = absl::AnyInvocable<absl::StatusOr<std::unique_ptr<StreamSource>>(
    const CallContext& call, const grpc::ByteBuffer& request, std::shared_ptr<StreamWaker> waker)>;

grpc::ServerWriteReactor<grpc::ByteBuffer>* HandleRawStream(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* request,
                                                            const MethodOptions& options,
                                                            StreamOpener opener);

// `opener`: StatusOr<unique_ptr<StreamSource>>(const CallContext&, const Request&,
// shared_ptr<StreamWaker>).
template <typename Request, typename Opener>
grpc::ServerWriteReactor<grpc::ByteBuffer>* HandleStream(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* request,
                                                         const MethodOptions& options,
                                                         Opener opener) {
  return HandleRawStream(
      context, request, options,
      [opener = std::move(opener)](const CallContext& call, const grpc::ByteBuffer& bytes,
                                   std::shared_ptr<StreamWaker> waker) mutable
      -> absl::StatusOr<std::unique_ptr<StreamSource>> {
        Request parsed;
        absl::Status status = ParseMessage(bytes, &parsed);
        if (!status.ok()) return status;
        return opener(call, static_cast<const Request&>(parsed), std::move(waker));
      });
}

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_RAW_STREAM_H_
