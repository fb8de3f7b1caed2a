#ifndef TIDEMARK_SERVICES_INGEST_STORE_OWNER_WATCHER_H_
#define TIDEMARK_SERVICES_INGEST_STORE_OWNER_WATCHER_H_

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "services/ingest/domain/log_store.h"
#include "tidemark/internal/v1/log_store.grpc.pb.h"

namespace grpc {
class ClientContext;
}

namespace tidemark::ingest {

// What a front knows of the log of its owner: the state that was told last, by a stream that a
// thread keeps open (LogStoreService.WatchLog) and by answers that carry it. Thread-safe.
class OwnerWatcher {
 public:
  struct Options {
    internal::v1::LogStoreService::Stub* stub = nullptr;  // not owned
    std::string token;
    // Between attempts to open the stream.
    absl::Duration retry = absl::Milliseconds(250);
    // The log was opened again since it was heard last, and may have been restored: before its
    // state is told on. Must not block.
    std::function<void()> on_reopened;
  };
  explicit OwnerWatcher(Options options) : options_(std::move(options)) {}
  ~OwnerWatcher() { Stop(); }

  // Opens the stream of that log. Once.
  void Start(std::string log_id);
  // Ends the thread. Idempotent.
  void Stop();

  // The owner told its state. Calls the listener when the log grew.
  void Heard(const internal::v1::LogState& told);
  LogState state() const;
  // OK while the owner is heard; else why not.
  absl::Status connection() const;
  // `listener` must not block.
  void SetListener(std::function<void()> listener);

 private:
  using Steady = std::chrono::steady_clock;

  void Run();
  // One stream, until it ends.
  absl::Status Watch();
  bool Silent() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  std::string log_id_;
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  LogState state_ ABSL_GUARDED_BY(mutex_);
  Steady::time_point heard_ ABSL_GUARDED_BY(mutex_);
  absl::Status last_error_ ABSL_GUARDED_BY(mutex_);
  bool silence_told_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::function<void()> listener_ ABSL_GUARDED_BY(mutex_);
  // Of the stream that is open; to end it.
  grpc::ClientContext* watching_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::thread thread_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_OWNER_WATCHER_H_
