#include "services/ingest/store/owner_watcher.h"

#include <grpcpp/client_context.h>

#include <utility>

#include "common/log/log.h"
#include "common/rpc/channel_factory.h"
#include "common/rpc/stream_reader.h"
#include "services/ingest/store/owner_messages.h"

namespace tidemark::ingest {
namespace {

// The owner tells its state every two seconds at least.
constexpr std::chrono::seconds kSilence(5);

}  // namespace

void OwnerWatcher::Start(std::string log_id) {
  log_id_ = std::move(log_id);
  thread_ = std::thread([this] { Run(); });
}

void OwnerWatcher::Stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    if (watching_ != nullptr) watching_->TryCancel();
  }
  changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

void OwnerWatcher::Run() {
  while (true) {
    const absl::Status ended = Watch();
    base::MutexLock lock(mutex_);
    last_error_ = ended;
    // A stream ends with its connection, now and then; what matters is whether there is a next.
    if (!silence_told_ && !stopping_ && Silent()) {
      silence_told_ = true;
      log::Warn("the owner of the log is not heard", {{"error", ended}});
    }
    if (!stopping_) changed_.WaitFor(mutex_, options_.retry);
    if (stopping_) return;
  }
}

absl::Status OwnerWatcher::Watch() {
  grpc::ClientContext context;
  rpc::PrepareCall(&context, options_.token, absl::InfiniteDuration());
  {
    base::MutexLock lock(mutex_);
    if (stopping_) return absl::CancelledError("stopping");
    watching_ = &context;
  }
  internal::v1::WatchLogRequest request;
  request.set_log_id(log_id_);
  rpc::StreamReader<internal::v1::WatchLogResponse> reader;
  options_.stub->async()->WatchLog(&context, &request, reader.reactor());
  reader.Start();
  internal::v1::WatchLogResponse response;
  while (reader.Read(&response)) Heard(response.state());
  const absl::Status status = reader.Finish();
  base::MutexLock lock(mutex_);
  watching_ = nullptr;
  return status.ok() ? absl::UnavailableError("the owner of the log closed the stream")
                     : FromOwner(status);
}

void OwnerWatcher::Heard(const internal::v1::LogState& told) {
  std::function<void()> call;
  {
    base::MutexLock lock(mutex_);
    heard_ = Steady::now();
    if (silence_told_) log::Info("the owner of the log is heard again");
    silence_told_ = false;
    last_error_ = absl::OkStatus();
    const bool reopened = told.opened_us() != state_.opened_us;
    // Answers overtake each other; while it is open the log only grows.
    if (!reopened && told.size() < state_.size) return;
    if (reopened && options_.on_reopened) options_.on_reopened();
    if (reopened || told.size() > state_.size) call = listener_;
    state_ = FromProto(told);
  }
  if (call) call();
}

LogState OwnerWatcher::state() const {
  base::MutexLock lock(mutex_);
  return state_;
}

bool OwnerWatcher::Silent() const { return Steady::now() - heard_ > kSilence; }

absl::Status OwnerWatcher::connection() const {
  base::MutexLock lock(mutex_);
  if (!Silent()) return absl::OkStatus();
  return last_error_.ok() ? absl::UnavailableError("the owner of the log is silent") : last_error_;
}

void OwnerWatcher::SetListener(std::function<void()> listener) {
  base::MutexLock lock(mutex_);
  listener_ = std::move(listener);
}

}  // namespace tidemark::ingest
