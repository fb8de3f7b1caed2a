#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_CATALOG_STORE_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_CATALOG_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// The newest version: 0, time 0 and 32 zero bytes before the first.
struct Head {
  uint64_t version = 0;
  int64_t time_us = 0;
  // Chained over all versions: docs/formats/catalog-store.md.
  std::string hash = std::string(32, '\0');
};

// What a request id was answered with.
struct RequestKey {
  std::string principal;
  std::string method;
  std::string request_id;
};
struct RequestRecord {
  RequestKey key;
  // Of the request's content: the same id with another content is a mistake.
  std::string fingerprint;
  // The version that was answered; `made_version`: it was made by this request.
  uint64_t version = 0;
  bool made_version = false;
  int64_t time_us = 0;
};

struct NewVersion {
  uint64_t version = 0;
  int64_t time_us = 0;
  std::string principal;
  // By name, each once, none of kind kNone. `before` is not needed; version, time and principal
  // of the changes are those above.
  std::vector<Change> changes;
  std::optional<RequestRecord> request;
};

struct VersionHash {
  uint64_t version = 0;
  std::string hash;
};

// A change as it is stored: what watchers get and the chained hash is made of.
struct StoredChange {
  uint64_t version = 0;
  int64_t time_us = 0;
  std::string changed_by;
  ChangeKind kind = ChangeKind::kNone;
  std::string name;
  // Bytes of the state after, perhaps with fields of a newer release; empty for a deletion.
  std::string state;
};

// Where a reader of all changes stands: it has every version up to `version`, and of the next one
// the changes up to `name` (empty: none).
struct HistoryPosition {
  uint64_t version = 0;
  std::string name;
};

// The next changes of a reader.
struct ChangeBatch {
  // By version, then by name. The last version may go on in the next batch.
  std::vector<StoredChange> changes;
  // Of each version in `changes` that ends in this batch.
  std::vector<VersionHash> hashes;
  HistoryPosition end;
};

// Keeps every version for ever. Thread-safe; every call blocks on the disk.
//
// Errors: DATA_LOSS (what is stored is damaged), RESOURCE_EXHAUSTED (disk full; nothing was
// written), UNAVAILABLE.
class CatalogStore {
 public:
  virtual ~CatalogStore() = default;

  virtual Head head() const = 0;

  // Hash of an existing version; 32 zero bytes for 0.
  virtual absl::StatusOr<std::string> HashAt(uint64_t version) const = 0;

  // Writes the version that follows the head, all or nothing, durable when it returns OK; returns
  // the new head. FAILED_PRECONDITION: not the version after the head.
  virtual absl::StatusOr<Head> Append(const NewVersion& version) = 0;

  // Null when the resource does not exist at `version`.
  virtual absl::StatusOr<ResourcePtr> Read(std::string_view name, uint64_t version) const = 0;

  // A state that the caller has in memory, by name and the version that made it; else null.
  using KnownState = absl::FunctionRef<ResourcePtr(std::string_view name, uint64_t version)>;
  // Resources of `collection` whose names are after `after_name`, as of `version`, by name: at
  // most `limit` and, beyond the first, `max_bytes` of stored bytes. What `known` has is not read
  // and not counted as bytes.
  virtual absl::StatusOr<std::vector<ResourcePtr>> List(std::string_view collection,
                                                        uint64_t version,
                                                        std::string_view after_name, size_t limit,
                                                        size_t max_bytes,
                                                        KnownState known) const = 0;
  absl::StatusOr<std::vector<ResourcePtr>> List(std::string_view collection, uint64_t version,
                                                std::string_view after_name, size_t limit,
                                                size_t max_bytes) const {
    return List(collection, version, after_name, limit, max_bytes,
                [](std::string_view, uint64_t) -> ResourcePtr { return nullptr; });
  }

  // Changes of one resource at versions below `before_version`, newest first, with `before`.
  virtual absl::StatusOr<std::vector<Change>> History(std::string_view name,
                                                      uint64_t before_version, size_t limit,
                                                      size_t max_bytes) const = 0;

  // The changes after a position: at least one if there is any, then until `max_bytes`.
  virtual absl::StatusOr<ChangeBatch> ChangesAfter(const HistoryPosition& after,
                                                   size_t max_bytes) const = 0;

  // Every change from the first version on, checking the chained hash on the way. Collections that
  // this release does not know are hashed and passed over.
  virtual absl::Status Replay(absl::FunctionRef<void(Change change)> visit) const = 0;

  // Nothing when the id is not known or older than `not_before_us`.
  virtual absl::StatusOr<std::optional<RequestRecord>> FindRequest(const RequestKey& key,
                                                                   int64_t not_before_us) const = 0;
  // Records an answer that made no version.
  virtual absl::Status RecordRequest(const RequestRecord& record) = 0;
  // Forgets the answers older than that.
  virtual absl::Status PruneRequests(int64_t not_before_us) = 0;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_CATALOG_STORE_H_
