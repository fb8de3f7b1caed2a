#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/alarm.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/submit/batch_transport.h"
#include "clients/cpp/submit/byte_buffers.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "google/rpc/status.pb.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::submit {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;
using Request = ingest::v1::StreamEventsRequest;
using Response = ingest::v1::StreamEventsResponse;

constexpr char kMethod[] = "/tidemark.ingest.v1.IngestService/StreamEvents";

constexpr uint32_t BytesTag(int field) {
  return static_cast<uint32_t>(field) << 3 | WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
}
constexpr uint32_t VarintTag(int field) {
  return static_cast<uint32_t>(field) << 3 | WireFormatLite::WIRETYPE_VARINT;
}

// A StreamEventsRequest around a batch that is serialized already.
grpc::ByteBuffer WrapBatch(uint64_t sequence, const std::shared_ptr<std::string>& batch) {
  uint8_t bytes[32];
  uint8_t* end =
      CodedOutputStream::WriteTagToArray(VarintTag(Request::kSequenceFieldNumber), bytes);
  end = CodedOutputStream::WriteVarint64ToArray(sequence, end);
  end = CodedOutputStream::WriteTagToArray(BytesTag(Request::kBatchFieldNumber), end);
  end = CodedOutputStream::WriteVarint64ToArray(batch->size(), end);
  const grpc::Slice slices[] = {grpc::Slice(bytes, end - bytes), ShareBytes(batch)};
  return grpc::ByteBuffer(slices, 2);
}

struct StreamAnswer {
  uint64_t sequence = 0;
  absl::Status status;
  std::string response;
};

// Leaves the response serialized. False: the bytes are no StreamEventsResponse.
bool ReadAnswer(const std::string& bytes, StreamAnswer* answer) {
  CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  std::string part;
  google::rpc::Status error;
  while (const uint32_t tag = in.ReadTag()) {
    if (tag == VarintTag(Response::kSequenceFieldNumber)) {
      if (!in.ReadVarint64(&answer->sequence)) return false;
    } else if (tag == BytesTag(Response::kResponseFieldNumber)) {
      if (!WireFormatLite::ReadBytes(&in, &answer->response)) return false;
    } else if (tag == BytesTag(Response::kErrorFieldNumber)) {
      if (!WireFormatLite::ReadBytes(&in, &part) || !error.ParseFromString(part)) return false;
      answer->status = status::FromRpcStatusProto(error);
    } else if (!WireFormatLite::SkipField(&in, tag)) {
      return false;
    }
  }
  return in.ConsumedEntireMessage();
}

// One StreamEvents call. What happens changes the members under the mutex and calls Advance(),
// where one thread at a time does what is due, so that gRPC is never called under the mutex, nor
// after the hold is given up.
class Stream final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                     public std::enable_shared_from_this<Stream> {
 public:
  struct Batch {
    std::shared_ptr<std::string> request;
    BatchTransport::Done done;
    int64_t sent_ns = 0;
  };
  // `ended` gets what was not answered.
  using Ended = absl::AnyInvocable<void(const Stream* stream, const absl::Status& status,
                                        std::deque<Batch> unanswered)>;

  Stream(absl::Duration timeout, Ended ended) : timeout_(timeout), ended_(std::move(ended)) {}

  void Start(grpc::GenericStub& stub, const std::string& token) {
    self_ = shared_from_this();
    rpc::PrepareCall(&context_, token, absl::InfiniteDuration());
    stub.PrepareBidiStreamingCall(&context_, kMethod, grpc::StubOptions(), this);
    // Batches are written by other threads than gRPC's.
    AddHold();
    StartRead(&read_);
    StartCall();
  }

