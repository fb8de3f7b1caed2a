#ifndef TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_CATALOG_STORE_H_
#define TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_CATALOG_STORE_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "common/fs/file_system.h"
#include "services/catalog/domain/catalog_store.h"
#include "services/catalog/domain/use_store.h"
#include "services/catalog/store/sqlite_connection.h"

namespace tidemark::catalog {

// One SQLite file in WAL mode with synchronous=FULL: docs/formats/catalog-store.md. Append
// returns after fsync, and what is served after opening is durable too. Readers neither wait for
// the writer nor for each other, up to `readers` at a time. The folder must be locked against other
// processes by the caller.
//
// After an error of the disk while committing, what is on disk is not known: every later Append
// says UNAVAILABLE until the store is opened anew.
class SqliteCatalogStore final : public CatalogStore, public UseStore {
 public:
  struct Options {
    std::string path;
    // Where the WAL is looked after before SQLite opens it; not owned. Null: the system's.
    fs::FileSystem* fs = nullptr;
    int readers = 4;
  };
  // DATA_LOSS, naming the file, when it is damaged; FAILED_PRECONDITION when it is not ours or
  // from a newer release.
  static absl::StatusOr<std::unique_ptr<SqliteCatalogStore>> Open(Options options);
  ~SqliteCatalogStore() override;

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

  absl::StatusOr<UseOutcome> AddUse(const UseBatch& batch) override;
  absl::StatusOr<std::optional<std::string>> GrantWithUseAfter(
      std::string_view grant) const override;
  absl::StatusOr<std::vector<UseSum>> UseOf(std::string_view grant, const UsePosition& after,
                                            int32_t last_day, size_t limit) const override;

  // OK, or what every Append says since the disk failed.
  absl::Status sealed() const;

  // The file may not grow beyond that: what a full disk does.
  absl::Status LimitPagesForTest(int pages);

 private:
  class Lease;

  explicit SqliteCatalogStore(std::string path) : path_(std::move(path)) {}
  absl::Status ReadHead();
  absl::Status WriteVersion(const NewVersion& version, std::span<const StoredChange> changes,
                            const std::string& hash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  absl::Status InsertRequest(const RequestRecord& record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  // DATA_LOSS naming file, resource and version.
  absl::StatusOr<ResourcePtr> Decode(std::string_view name, uint64_t version,
                                     std::string_view state, int64_t time_us,
                                     std::string_view principal) const;

  const std::string path_;

  // Seals the store for good, and says so in the log, when a failure leaves the disk in doubt.
  void SealIfInDoubt(const absl::Status& failure) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);

  base::Mutex writer_mutex_;
  std::unique_ptr<SqliteConnection> writer_ ABSL_GUARDED_BY(writer_mutex_);

  mutable base::Mutex head_mutex_ ABSL_ACQUIRED_AFTER(writer_mutex_);
  Head head_ ABSL_GUARDED_BY(head_mutex_);
  // Set by the writer alone; apart from its mutex, which is held over the disk.
  absl::Status sealed_ ABSL_GUARDED_BY(head_mutex_);

  mutable base::Mutex readers_mutex_;
  mutable base::CondVar reader_free_;
  mutable std::vector<std::unique_ptr<SqliteConnection>> readers_ ABSL_GUARDED_BY(readers_mutex_);
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_CATALOG_STORE_H_
