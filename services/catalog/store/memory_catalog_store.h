#ifndef TIDEMARK_SERVICES_CATALOG_STORE_MEMORY_CATALOG_STORE_H_
#define TIDEMARK_SERVICES_CATALOG_STORE_MEMORY_CATALOG_STORE_H_

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "services/catalog/domain/catalog_store.h"

namespace tidemark::catalog {

// Keeps everything in plain maps: the oracle of the conformance suite, and the store of tests
// that need no disk. Nothing outlives it.
class MemoryCatalogStore final : public CatalogStore {
 public:
  Head head() const override;
  absl::StatusOr<std::string> HashAt(uint64_t version) const override;
  absl::StatusOr<Head> Append(const NewVersion& version) override;
  absl::StatusOr<ResourcePtr> Read(std::string_view name, uint64_t version) const override;
  absl::StatusOr<std::vector<ResourcePtr>> List(std::string_view collection, uint64_t version,
                                                std::string_view after_name, size_t limit,
                                                size_t max_bytes, KnownState known) const override;
  using CatalogStore::List;
  absl::StatusOr<std::vector<Change>> History(std::string_view name, uint64_t before_version,
                                              size_t limit, size_t max_bytes) const override;
  absl::StatusOr<ChangeBatch> ChangesAfter(const HistoryPosition& after,
                                           size_t max_bytes) const override;
  absl::Status Replay(absl::FunctionRef<void(Change change)> visit) const override;
  absl::StatusOr<std::optional<RequestRecord>> FindRequest(const RequestKey& key,
                                                           int64_t not_before_us) const override;
  absl::Status RecordRequest(const RequestRecord& record) override;
  absl::Status PruneRequests(int64_t not_before_us) override;

 private:
  struct Version {
    Head head;
    // As it would be on disk.
    std::vector<StoredChange> changes;
  };
  // By version; `before` is filled.
  using Changes = std::map<uint64_t, Change>;
  using Key = std::tuple<std::string, std::string, std::string>;

  static const Change* AtVersion(const Changes& changes, uint64_t version);

  mutable base::Mutex mutex_;
  std::vector<Version> versions_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Changes, std::less<>> by_name_ ABSL_GUARDED_BY(mutex_);
  std::map<Key, RequestRecord> requests_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_STORE_MEMORY_CATALOG_STORE_H_