  // False: the stream is ending; `batch` is untouched.
  bool Send(Batch& batch) {
    {
      base::MutexLock lock(mutex_);
      if (broken_) return false;
      batch.sent_ns = clock_.MonotonicNanos();
      pending_.push_back(std::move(batch));
      Watch();
    }
    Advance();
    return true;
  }
  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool) override {
    {
      base::MutexLock lock(mutex_);
      writing_ = false;
      // gRPC has it now, or the stream is broken.
      write_.Clear();
    }
    Advance();
  }
  void OnDone(const grpc::Status& grpc_status) override;

 private:
  enum class Step { kNone, kWrite, kRelease };

  Step Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Advance() ABSL_LOCKS_EXCLUDED(mutex_);
  // Sees to it that the oldest batch does not wait for its answer for ever.
  void Watch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnAlarm();
  // Why the stream ended, as those see it who still wait for answers.
  absl::Status WhyEnded(const grpc::Status& grpc_status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const absl::Duration timeout_;
  const base::SystemClock clock_;
  // Keeps the transport until the context, which shares the channel, is gone.
  Ended ended_;
  grpc::ClientContext context_;
  // gRPC's reference, dropped in OnDone.
  std::shared_ptr<Stream> self_;
  grpc::ByteBuffer read_;

  base::Mutex mutex_;
  bool advancing_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool released_ ABSL_GUARDED_BY(mutex_) = false;
  // No answer comes any more.
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  bool timed_out_ ABSL_GUARDED_BY(mutex_) = false;
  bool bad_answer_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ByteBuffer write_ ABSL_GUARDED_BY(mutex_);
  // Not answered yet, oldest first; the first `written_` of them were given to gRPC.
  std::deque<Batch> pending_ ABSL_GUARDED_BY(mutex_);
  size_t written_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of the oldest in pending_. From 1.
  uint64_t first_sequence_ ABSL_GUARDED_BY(mutex_) = 1;
  std::unique_ptr<grpc::Alarm> alarm_ ABSL_GUARDED_BY(mutex_);
  bool watching_ ABSL_GUARDED_BY(mutex_) = false;
};

Stream::Step Stream::Next() {
  if (writing_ || released_) return Step::kNone;
  if (broken_) {
    released_ = true;
    return Step::kRelease;
  }
  if (written_ == pending_.size()) return Step::kNone;
  write_ = WrapBatch(first_sequence_ + written_, pending_[written_].request);
  ++written_;
  writing_ = true;
  return Step::kWrite;
}

void Stream::Advance() {
  const std::shared_ptr<Stream> alive = shared_from_this();
  {
    base::MutexLock lock(mutex_);
    if (advancing_) return;
    advancing_ = true;
  }
  while (true) {
    grpc::ByteBuffer* message = nullptr;
    Step step;
    {
      base::MutexLock lock(mutex_);
      step = Next();
      if (step == Step::kNone) {
        advancing_ = false;
        return;
      }
      message = &write_;
    }
    if (step == Step::kWrite) {
      StartWrite(message);
    } else {
      RemoveHold();
    }
  }
}

void Stream::OnReadDone(bool ok) {
  StreamAnswer answer;
  const bool readable = ok && ReadAnswer(CopyBytes(read_), &answer);
  Batch answered;
  bool good = false;
  {
    base::MutexLock lock(mutex_);
    good = readable && written_ > 0 && answer.sequence == first_sequence_;
    if (good) {
      answered = std::move(pending_.front());
      pending_.pop_front();
      --written_;
      ++first_sequence_;
    } else {
      broken_ = true;
      bad_answer_ = ok;
    }
  }
  if (good) {
    // Its memory is used for another batch as soon as it is done.
    answered.request.reset();
    answered.done(answer.status, std::move(answer.response));
    return StartRead(&read_);
  }
  if (ok) context_.TryCancel();
  Advance();
}

void Stream::Watch() {
  if (watching_ || broken_ || pending_.empty() || timeout_ == absl::InfiniteDuration()) return;
  watching_ = true;
  const absl::Duration left =
      timeout_ - absl::Nanoseconds(clock_.MonotonicNanos() - pending_.front().sent_ns);
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(std::chrono::system_clock::now() + absl::ToChronoMicroseconds(left),
              [self = shared_from_this()](bool) { self->OnAlarm(); });
}

