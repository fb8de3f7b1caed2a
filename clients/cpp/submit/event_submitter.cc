#include "clients/cpp/submit/event_submitter.h"

#include <grpcpp/alarm.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <list>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cpp/submit/backoff.h"
#include "clients/cpp/submit/batch.h"
#include "clients/cpp/submit/batch_transport.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/status/status_macros.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::submit {
namespace {

// What the contract allows; left below it for the other fields of the request.
constexpr size_t kMostEvents = 100'000;
constexpr size_t kMostBytes = (size_t{32} << 20) - 1024;
constexpr absl::Duration kWaitStep = absl::Milliseconds(100);

}  // namespace

// Lives until the last callback of gRPC has run, so callbacks may outlast the EventSubmitter.
class EventSubmitter::Impl : public std::enable_shared_from_this<Impl> {
 public:
  explicit Impl(Options options)
      : options_(Checked(std::move(options))), transport_(NewTransport(options_)), random_(Seed()) {
    request_prefix_ = absl::StrFormat("%016x-", random_());
  }

  absl::Status Add(uint64_t record, std::string_view event);
  absl::Status AddColumns(std::vector<uint64_t> records, std::string_view columns);
  absl::Status Poll() { return Deliver(/*until_below=*/options_.in_flight + 1); }
  absl::Status Flush();
  absl::Status Close();
  void Cancel();
  // Whether a callback still holds the transport.
  bool callbacks_left() const { return transport_.use_count() > 1; }
  // Cancels and waits for the callbacks: the channel must not be let go by one of them.
  void Abandon() {
    Cancel();
    reporting_ = false;
    Deliver(/*until_below=*/1).IgnoreError();
  }

 private:
  // One batch on its way, from sending until its report is delivered.
  struct Flight {
    Batch batch;
    BatchReport report;
    int64_t first_failure_ns = 0;
    std::unique_ptr<grpc::Alarm> alarm;
  };

  static Options Checked(Options options) {
    options.batch_events = std::clamp<size_t>(options.batch_events, 1, kMostEvents);
    options.batch_bytes = std::clamp<size_t>(options.batch_bytes, 1, kMostBytes);
    options.in_flight = std::max(options.in_flight, 1);
    return options;
  }
  static std::shared_ptr<BatchTransport> NewTransport(const Options& options) {
    const TransportOptions transport = {
        .channel = options.channel, .token = options.token, .timeout = options.call_timeout};
    return options.transport == Transport::kStream ? NewStreamTransport(transport)
                                                   : NewUnaryTransport(transport);
  }
  static uint64_t Seed() {
    std::random_device device;
    return (uint64_t{device()} << 32) | device();
  }

