#ifndef TIDEMARK_SERVICES_INGEST_APP_CATALOG_LINK_H_
#define TIDEMARK_SERVICES_INGEST_APP_CATALOG_LINK_H_

#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/catalog/catalog_client.h"
#include "clients/cpp/catalog/catalog_watcher.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/domain/view_source.h"

namespace tidemark::ingest {

// The ingest service's side of the catalog: follows it, binds the observatory to the log before
// the first event, and marks every new view in the log. When the catalog goes away, the last
// view stays in force. A catalog that is not the one the log's events were judged by (restored
// from a backup, or another) is neither bound nor marked nor judged by. Thread-safe.
class CatalogLink final : public ViewSource {
 public:
  struct Options {
    std::shared_ptr<grpc::Channel> channel;
    // Of role service.
    std::string token;
    LogStore* log = nullptr;             // not owned
    const base::Clock* clock = nullptr;  // not owned
    // Between attempts to bind the log.
    absl::Duration retry = absl::Seconds(1);
  };

  // Does not wait for the catalog.
  static absl::StatusOr<std::unique_ptr<CatalogLink>> Start(Options options);
  ~CatalogLink() override;

  absl::StatusOr<std::shared_ptr<const catalog_client::CatalogView>> View() const override;
  bool reachable() const override;
  // The newest view, bound or not; version 0 before the first. For tokens.
  std::shared_ptr<const catalog_client::CatalogView> newest() const;
  // Whether `view`, one of this link's, continues the catalog of the log's last mark.
  // UNAVAILABLE (CATALOG_NOT_LOADED): the catalog has not been read as far as that yet.
  // FAILED_PRECONDITION: it does not go as far (CATALOG_BEHIND_LOG), or is another there
  // (CATALOG_DIVERGED).
  absl::Status CheckHistory(const catalog_client::CatalogView& view) const;
  // As CatalogWatcher::silence.
  absl::Duration silence() const;

  // Ends the threads. Idempotent.
  void Stop();

 private:
  explicit CatalogLink(Options options);
  void Advanced(const std::shared_ptr<const catalog_client::CatalogView>& view);
  void RunBinder();

  const Options options_;
  // The log's last mark when it was opened; later ones are of views that were checked.
  const CatalogStamp mark_;
  catalog_client::CatalogClient client_;
  // Set before `started_`.
  std::unique_ptr<catalog_client::CatalogWatcher> watcher_;
  base::Mutex mutex_;
  base::CondVar changed_;
  bool started_ ABSL_GUARDED_BY(mutex_) = false;
  bool wants_binding_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread binder_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_APP_CATALOG_LINK_H_
