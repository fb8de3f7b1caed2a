#ifndef TIDEMARK_CLIENTS_CPP_SUBMIT_EVENT_SUBMITTER_H_
#define TIDEMARK_CLIENTS_CPP_SUBMIT_EVENT_SUBMITTER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clients/cpp/submit/batch_report.h"

namespace grpc {
class Channel;
}  // namespace grpc
namespace tidemark::ingest::v1 {
class Event;
}  // namespace tidemark::ingest::v1

namespace tidemark::submit {

// How batches go to the service. Their verdicts are the same.
enum class Transport : uint8_t {
  kStream,  // all over one StreamEvents call, opened again when it breaks
  kUnary,   // each by a SubmitEvents call
};

// EventSubmitter: sends any number of events to IngestService in batches, several of them in
// flight, and tells what became of each.
//
//   EventSubmitter submitter({.channel = channel, .token = token,
//                             .on_batch = [](const BatchReport& report) { ... }});
//   for (...) TM_RETURN_IF_ERROR(submitter.Add(row_number, event));
//   TM_RETURN_IF_ERROR(submitter.Close());
//
// A batch that fails for a passing reason (UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED,
// RESOURCE_EXHAUSTED) is sent again with the same request id, after the server's RetryInfo or an
// exponential, jittered back-off. That is safe: what was logged comes back as a duplicate or,
// for a recent request, as the first verdict. So a stream that breaks, as every one does when its
// connection has come of age, costs its unanswered batches another attempt. Any other failure is
// final: it is reported, and from then on every call returns it.
//
// Used by one thread; only Cancel() may come from another. Reports are delivered on the using
// thread, inside Add, Poll, Flush and Close, in order of completion. Add blocks while
// `in_flight` batches are undelivered: memory stays below (in_flight + 1) x batch_bytes.
class EventSubmitter {
 public:
  struct Options {
    std::shared_ptr<grpc::Channel> channel;
    std::string token;
    Transport transport = Transport::kStream;
    // A batch is sent when it has this many events or bytes. At most 100,000 and 32 MiB.
    size_t batch_events = 20'000;
    size_t batch_bytes = size_t{4} << 20;
    int in_flight = 4;
    // Events are judged, but not logged.
    bool validate_only = false;
    // Of one attempt.
    absl::Duration call_timeout = absl::Seconds(60);
    // How long a batch is tried again after its first failure.
    absl::Duration give_up_after = absl::InfiniteDuration();
    absl::Duration initial_backoff = absl::Milliseconds(100);
    absl::Duration max_backoff = absl::Seconds(10);
    // The functions are called on the using thread, may be empty and must not call the submitter.
    std::function<void(const BatchReport& report)> on_batch;
    // While waiting: a batch failed for a passing reason and will be sent again.
    std::function<void(const absl::Status& failure)> on_retry;
    // Asked ten times a second while waiting; true: as Cancel().
    std::function<bool()> interrupted;
  };
  explicit EventSubmitter(Options options);
  // Cancels what is in flight; undelivered reports are lost.
  ~EventSubmitter();
  EventSubmitter(const EventSubmitter&) = delete;
  EventSubmitter& operator=(const EventSubmitter&) = delete;

  // `record` is the caller's own number for the event; it comes back in the reports.
  absl::Status Add(uint64_t record, const ingest::v1::Event& event);
  // `event` is a serialized tidemark.ingest.v1.Event; it is not looked at.
  absl::Status AddSerialized(uint64_t record, std::string_view event);
  // A batch of its own, sent at once: serialized tidemark.ingest.v1.EventColumns (column_batch.h)
  // of as many events as `records` has numbers.
  absl::Status AddColumns(std::vector<uint64_t> records, std::string_view columns);

  // Delivers what is there, without waiting.
  absl::Status Poll();
  // Sends the batch begun and waits until every batch is reported.
  absl::Status Flush();
  // Flush; nothing can be added afterwards. May be called again.
  absl::Status Close();
  // Gives up all batches in flight: they are reported as CANCELLED. Any thread.
  void Cancel();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace tidemark::submit

#endif  // TIDEMARK_CLIENTS_CPP_SUBMIT_EVENT_SUBMITTER_H_
