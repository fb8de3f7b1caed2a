#include "common/rpc/raw_stream.h"

#include <grpcpp/server_context.h>

#include <exception>
#include <vector>

#include "common/log/log.h"
#include "common/rpc/call_start.h"
#include "common/rpc/fault_log.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"

namespace tidemark::rpc {
namespace {

// One open stream. State machine; every arrow is taken under the mutex, gRPC and the source are
// called outside it, by whoever took the arrow:
//
//   pulling  -- message ------------------> writing     StartWrite
//   pulling  -- idle, no wake since ------> idle
//   writing  -- written ------------------> pulling     post Pull
//   idle     -- Wake ---------------------> pulling     post Pull
//   pulling, after the pull: end, error, cancelled, closing  --> finished   Finish
//   writing, after the write: failed, cancelled, closing     --> finished   Finish
//   idle: cancelled, closing                                 --> finished   Finish
class Stream final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                     public StreamWaker,
                     public StreamRegistry::Member,
                     public std::enable_shared_from_this<Stream> {
 public:
  Stream(const grpc::ByteBuffer* request, const MethodOptions& options, StreamOpener opener)
      : request_(request), options_(options), opener_(std::move(opener)) {}

  void Start(const grpc::CallbackServerContext& context) {
    self_ = shared_from_this();
    absl::Status status = internal::StartCall(context, *request_, options_, &call_);
    if (status.ok() && options_.streams != nullptr) status = options_.streams->Add(self_);
    if (!status.ok()) return End(status);
    Post([](Stream& stream) { stream.Open(); });
  }

  void Wake() override {
    {
      base::MutexLock lock(mutex_);
      wake_ = true;
      if (state_ != State::kIdle) return;
      state_ = State::kPulling;
    }
    Post([](Stream& stream) { stream.Pull(); });
  }

  void Close(const absl::Status& status) override {
    {
      base::MutexLock lock(mutex_);
      closing_ = status;
      if (state_ != State::kIdle) return;
      state_ = State::kFinished;
    }
    Finish(status::ToGrpcStatus(status));
  }

  void OnWriteDone(bool ok) override {
    absl::Status stop = ok ? absl::OkStatus() : absl::CancelledError("the caller hung up");
    {
      base::MutexLock lock(mutex_);
      if (stop.ok()) stop = StopReason();
      state_ = stop.ok() ? State::kPulling : State::kFinished;
    }
    if (!stop.ok()) return Finish(status::ToGrpcStatus(stop));
    message_.Clear();
    Post([](Stream& stream) { stream.Pull(); });
  }

  void OnCancel() override {
    absl::Status stop;
    {
      base::MutexLock lock(mutex_);
      call_.MarkCancelled();
      if (state_ != State::kIdle) return;
      stop = StopReason();
      state_ = State::kFinished;
    }
    Finish(status::ToGrpcStatus(stop));
  }

  void OnDone() override {
    if (options_.streams != nullptr) options_.streams->Remove(self_);
    { base::MutexLock lock(mutex_); }
    source_.reset();
    // Wakers and tasks may hold the stream a little longer.
    const std::shared_ptr<Stream> last = std::move(self_);
  }

 private:
  enum class State { kPulling, kWriting, kIdle, kFinished };

  absl::Status StopReason() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (call_.cancelled()) return absl::CancelledError("the caller hung up");
    return closing_;
  }

  // In state pulling.
  void Post(void (*step)(Stream&)) {
    const bool posted = options_.executor->TryPost([stream = shared_from_this(), step] {
      try {
        step(*stream);
      } catch (const std::exception& e) {
        log::Error("stream threw", {{"method", stream->options_.name}, {"what", e.what()}});
        stream->End(absl::InternalError("the server failed to make the next message"));
      }
    });
    if (!posted) End(internal::Overloaded(options_));
  }

  void Open() {
    absl::Status status = internal::CheckAlive(options_, call_);
    if (status.ok()) {
      auto source = opener_(call_, *request_, shared_from_this());
      opener_ = nullptr;
      if (source.ok()) {
        source_ = *std::move(source);
        return Pull();
      }
      status = source.status();
    }
    End(status);
  }

  void Pull() {
    while (true) {
      absl::Status stop;
      {
        base::MutexLock lock(mutex_);
        wake_ = false;
        stop = StopReason();
      }
      if (!stop.ok()) return End(stop);
      const absl::StatusOr<Pulled> pulled = source_->Next(&message_);
      if (!pulled.ok()) return End(pulled.status());
      if (*pulled == Pulled::kEnd) return End(absl::OkStatus());
      if (*pulled == Pulled::kMessage) return Write();
      base::MutexLock lock(mutex_);
      if (!wake_ && StopReason().ok()) {
        state_ = State::kIdle;
        return;
      }
    }
  }

  void Write() {
    {
      base::MutexLock lock(mutex_);
      state_ = State::kWriting;
    }
    // gRPC aborts the process when it is given a buffer that was never filled.
    if (!message_.Valid()) message_ = grpc::ByteBuffer(nullptr, 0);
    StartWrite(&message_);
  }

  // In state pulling.
  void End(const absl::Status& status) {
    internal::LogFault(options_, call_, status);
    {
      base::MutexLock lock(mutex_);
      state_ = State::kFinished;
    }
    Finish(status::ToGrpcStatus(status));
  }

  const grpc::ByteBuffer* const request_;
  const MethodOptions& options_;
  StreamOpener opener_;
  CallContext call_;
  std::unique_ptr<StreamSource> source_;
  grpc::ByteBuffer message_;
  // gRPC's reference, dropped in OnDone.
  std::shared_ptr<Stream> self_;

  base::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kPulling;
  bool wake_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status closing_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

void StreamRegistry::CloseAll(const absl::Status& status) {
  std::vector<std::shared_ptr<Member>> members;
  {
    base::MutexLock lock(mutex_);
    closed_ = status;
    members.assign(members_.begin(), members_.end());
  }
  for (const auto& member : members) member->Close(status);
}

size_t StreamRegistry::open() const {
  base::MutexLock lock(mutex_);
  return members_.size();
}

absl::Status StreamRegistry::Add(std::shared_ptr<Member> member) {
  base::MutexLock lock(mutex_);
  TM_RETURN_IF_ERROR(closed_);
  members_.insert(std::move(member));
  return absl::OkStatus();
}

void StreamRegistry::Remove(const std::shared_ptr<Member>& member) {
  base::MutexLock lock(mutex_);
  members_.erase(member);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* HandleRawStream(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* request,
                                                            const MethodOptions& options,
                                                            StreamOpener opener) {
  const auto stream = std::make_shared<Stream>(request, options, std::move(opener));
  stream->Start(*context);
  return stream.get();
}

}  // namespace tidemark::rpc
