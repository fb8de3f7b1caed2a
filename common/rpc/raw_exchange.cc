#include "common/rpc/raw_exchange.h"

#include <grpcpp/server_context.h>

#include <deque>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "common/base/mutex.h"
#include "common/log/log.h"
#include "common/rpc/call_start.h"
#include "common/rpc/exchange_message.h"
#include "common/rpc/fault_log.h"
#include "common/rpc/own_thread_gate.h"
#include "common/rpc/raw_stream.h"
#include "common/rpc/request_budget.h"
#include "common/status/grpc_status.h"

namespace tidemark::rpc {
namespace {

using Message = internal::ExchangeMessage;

// One open stream. What happens changes the members under the mutex and calls Advance(), where one
// thread at a time looks at them and gives gRPC what is due: the next read, the next answer, the
// end. So gRPC is never called under the mutex, and never again once the end is told.
class Exchange final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                       public StreamRegistry::Member,
                       public internal::ExchangeStream,
                       public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(const MethodOptions& options, const ExchangeLimits& limits, ExchangeHandler* handler)
      : options_(options), limits_(limits), handler_(*handler) {}

  void Start(const grpc::CallbackServerContext& context) {
    self_ = shared_from_this();
    bearer_ = std::string(internal::BearerToken(context));
    absl::Status status = internal::StartCall(context, grpc::ByteBuffer(), options_, &call_);
    if (status.ok() && options_.streams != nullptr) status = options_.streams->Add(self_);
    {
      base::MutexLock lock(mutex_);
      refused_ = status;
    }
    Advance();
  }

  // The server drains. A caller that has half-closed needs no telling: the end is near.
  void Close(const absl::Status& status) override {
    {
      base::MutexLock lock(mutex_);
      if (half_closed_ || !closing_.ok()) return;
      closing_ = status;
      DropWaiting();
    }
    Advance();
  }

  void OnCancel() override {
    {
      base::MutexLock lock(mutex_);
      Cancelled();
    }
    Advance();
  }
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

  absl::Duration RetryAfter() const override { return internal::RetryDelay(options_); }
  bool Recharge(Message& message, size_t bytes) override;
  void Answer(Message& message, const absl::Status& status) override;

 private:
  enum class Step { kNone, kRead, kWrite, kFinish };

  Step Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Advance() ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether messages that were not begun are left to the caller, who sends them again.
  bool Stopping() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return cancelled_ || !closing_.ok() || !refused_.ok();
  }
  absl::Status EndStatus() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (cancelled_) return absl::CancelledError("the caller hung up");
    return refused_.ok() ? closing_ : refused_;
  }
  void Cancelled() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropWaiting() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Where a message is on its way.
  enum class Place { kExecutor, kOwnThread, kElsewhere };

  // The way of a message that was read: Admit, on the executor or on gRPC's thread, then Begin when
  // the budget has room, then Work.
  void Hand();
  void Admit(Place place);
  void Begin(size_t cost, Place place);
  void Work(Message& message);
  // The message that is being admitted is answered with an error.
  void Refuse(const absl::Status& status);
  // It is under way from now on; null: the stream stops, and the message is gone.
  Message* Enqueue(size_t cost) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GiveBack(size_t bytes) {
    if (options_.budget != nullptr && bytes != 0) options_.budget->Give(bytes);
  }

  const MethodOptions& options_;
  const ExchangeLimits limits_;
  ExchangeHandler& handler_;
  // As it was at the start.
  CallContext call_;
  std::string bearer_;
  // gRPC's reference, dropped in OnDone.
  std::shared_ptr<Exchange> self_;
  // What gRPC reads into.
  grpc::ByteBuffer read_;

  base::Mutex mutex_;
  // A thread is in Advance().
  bool advancing_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  // A message was read and is not in queue_ yet: it is in read_, or `incoming_`.
  bool admitting_ ABSL_GUARDED_BY(mutex_) = false;
  // It waits for room in the budget.
  bool waiting_ ABSL_GUARDED_BY(mutex_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status closing_ ABSL_GUARDED_BY(mutex_);
  absl::Status refused_ ABSL_GUARDED_BY(mutex_);
  // Used by the one that admits.
  std::unique_ptr<Message> incoming_ ABSL_GUARDED_BY(mutex_);
  // Messages under way, in the order in which they came.
  std::deque<std::unique_ptr<Message>> queue_ ABSL_GUARDED_BY(mutex_);
  size_t unanswered_ ABSL_GUARDED_BY(mutex_) = 0;
  // What those of queue_ have taken.
  size_t held_ ABSL_GUARDED_BY(mutex_) = 0;
};

