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
// view stays in force. Thread-safe.
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

  // Ends the threads. Idempotent.
  void Stop();

 private:
  explicit CatalogLink(Options options);
  void Advanced(const std::shared_ptr<const catalog_client::CatalogView>& view);
  void RunBinder();

  const Options options_;
  catalog_client::CatalogClient client_;
  std::unique_ptr<catalog_client::CatalogWatcher> watcher_;
  base::Mutex mutex_;
  base::CondVar changed_;
  bool wants_binding_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread binder_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_APP_CATALOG_LINK_H_