void Stream::OnAlarm() {
  base::MutexLock lock(mutex_);
  watching_ = false;
  if (broken_ || pending_.empty()) return;
  const int64_t waited = clock_.MonotonicNanos() - pending_.front().sent_ns;
  if (absl::Nanoseconds(waited) < timeout_) return Watch();
  timed_out_ = true;
  context_.TryCancel();
}

absl::Status Stream::WhyEnded(const grpc::Status& grpc_status) {
  if (timed_out_) {
    return absl::DeadlineExceededError(
        absl::StrCat("no answer within ", absl::FormatDuration(timeout_)));
  }
  if (bad_answer_) return absl::InternalError("the service's answer fits no batch of the stream");
  absl::Status status = status::FromGrpcStatus(grpc_status);
  // Nobody here cancels a stream whose answers are waited for but the transport, which says so.
  if (status.ok() || absl::IsCancelled(status)) {
    return absl::UnavailableError("the stream ended before its answers came");
  }
  return status;
}

void Stream::OnDone(const grpc::Status& grpc_status) {
  const std::shared_ptr<Stream> last = std::move(self_);
  absl::Status status;
  std::deque<Batch> unanswered;
  {
    base::MutexLock lock(mutex_);
    broken_ = true;
    status = WhyEnded(grpc_status);
    unanswered.swap(pending_);
    // What it would call keeps the stream.
    alarm_ = nullptr;
  }
  ended_(this, status, std::move(unanswered));
}

class StreamTransport final : public BatchTransport,
                              public std::enable_shared_from_this<StreamTransport> {
 public:
  explicit StreamTransport(const TransportOptions& options)
      : options_(options), stub_(options.channel), unary_(NewUnaryTransport(options)) {}

  void Send(const std::shared_ptr<std::string>& request, Done done) override {
    Stream::Batch batch = {.request = request, .done = std::move(done)};
    while (true) {
      std::shared_ptr<Stream> stream;
      bool cancelled = false;
      bool unary = false;
      {
        base::MutexLock lock(mutex_);
        cancelled = cancelled_;
        unary = unary_only_;
        if (!cancelled && !unary) stream = Open();
      }
      if (cancelled) return batch.done(absl::CancelledError("cancelled"), "");
      if (unary) return unary_->Send(batch.request, std::move(batch.done));
      if (stream->Send(batch)) return;
      base::MutexLock lock(mutex_);
      if (stream_ == stream) stream_ = nullptr;
    }
  }

  void Cancel() override {
    std::shared_ptr<Stream> stream;
    {
      base::MutexLock lock(mutex_);
      cancelled_ = true;
      stream = stream_;
    }
    unary_->Cancel();
    if (stream != nullptr) stream->Cancel();
  }

 private:
  std::shared_ptr<Stream> Open() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (stream_ != nullptr) return stream_;
    stream_ = std::make_shared<Stream>(
        options_.timeout, [self = shared_from_this()](const Stream* stream,
                                                      const absl::Status& status, auto unanswered) {
          self->Ended(stream, status, std::move(unanswered));
        });
    stream_->Start(stub_, options_.token);
    return stream_;
  }

  void Ended(const Stream* stream, const absl::Status& status,
             std::deque<Stream::Batch> unanswered) {
    const bool unknown = absl::IsUnimplemented(status);
    bool cancelled = false;
    {
      base::MutexLock lock(mutex_);
      // They would keep each other.
      if (stream_.get() == stream) stream_ = nullptr;
      cancelled = cancelled_;
      // An older service.
      if (unknown) unary_only_ = true;
    }
    for (Stream::Batch& batch : unanswered) {
      if (unknown && !cancelled) {
        unary_->Send(batch.request, std::move(batch.done));
      } else {
        batch.request.reset();
        batch.done(cancelled ? absl::CancelledError("cancelled") : status, "");
      }
    }
  }

  const TransportOptions options_;
  grpc::GenericStub stub_;
  const std::shared_ptr<BatchTransport> unary_;
  base::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool unary_only_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<Stream> stream_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::shared_ptr<BatchTransport> NewStreamTransport(const TransportOptions& options) {
  return std::make_shared<StreamTransport>(options);
}

}  // namespace tidemark::submit