Exchange::Step Exchange::Next() {
  if (finished_) return Step::kNone;
  if (!writing_ && !cancelled_ && !queue_.empty() && queue_.front()->answered) {
    writing_ = true;
    return Step::kWrite;
  }
  if (!half_closed_ && !Stopping() && !reading_ && !admitting_ &&
      queue_.size() < limits_.messages && held_ < limits_.bytes) {
    reading_ = true;
    return Step::kRead;
  }
  if ((half_closed_ || Stopping()) && !admitting_ && !writing_ && unanswered_ == 0 &&
      (cancelled_ || queue_.empty())) {
    finished_ = true;
    return Step::kFinish;
  }
  return Step::kNone;
}

void Exchange::Advance() {
  // After the end gRPC may call OnDone before this returns.
  const std::shared_ptr<Exchange> alive = shared_from_this();
  {
    base::MutexLock lock(mutex_);
    if (advancing_) return;
    advancing_ = true;
  }
  while (true) {
    Step step;
    absl::Status end;
    grpc::ByteBuffer* answer = nullptr;
    {
      base::MutexLock lock(mutex_);
      step = Next();
      if (step == Step::kNone) {
        advancing_ = false;
        return;
      }
      if (step == Step::kWrite) answer = queue_.front()->response();
      if (step == Step::kFinish) end = EndStatus();
    }
    if (step == Step::kRead) {
      StartRead(&read_);
    } else if (step == Step::kWrite) {
      StartWrite(answer);
    } else {
      internal::LogFault(options_, call_, end);
      Finish(status::ToGrpcStatus(end));
    }
  }
}

void Exchange::OnReadDone(bool ok) {
  bool admit = false;
  {
    base::MutexLock lock(mutex_);
    reading_ = false;
    if (!ok) {
      half_closed_ = true;
    } else if (Stopping() || finished_) {
      read_.Clear();
    } else {
      admit = admitting_ = true;
    }
  }
  if (admit) Hand();
  Advance();
}

void Exchange::Hand() {
  if (options_.own_thread != nullptr && read_.Length() <= kMaxOwnThreadBytes &&
      options_.own_thread->TryEnter()) {
    Admit(Place::kOwnThread);
    return options_.own_thread->Leave();
  }
  if (options_.executor->TryPost([self = shared_from_this()] { self->Admit(Place::kExecutor); })) {
    return;
  }
  auto message = std::make_unique<Message>(this);
  absl::Status status = message->Take(&read_);
  if (status.ok()) status = internal::Overloaded(options_);
  {
    base::MutexLock lock(mutex_);
    incoming_ = std::move(message);
  }
  Refuse(status);
}

void Exchange::OnWriteDone(bool ok) {
  size_t freed = 0;
  if (ok) {
    base::MutexLock lock(mutex_);
    freed = queue_.front()->taken;
  }
  // Before its place is free: the next message must not take room beside it.
  GiveBack(freed);
  {
    base::MutexLock lock(mutex_);
    writing_ = false;
    if (ok) {
      held_ -= freed;
      queue_.pop_front();
    } else {
      Cancelled();
    }
  }
  Advance();
}

void Exchange::OnDone() {
  if (options_.streams != nullptr) options_.streams->Remove(self_);
  // Tasks and a registry that closes may hold the stream a little longer.
  const std::shared_ptr<Exchange> last = std::move(self_);
  size_t freed = 0;
  {
    base::MutexLock lock(mutex_);
    std::swap(freed, held_);
    queue_.clear();
  }
  GiveBack(freed);
}

void Exchange::Cancelled() {
  cancelled_ = true;
  for (const auto& message : queue_) message->call.MarkCancelled();
  DropWaiting();
}

void Exchange::DropWaiting() {
  if (!waiting_) return;
  waiting_ = admitting_ = false;
  incoming_.reset();
}

