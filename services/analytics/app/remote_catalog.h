#ifndef TIDEMARK_SERVICES_ANALYTICS_APP_REMOTE_CATALOG_H_
#define TIDEMARK_SERVICES_ANALYTICS_APP_REMOTE_CATALOG_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/catalog/catalog_client.h"
#include "common/base/mutex.h"
#include "services/analytics/statistics/catalog_reader.h"
#include "services/analytics/statistics/grant_use_reader.h"

namespace tidemark::analytics {

// The catalog service as a CatalogReader, of which it keeps what it read, least recently used
// forgotten first; and as a GrantUseReader, of which it keeps nothing.
class RemoteCatalog final : public CatalogReader, public GrantUseReader {
 public:
  // `client` is not owned.
  explicit RemoteCatalog(catalog_client::CatalogClient* client,
                         size_t max_bytes = size_t{64} << 20);

  absl::StatusOr<std::shared_ptr<const catalog::v1::Resource>> Get(std::string_view name,
                                                                   uint64_t version) override;
  absl::StatusOr<Resources> List(std::string_view collection, std::string_view filter,
                                 uint64_t version) override;
  absl::StatusOr<Observations> ListObservations(const catalog::v1::ObservationFilter& filter,
                                                uint64_t version) override;
  absl::Status ReadUse(const catalog::v1::ListUseRequest& request, TakePage take) override;

  // Bytes of what is kept, about.
  size_t kept_bytes() const;

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const void> value;
    size_t bytes = 0;
  };

  // Null: it is not kept.
  std::shared_ptr<const void> Find(std::string_view key);
  void Keep(std::string key, std::shared_ptr<const void> value, size_t bytes);

  catalog_client::CatalogClient* const client_;
  const size_t max_bytes_;
  mutable base::Mutex mutex_;
  // Most recently used first.
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::list<Entry>::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_APP_REMOTE_CATALOG_H_
