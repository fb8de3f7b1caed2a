#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_CATALOG_WATCHER_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_CATALOG_WATCHER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/catalog/catalog_history.h"
#include "clients/cpp/catalog/catalog_view.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace tidemark::catalog::v1 {
class WatchResourcesResponse;
}  // namespace tidemark::catalog::v1

namespace tidemark::catalog_client {

// CatalogWatcher: follows the catalog on a thread of its own and keeps the newest view.
//
//   TM_ASSIGN_OR_RETURN(auto watcher, CatalogWatcher::Start({.channel = channel,
//                                                            .token = token, .clock = &clock}));
//   TM_RETURN_IF_ERROR(watcher->WaitUntilCurrent(absl::Seconds(10)));
//   std::shared_ptr<const CatalogView> view = watcher->view();
//
// After a failure it waits (back-off, doubling) and resumes after the last version it has. The
// last view stays: users go on with it and say so (`reachable`). Thread-safe. Only Start, the
// Wait functions and Stop block.
class CatalogWatcher {
 public:
  struct Options {
    std::shared_ptr<grpc::Channel> channel;
    // Bearer token; role service to see tokens as well.
    std::string token;
    // Not owned.
    const base::Clock* clock = nullptr;
    absl::Duration initial_backoff = absl::Milliseconds(100);
    absl::Duration max_backoff = absl::Seconds(5);
    // The catalog speaks every few seconds; after this silence it counts as away.
    absl::Duration silence_limit = absl::Seconds(15);
    CatalogHistory::Options history;
    // Called after view() shows a newer version, on the watcher's thread and in order, without
    // locks; must not call Stop. What it takes delays the next version.
    std::function<void(const std::shared_ptr<const CatalogView>& view)> on_advance;
  };

  // INVALID_ARGUMENT when a pointer is missing. Does not wait for the catalog.
  static absl::StatusOr<std::unique_ptr<CatalogWatcher>> Start(Options options);
  // Calls Stop().
  ~CatalogWatcher();

  // The newest view; never null; version 0 until the first answer. Cheap.
  std::shared_ptr<const CatalogView> view() const { return history_.Newest(); }
  CatalogHistory& history() { return history_; }

  // True while the stream stands and has spoken within the silence limit.
  bool reachable() const;
  // Microseconds since 1970-01-01T00:00:00Z of the last message; 0: never.
  int64_t last_contact_us() const;
  // Time since the last message, by the monotonic clock; absl::InfiniteDuration(): never.
  absl::Duration silence() const;
  // Why it is not reachable; OK while it is.
  absl::Status last_error() const;

  // Both return when the view is there. DEADLINE_EXCEEDED: not in time, with the last error in
  // the message. CANCELLED: stopped. The timeout is real time.
  absl::Status WaitForVersion(uint64_t version, absl::Duration timeout);
  // Waits for the first time that the catalog said: this is all.
  absl::Status WaitUntilCurrent(absl::Duration timeout);

  // Cancels the stream and joins the thread. May be called again.
  void Stop();

 private:
  explicit CatalogWatcher(Options options);
  void Run();
  absl::Status Follow();
  absl::Status Take(catalog::v1::WatchResourcesResponse& response);
  template <typename Ready>
  absl::Status WaitFor(Ready ready, absl::Duration timeout, std::string_view what);

  const Options options_;
  CatalogHistory history_;
  // The first parts of a version that is not complete yet. Used by the watcher's thread only.
  std::vector<catalog::v1::Change> parts_;
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  bool current_once_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t last_contact_us_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t last_contact_nanos_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status last_error_ ABSL_GUARDED_BY(mutex_);
  // The stream in progress, to cancel it.
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::thread thread_;
};

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_CATALOG_WATCHER_H_