void Exchange::Admit(Place place) {
  auto owned = std::make_unique<Message>(this);
  Message& message = *owned;
  absl::Status readable = message.Take(&read_);
  message.call.method = options_.name;
  message.call.deadline = call_.deadline;
  message.call.traceparent = call_.traceparent;
  message.call.request_bytes = message.bytes().size();
  message.call.on_grpc_thread = place == Place::kOwnThread;
  absl::StatusOr<Caller> caller = options_.authorizer->Authorize(options_.name, bearer_);
  if (!caller.ok()) {
    {
      base::MutexLock lock(mutex_);
      refused_ = caller.status();
      admitting_ = false;
    }
    return Advance();
  }
  message.call.caller = *std::move(caller);
  if (readable.ok()) readable = internal::CheckSize(options_, message.bytes().size());
  const size_t cost = readable.ok() ? handler_.Cost(message.bytes()) : 0;
  const bool room = options_.budget == nullptr || options_.budget->TryTake(cost);
  bool wait = false;
  {
    base::MutexLock lock(mutex_);
    incoming_ = std::move(owned);
    wait = waiting_ = !room && !Stopping();
  }
  if (!readable.ok()) return Refuse(readable);
  if (room) return Begin(cost, place);
  if (!wait) return Refuse(internal::Overloaded(options_));
  // Called on any thread that gives bytes back, so it must not work there.
  const bool waits = options_.budget->TakeWhenRoom(
      cost, [self = shared_from_this(), cost] { self->Begin(cost, Place::kElsewhere); });
  if (waits) return Advance();
  Refuse(internal::Overloaded(options_));
}

Message* Exchange::Enqueue(size_t cost) {
  if (incoming_ == nullptr) return nullptr;
  admitting_ = waiting_ = false;
  if (Stopping()) {
    incoming_.reset();
    return nullptr;
  }
  incoming_->taken = cost;
  held_ += cost;
  ++unanswered_;
  return queue_.emplace_back(std::move(incoming_)).get();
}

void Exchange::Begin(size_t cost, Place place) {
  Message* message = nullptr;
  {
    base::MutexLock lock(mutex_);
    message = Enqueue(cost);
  }
  if (message == nullptr) GiveBack(cost);
  // Reads the next message while this one is worked on. On gRPC's thread that is done before long,
  // and the answer is waited for.
  if (message == nullptr || place != Place::kOwnThread) Advance();
  if (message == nullptr) return;
  if (place != Place::kElsewhere) return Work(*message);
  message->call.on_grpc_thread = false;
  if (!options_.executor->TryPost([self = shared_from_this(), message] { self->Work(*message); })) {
    Answer(*message, internal::Overloaded(options_));
  }
}

void Exchange::Work(Message& message) {
  if (message.call.cancelled()) return Answer(message, absl::CancelledError("the caller hung up"));
  try {
    handler_.Handle(message.call, message.bytes(), message.Reply());
  } catch (const std::exception& e) {
    // The reply died with the stack and has answered; the server goes on.
    log::Error("handler threw", {{"method", options_.name}, {"what", e.what()}});
  }
}

void Exchange::Refuse(const absl::Status& status) {
  Message* message = nullptr;
  {
    base::MutexLock lock(mutex_);
    message = Enqueue(0);
  }
  if (message != nullptr) return Answer(*message, status);
  Advance();
}

bool Exchange::Recharge(Message& message, size_t bytes) {
  if (options_.budget == nullptr) return true;
  const size_t before = message.taken;
  if (bytes > before && !options_.budget->TryTakeMore(before, bytes - before)) return false;
  {
    base::MutexLock lock(mutex_);
    message.taken = bytes;
    held_ += bytes;
    held_ -= before;
  }
  if (bytes < before) options_.budget->Give(before - bytes);
  return true;
}

void Exchange::Answer(Message& message, const absl::Status& status) {
  // The caller holds only the reply, and the end of the stream may come from another thread.
  const std::shared_ptr<Exchange> alive = shared_from_this();
  internal::LogFault(options_, message.call, status);
  grpc::ByteBuffer response;
  if (status.ok()) response.Swap(message.response());
  grpc::ByteBuffer answer = handler_.Wrap(message.bytes(), status, std::move(response));
  // gRPC aborts the process when it is given a buffer that was never filled.
  if (!answer.Valid()) answer = grpc::ByteBuffer(nullptr, 0);
  message.DropBytes();
  // Refused: the answer is larger than the message was; it keeps what it has.
  (void)Recharge(message, answer.Length());
  {
    base::MutexLock lock(mutex_);
    message.response()->Swap(&answer);
    message.answered = true;
    --unanswered_;
  }
  Advance();
}

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* HandleExchange(
    grpc::CallbackServerContext* context, const MethodOptions& options,
    const ExchangeLimits& limits, ExchangeHandler* handler) {
  const auto exchange = std::make_shared<Exchange>(options, limits, handler);
  exchange->Start(*context);
  return exchange.get();
}

}  // namespace tidemark::rpc