  absl::Status SendCurrent();
  // Lets the lock go while the caller's functions run.
  void WhileWaiting(const absl::Status& failure) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Delivers reports and waits until fewer than `until_below` batches are undelivered.
  absl::Status Deliver(int until_below) ABSL_LOCKS_EXCLUDED(mutex_);
  void Send(Flight* flight) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnAnswer(Flight* flight, absl::Status status, std::string_view response)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether the batch will be tried again; arranges it.
  bool TryAgain(Flight* flight, const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Complete(Flight* flight, absl::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  const std::shared_ptr<BatchTransport> transport_;
  const base::SystemClock clock_;
  std::string request_prefix_;

  // Used by the submitting thread only.
  Batch current_;
  uint64_t next_request_ = 0;
  bool closed_ = false;
  bool reporting_ = true;
  // First final failure; sticky.
  absl::Status failure_;

  base::Mutex mutex_;
  base::CondVar done_changed_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  // Not OK: a failure that on_retry has not told yet.
  absl::Status last_retry_ ABSL_GUARDED_BY(mutex_);
  // Undelivered batches; elements are used by one callback at a time.
  std::list<std::unique_ptr<Flight>> flights_ ABSL_GUARDED_BY(mutex_);
  // Those of flights_ whose report is ready.
  std::deque<Flight*> done_ ABSL_GUARDED_BY(mutex_);
  std::vector<Batch> spare_ ABSL_GUARDED_BY(mutex_);
};

absl::Status EventSubmitter::Impl::Add(uint64_t record, std::string_view event) {
  if (!failure_.ok()) return failure_;
  if (closed_) return absl::FailedPreconditionError("the submitter is closed");
  if (event.size() > kMostBytes) {
    return absl::InvalidArgumentError(absl::StrCat("record ", record, ": an event of ",
                                                   event.size(), " bytes does not fit a request"));
  }
  // An event that would overflow the batch starts the next one.
  if (current_.events() > 0 && current_.bytes() + event.size() > options_.batch_bytes) {
    TM_RETURN_IF_ERROR(SendCurrent());
  }
  current_.Add(record, event);
  if (current_.events() >= options_.batch_events) return SendCurrent();
  return absl::OkStatus();
}

absl::Status EventSubmitter::Impl::AddColumns(std::vector<uint64_t> records,
                                              std::string_view columns) {
  if (!failure_.ok()) return failure_;
  if (closed_) return absl::FailedPreconditionError("the submitter is closed");
  if (records.size() > kMostEvents || columns.size() > kMostBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a batch of ", records.size(), " events in ", columns.size(),
        " bytes does not fit a request; want at most ", kMostEvents, " in ", kMostBytes));
  }
  TM_RETURN_IF_ERROR(SendCurrent());
  current_.SetColumns(std::move(records), columns);
  return SendCurrent();
}

