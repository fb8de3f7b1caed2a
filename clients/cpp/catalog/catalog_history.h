#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_CATALOG_HISTORY_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_CATALOG_HISTORY_H_

#include <array>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "clients/cpp/catalog/catalog_view.h"
#include "common/base/mutex.h"

namespace tidemark::catalog::v1 {
class Change;
}  // namespace tidemark::catalog::v1

namespace tidemark::catalog_client {

// CatalogHistory: every change of the catalog, in memory, and the views made of them.
//
//   CatalogHistory history({});
//   TM_RETURN_IF_ERROR(history.Append(changes, version, hashes));
//   TM_ASSIGN_OR_RETURN(auto view, history.ViewAt(7));
//
// Thread-safe. Does no I/O; building a view takes about 0.2 s per 100,000 resources from
// nothing and less from a view nearby. Memory: the changes' names and states and 80 each, and a
// few whole views.
class CatalogHistory {
 public:
  struct Options {
    // Views kept besides the newest.
    size_t cached_views = 4;
    // Recompute the chained hashes (version_hash.h). Off for callers that do not see tokens:
    // what is hashed is not all shown to them.
    bool verify_hashes = true;
  };
  explicit CatalogHistory(Options options);
  ~CatalogHistory();

  // Adds whole versions, as WatchResources sends them, ascending, all after stored_version(), and
  // makes `version` the newest. `hashes`: the hash after each version that occurs in `changes`,
  // ascending. `more_follow`: part of a backlog; the view of it may wait until as much again has
  // been added. INVALID_ARGUMENT: not ascending, or not as many hashes as versions. DATA_LOSS: a
  // hash does not fit the changes, or a state is no resource. After an error nothing was added.
  absl::Status Append(absl::Span<const catalog::v1::Change* const> changes, uint64_t version,
                      absl::Span<const std::string> hashes, bool more_follow = false);

  // Last version added: where to resume. Its hash.
  uint64_t stored_version() const;
  std::string stored_hash() const;

  // View at the newest version that has one; never null.
  std::shared_ptr<const CatalogView> Newest() const;
  uint64_t last_version() const { return Newest()->version(); }
  // OUT_OF_RANGE: a version after stored_version(). Concurrent callers build one at a time.
  absl::StatusOr<std::shared_ptr<const CatalogView>> ViewAt(uint64_t version);
  // Hash of the history up to `version`. OUT_OF_RANGE as above. For a version whose changes the
  // caller is not shown: that of the last one before it that was.
  absl::StatusOr<std::string> HashAt(uint64_t version) const;
  // Last version, not after `up_to`, that changed a resource of `types`; 0: none did. For cache
  // keys: equal answers mean equal resources of these types.
  uint64_t LastVersionThatChanged(EntityTypes types, uint64_t up_to) const;

 private:
  struct Entry {
    uint64_t version;
    EntityType type;
    std::string name;
    // As it was sent: an encoded tidemark.catalog.v1.Resource; empty: deleted.
    std::string state;
  };
  struct Hashed {
    uint64_t version;
    std::string hash;
  };

  struct Batch;

  void Store(Batch* batch, uint64_t version) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<const CatalogView> Cached(uint64_t version) ABSL_LOCKS_EXCLUDED(mutex_);
  std::shared_ptr<const CatalogView> Build(uint64_t version)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(build_mutex_) ABSL_LOCKS_EXCLUDED(mutex_);
  // The view to start from and the entries to add to it.
  std::vector<const Entry*> Plan(uint64_t version, std::shared_ptr<const CatalogView>* base)
      ABSL_LOCKS_EXCLUDED(mutex_);
  std::string HashAtLocked(uint64_t version) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  // Taken before mutex_, never after.
  base::Mutex build_mutex_;
  mutable base::Mutex mutex_;
  // References to entries stay valid: entries are only added.
  std::deque<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::vector<Hashed> hashes_ ABSL_GUARDED_BY(mutex_);
  std::array<std::vector<uint64_t>, kEntityTypes> versions_by_type_ ABSL_GUARDED_BY(mutex_);
  uint64_t stored_version_ ABSL_GUARDED_BY(mutex_) = 0;
  // Number of entries that newest_ covers.
  size_t shown_entries_ ABSL_GUARDED_BY(mutex_) = 0;
  std::shared_ptr<const CatalogView> newest_ ABSL_GUARDED_BY(mutex_);
  // Most recently used first.
  std::list<std::shared_ptr<const CatalogView>> cached_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_CATALOG_HISTORY_H_
