#include "services/catalog/store/sqlite_catalog_store.h"

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status_macros.h"
#include "services/catalog/domain/canonical.h"
#include "services/catalog/store/request_seal.h"
#include "services/catalog/store/sqlite_lease.h"
#include "services/catalog/store/sqlite_schema.h"
#include "services/catalog/store/sqlite_wal.h"
#include "services/catalog/store/version_hash.h"

namespace tidemark::catalog {
namespace {

int64_t Signed(uint64_t value) { return static_cast<int64_t>(value); }

std::vector<StoredChange> ToStored(const NewVersion& version) {
  std::vector<StoredChange> stored;
  stored.reserve(version.changes.size());
  for (const Change& change : version.changes) {
    stored.push_back({version.version, version.time_us, version.principal, change.kind, change.name,
                      change.after == nullptr ? "" : EncodeState(*change.after)});
  }
  return stored;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteCatalogStore>> SqliteCatalogStore::Open(Options options) {
  auto store = std::unique_ptr<SqliteCatalogStore>(new SqliteCatalogStore(options.path));
  const std::unique_ptr<fs::FileSystem> posix = fs::NewPosixFileSystem();
  TM_RETURN_IF_ERROR(RecoverWal(options.fs == nullptr ? *posix : *options.fs, options.path));
  TM_ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> writer,
                      SqliteConnection::Open(options.path));
  TM_RETURN_IF_ERROR(ConfigureConnection(*writer));
  TM_RETURN_IF_ERROR(PrepareSchema(*writer, options.path));
  {
    base::MutexLock lock(store->writer_mutex_);
    store->writer_ = std::move(writer);
  }
  for (int i = 0; i < options.readers; ++i) {
    TM_ASSIGN_OR_RETURN(auto reader, SqliteConnection::Open(options.path));
    TM_RETURN_IF_ERROR(ConfigureConnection(*reader));
    base::MutexLock lock(store->readers_mutex_);
    store->readers_.push_back(std::move(reader));
  }
  TM_RETURN_IF_ERROR(store->ReadHead());
  return store;
}

SqliteCatalogStore::~SqliteCatalogStore() = default;

absl::Status SqliteCatalogStore::ReadHead() {
  const Lease reader(*this);
  Query query =
      reader->Start("SELECT version, time_us, hash FROM versions ORDER BY version DESC LIMIT 1");
  const bool row = query.Step();
  TM_RETURN_IF_ERROR(query.status());
  base::MutexLock lock(head_mutex_);
  if (row) head_ = {static_cast<uint64_t>(query.Int(0)), query.Int(1), std::string(query.Blob(2))};
  return absl::OkStatus();
}

Head SqliteCatalogStore::head() const {
  base::MutexLock lock(head_mutex_);
  return head_;
}

absl::StatusOr<Head> SqliteCatalogStore::Append(const NewVersion& version) {
  // The lock is held over the disk on purpose: versions follow each other.
  base::MutexLock lock(writer_mutex_);
  TM_RETURN_IF_ERROR(sealed());
  const Head before = head();
  if (version.version != before.version + 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("version ", version.version, " does not follow ", before.version));
  }
  const std::vector<StoredChange> changes = ToStored(version);
  const std::string hash = NextVersionHash(before.hash, changes);
  TM_RETURN_IF_ERROR(writer_->Execute("BEGIN IMMEDIATE"));
  absl::Status status = WriteVersion(version, changes, hash);
  if (status.ok()) {
    status = writer_->Execute("COMMIT");
    SealIfInDoubt(status);
  }
  if (!status.ok()) {
    // The first error says more than what the rollback may add to it.
    writer_->Execute("ROLLBACK").IgnoreError();
    return status;
  }
  base::MutexLock head_lock(head_mutex_);
  head_ = {version.version, version.time_us, hash};
  return head_;
}

absl::Status SqliteCatalogStore::sealed() const {
  base::MutexLock lock(head_mutex_);
  return sealed_;
}

void SqliteCatalogStore::SealIfInDoubt(const absl::Status& failure) {
  if (!absl::IsDataLoss(failure)) return;
  log::Error("the catalog's disk failed while writing; changes are refused until a restart",
             {{"file", path_}, {"error", failure}});
  base::MutexLock lock(head_mutex_);
  sealed_ = absl::UnavailableError(absl::StrCat(
      "the catalog's disk failed while writing; restart the service. ", failure.message()));
}

absl::Status SqliteCatalogStore::WriteVersion(const NewVersion& version,
                                              std::span<const StoredChange> changes,
                                              const std::string& hash) {
  {
    Query query = writer_->Start(
        "INSERT INTO versions (version, time_us, principal, change_count, hash) "
        "VALUES (?1, ?2, ?3, ?4, ?5)");
    query.Bind(1, Signed(version.version)).Bind(2, version.time_us).BindText(3, version.principal);
    query.Bind(4, Signed(changes.size())).BindBlob(5, hash);
    query.Step();
    TM_RETURN_IF_ERROR(query.status());
  }
  for (const StoredChange& change : changes) {
    Query query =
        writer_->Start("INSERT INTO changes (version, name, kind, state) VALUES (?1, ?2, ?3, ?4)");
    query.Bind(1, Signed(version.version)).BindText(2, change.name);
    query.Bind(3, static_cast<int64_t>(change.kind));
    if (change.state.empty()) {
      query.BindNull(4);
    } else {
      query.BindBlob(4, change.state);
    }
    query.Step();
    TM_RETURN_IF_ERROR(query.status());
  }
  return version.request ? InsertRequest(*version.request) : absl::OkStatus();
}

absl::Status SqliteCatalogStore::InsertRequest(const RequestRecord& record) {
  Query query = writer_->Start(
      "INSERT OR REPLACE INTO requests (principal, method, request_id, fingerprint, version, "
      "made_version, time_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  query.BindText(1, record.key.principal).BindText(2, record.key.method);
  const std::string fingerprint = SealRequest(record);
  query.BindText(3, record.key.request_id).BindBlob(4, fingerprint);
  query.Bind(5, Signed(record.version)).Bind(6, int64_t{record.made_version});
  query.Bind(7, record.time_us);
  query.Step();
  return query.status();
}

absl::Status SqliteCatalogStore::RecordRequest(const RequestRecord& record) {
  base::MutexLock lock(writer_mutex_);
  TM_RETURN_IF_ERROR(sealed());
  const absl::Status status = InsertRequest(record);
  SealIfInDoubt(status);
  return status;
}

absl::Status SqliteCatalogStore::LimitPagesForTest(int pages) {
  base::MutexLock lock(writer_mutex_);
  return writer_->Execute(absl::StrCat("PRAGMA max_page_count = ", pages).c_str());
}

absl::Status SqliteCatalogStore::PruneRequests(int64_t not_before_us) {
  base::MutexLock lock(writer_mutex_);
  TM_RETURN_IF_ERROR(sealed());
  Query query = writer_->Start("DELETE FROM requests WHERE time_us < ?1");
  query.Bind(1, not_before_us).Step();
  SealIfInDoubt(query.status());
  return query.status();
}

}  // namespace tidemark::catalog