absl::Status EventSubmitter::Impl::SendCurrent() {
  if (current_.events() == 0) return absl::OkStatus();
  TM_RETURN_IF_ERROR(Deliver(options_.in_flight));
  current_.Finish(absl::StrCat(request_prefix_, next_request_++), options_.validate_only);
  auto owned = std::make_unique<Flight>();
  Flight* flight = owned.get();
  std::swap(flight->batch, current_);
  flight->report.records = std::move(flight->batch.records());
  {
    base::MutexLock lock(mutex_);
    flights_.push_back(std::move(owned));
    if (!spare_.empty()) {
      current_ = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  current_.Reset();
  Send(flight);
  return absl::OkStatus();
}

absl::Status EventSubmitter::Impl::Deliver(int until_below) {
  while (true) {
    std::unique_ptr<Flight> flight;
    {
      base::MutexLock lock(mutex_);
      if (done_.empty() && static_cast<int>(flights_.size()) >= until_below) {
        done_changed_.WaitFor(mutex_, kWaitStep);
      }
      absl::Status failure;
      std::swap(failure, last_retry_);
      if (done_.empty()) {
        if (static_cast<int>(flights_.size()) < until_below) return failure_;
        WhileWaiting(failure);
        continue;
      }
      Flight* ready = done_.front();
      done_.pop_front();
      const auto it = std::find_if(flights_.begin(), flights_.end(),
                                   [ready](const auto& entry) { return entry.get() == ready; });
      flight = std::move(*it);
      flights_.erase(it);
    }
    if (failure_.ok() && !flight->report.status.ok()) {
      failure_ = flight->report.status;
      // The others would be tried again, to no end.
      Cancel();
    }
    if (reporting_ && options_.on_batch) options_.on_batch(flight->report);
    flight->batch.Reset();
    base::MutexLock lock(mutex_);
    if (spare_.size() < 2) spare_.push_back(std::move(flight->batch));
  }
}

void EventSubmitter::Impl::WhileWaiting(const absl::Status& failure) {
  if (!reporting_ || cancelled_) return;
  mutex_.Unlock();
  if (!failure.ok() && options_.on_retry) options_.on_retry(failure);
  if (options_.interrupted && options_.interrupted()) Cancel();
  mutex_.Lock();
}

void EventSubmitter::Impl::Send(Flight* flight) {
  {
    base::MutexLock lock(mutex_);
    if (cancelled_) return Complete(flight, absl::CancelledError("cancelled"));
    ++flight->report.attempts;
  }
  transport_->Send(flight->batch.request(),
                   [self = shared_from_this(), flight](absl::Status status, std::string response) {
                     self->OnAnswer(flight, std::move(status), response);
                   });
}

void EventSubmitter::Impl::OnAnswer(Flight* flight, absl::Status status,
                                    std::string_view response) {
  flight->report.answered_ns = clock_.MonotonicNanos();
  if (status.ok()) status = ReadVerdict(response, flight->report);
  base::MutexLock lock(mutex_);
  if (cancelled_ && !status.ok()) status = absl::CancelledError("cancelled");
  if (!status.ok() && TryAgain(flight, status)) return;
  Complete(flight, std::move(status));
}

bool EventSubmitter::Impl::TryAgain(Flight* flight, const absl::Status& status) {
  if (cancelled_ || !IsPassing(status, flight->report.attempts)) return false;
  const int64_t now = clock_.MonotonicNanos();
  if (flight->first_failure_ns == 0) flight->first_failure_ns = now;
  const absl::Duration delay = RetryDelay(status, flight->report.attempts, options_.initial_backoff,
                                          options_.max_backoff, random_());
  if (absl::Nanoseconds(now - flight->first_failure_ns) + delay > options_.give_up_after) {
    return false;
  }
  last_retry_ = status;
  flight->alarm = std::make_unique<grpc::Alarm>();
  auto self = shared_from_this();
  flight->alarm->Set(std::chrono::system_clock::now() + absl::ToChronoMicroseconds(delay),
                     [self, flight](bool) { self->Send(flight); });
  return true;
}

void EventSubmitter::Impl::Complete(Flight* flight, absl::Status status) {
  flight->report.status = std::move(status);
  done_.push_back(flight);
  done_changed_.NotifyAll();
}

absl::Status EventSubmitter::Impl::Flush() {
  if (failure_.ok()) TM_RETURN_IF_ERROR(SendCurrent());
  return Deliver(/*until_below=*/1);
}

absl::Status EventSubmitter::Impl::Close() {
  if (closed_) return failure_;
  closed_ = true;
  return Flush();
}

void EventSubmitter::Impl::Cancel() {
  {
    base::MutexLock lock(mutex_);
    cancelled_ = true;
    for (const std::unique_ptr<Flight>& flight : flights_) {
      if (flight->alarm != nullptr) flight->alarm->Cancel();
    }
  }
  transport_->Cancel();
}

EventSubmitter::EventSubmitter(Options options)
    : impl_(std::make_shared<Impl>(std::move(options))) {}

EventSubmitter::~EventSubmitter() {
  impl_->Abandon();
  // A callback whose report is delivered may still hold its share on the way out; the last to let
  // go of the channel must not be one of gRPC's own threads, which it would then wait for.
  while (impl_.use_count() > 1 || impl_->callbacks_left())
    std::this_thread::sleep_for(std::chrono::microseconds(50));
}

absl::Status EventSubmitter::Add(uint64_t record, const ingest::v1::Event& event) {
  return impl_->Add(record, event.SerializeAsString());
}
absl::Status EventSubmitter::AddSerialized(uint64_t record, std::string_view event) {
  return impl_->Add(record, event);
}
absl::Status EventSubmitter::AddColumns(std::vector<uint64_t> records, std::string_view columns) {
  return impl_->AddColumns(std::move(records), columns);
}
absl::Status EventSubmitter::Poll() { return impl_->Poll(); }
absl::Status EventSubmitter::Flush() { return impl_->Flush(); }
absl::Status EventSubmitter::Close() { return impl_->Close(); }
void EventSubmitter::Cancel() { impl_->Cancel(); }

}  // namespace tidemark::submit
