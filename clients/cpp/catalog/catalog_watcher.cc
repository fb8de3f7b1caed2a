#include "clients/cpp/catalog/catalog_watcher.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/countdown.h"
#include "common/log/log.h"
#include "common/rpc/channel_factory.h"
#include "common/rpc/stream_reader.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "tidemark/catalog/v1/catalog_service.grpc.pb.h"

namespace tidemark::catalog_client {

namespace pb = catalog::v1;

absl::StatusOr<std::unique_ptr<CatalogWatcher>> CatalogWatcher::Start(Options options) {
  if (options.channel == nullptr || options.clock == nullptr) {
    return absl::InvalidArgumentError("CatalogWatcher: channel and clock are required");
  }
  std::unique_ptr<CatalogWatcher> watcher(new CatalogWatcher(std::move(options)));
  watcher->thread_ = std::thread([raw = watcher.get()] { raw->Run(); });
  return watcher;
}

CatalogWatcher::CatalogWatcher(Options options)
    : options_(std::move(options)),
      history_(options_.history),
      last_error_(absl::UnavailableError("the catalog has not answered yet")) {}

CatalogWatcher::~CatalogWatcher() { Stop(); }

void CatalogWatcher::Stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void CatalogWatcher::Run() {
  absl::Duration backoff = options_.initial_backoff;
  bool reported = false;
  while (true) {
    const uint64_t version_before = history_.stored_version();
    const absl::Status status = Follow();
    const bool progress = history_.stored_version() != version_before;
    base::MutexLock lock(mutex_);
    if (progress || connected_) {
      backoff = options_.initial_backoff;
      reported = false;
    }
    connected_ = false;
    last_error_ = status;
    changed_.NotifyAll();
    if (stopping_) return;
    // One line per outage, not one per attempt.
    if (!reported)
      log::Warn("catalog not reachable, going on with the last view", {{"error", status}});
    reported = true;
    const base::Countdown countdown(backoff);
    while (!stopping_ && countdown.Left() > absl::ZeroDuration()) {
      changed_.WaitFor(mutex_, countdown.Left());
    }
    if (stopping_) return;
    backoff = std::min(backoff * 2, options_.max_backoff);
  }
}

absl::Status CatalogWatcher::Follow() {
  grpc::ClientContext context;
  rpc::PrepareCall(&context, options_.token, absl::InfiniteDuration());
  {
    base::MutexLock lock(mutex_);
    if (stopping_) return absl::CancelledError("catalog watcher stopped");
    context_ = &context;
  }
  pb::WatchResourcesRequest request;
  request.set_after_version(history_.stored_version());
  // What a broken stream left unfinished comes again.
  parts_.clear();
  const auto stub = pb::CatalogService::NewStub(options_.channel);
  rpc::StreamReader<pb::WatchResourcesResponse> reader;
  stub->async()->WatchResources(&context, &request, reader.reactor());
  reader.Start();
  pb::WatchResourcesResponse response;
  absl::Status taken;
  while (taken.ok() && reader.Read(&response)) taken = Take(response);
  if (!taken.ok()) context.TryCancel();
  const absl::Status finished = reader.Finish();
  base::MutexLock lock(mutex_);
  context_ = nullptr;
  if (!taken.ok()) return taken;
  // The catalog ends a watch only when it shuts down.
  return finished.ok() ? absl::UnavailableError("the catalog closed the watch") : finished;
}

absl::Status CatalogWatcher::Take(pb::WatchResourcesResponse& response) {
  for (pb::Change& change : *response.mutable_changes()) parts_.push_back(std::move(change));
  std::vector<const pb::Change*> changes;
  changes.reserve(parts_.size());
  for (const pb::Change& change : parts_) {
    if (change.version() <= response.version()) changes.push_back(&change);
  }
  const std::vector<std::string> hashes(response.version_hashes().begin(),
                                        response.version_hashes().end());
  const uint64_t before = history_.last_version();
  TM_RETURN_IF_ERROR(history_.Append(changes, response.version(), hashes, !response.up_to_date()));
  std::erase_if(parts_, [&](const auto& part) { return part.version() <= response.version(); });
  // A watch resumed on a catalog that was replaced shows here, even without changes.
  if (options_.history.verify_hashes && history_.stored_hash() != response.hash()) {
    return absl::DataLossError(absl::StrCat(
        "catalog version ", response.version(),
        ": the catalog's hash is not that of the history read so far; it was replaced or "
        "damaged; restart after checking it"));
  }
  {
    base::MutexLock lock(mutex_);
    connected_ = true;
    last_error_ = absl::OkStatus();
    last_contact_us_ = options_.clock->NowMicros();
    last_contact_nanos_ = options_.clock->MonotonicNanos();
    if (response.up_to_date()) current_once_ = true;
    changed_.NotifyAll();
  }
  const std::shared_ptr<const CatalogView> view = history_.Newest();
  if (options_.on_advance && view->version() != before) options_.on_advance(view);
  return absl::OkStatus();
}

bool CatalogWatcher::reachable() const { return last_error().ok(); }

int64_t CatalogWatcher::last_contact_us() const {
  base::MutexLock lock(mutex_);
  return last_contact_us_;
}

absl::Duration CatalogWatcher::silence() const {
  base::MutexLock lock(mutex_);
  if (last_contact_us_ == 0) return absl::InfiniteDuration();
  return absl::Nanoseconds(options_.clock->MonotonicNanos() - last_contact_nanos_);
}

absl::Status CatalogWatcher::last_error() const {
  base::MutexLock lock(mutex_);
  if (!last_error_.ok() || !connected_) return last_error_;
  const int64_t silence = options_.clock->MonotonicNanos() - last_contact_nanos_;
  if (absl::Nanoseconds(silence) <= options_.silence_limit) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("the catalog has been silent for ",
                                             absl::FormatDuration(absl::Nanoseconds(silence))));
}

template <typename Ready>
absl::Status CatalogWatcher::WaitFor(Ready ready, absl::Duration timeout, std::string_view what) {
  const base::Countdown countdown(timeout);
  base::MutexLock lock(mutex_);
  while (!ready()) {
    if (stopping_) return absl::CancelledError("catalog watcher stopped");
    const absl::Duration left = countdown.Left();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError(absl::StrCat(
          what, " not reached within ", absl::FormatDuration(timeout), " (have version ",
          history_.last_version(), last_error_.ok() ? "" : "; ", last_error_.message(), ")"));
    }
    // Infinite durations overflow the system's wait.
    changed_.WaitFor(mutex_, std::min(left, absl::Hours(24)));
  }
  return absl::OkStatus();
}

absl::Status CatalogWatcher::WaitForVersion(uint64_t version, absl::Duration timeout) {
  return WaitFor([&] { return history_.last_version() >= version; }, timeout,
                 absl::StrCat("catalog version ", version));
}

absl::Status CatalogWatcher::WaitUntilCurrent(absl::Duration timeout) {
  return WaitFor([&]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return current_once_; }, timeout,
                 "the catalog's newest version");
}

}  // namespace tidemark::catalog_client
