#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/catalog/domain/canonical.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/store/request_seal.h"
#include "services/catalog/store/sqlite_catalog_store.h"
#include "services/catalog/store/sqlite_lease.h"
#include "services/catalog/store/version_hash.h"

namespace tidemark::catalog {
namespace {

int64_t Signed(uint64_t value) { return static_cast<int64_t>(value); }
uint64_t Unsigned(int64_t value) { return static_cast<uint64_t>(value); }

// The replay and the watchers read alike; column order of both.
constexpr const char* kChangesAfter =
    "SELECT v.version, v.time_us, v.principal, v.change_count, v.hash, c.name, c.kind, c.state "
    "FROM versions v CROSS JOIN changes c ON c.version = v.version "
    "WHERE v.version > ?1 AND (v.version > ?1 + 1 OR c.name > ?2) ORDER BY v.version, c.name";

// A row of kChangesAfter.
StoredChange ReadChange(const Query& query) {
  return {Unsigned(query.Int(0)),     query.Int(1),
          std::string(query.Text(2)), static_cast<ChangeKind>(query.Int(6)),
          std::string(query.Text(5)), std::string(query.Blob(7))};
}

// About what it takes in a message.
size_t BytesOf(const StoredChange& change) {
  return change.state.size() + change.name.size() + change.changed_by.size() + 32;
}

}  // namespace

absl::StatusOr<ResourcePtr> SqliteCatalogStore::Decode(std::string_view name, uint64_t version,
                                                       std::string_view state, int64_t time_us,
                                                       std::string_view principal) const {
  absl::StatusOr<Resource> decoded = DecodeState(state);
  if (!decoded.ok() || decoded->name != name) {
    return absl::DataLossError(absl::StrCat(path_, ": the state of ", name, " at version ", version,
                                            " is damaged; restore the file from a backup"));
  }
  decoded->version = version;
  decoded->update_time_us = time_us;
  decoded->updated_by = std::string(principal);
  return std::make_shared<const Resource>(*std::move(decoded));
}

absl::StatusOr<std::string> SqliteCatalogStore::HashAt(uint64_t version) const {
  if (version == 0) return Head{}.hash;
  const Lease reader(*this);
  Query query = reader->Start("SELECT hash FROM versions WHERE version = ?1");
  query.Bind(1, Signed(version));
  const bool row = query.Step();
  TM_RETURN_IF_ERROR(query.status());
  if (!row) return absl::NotFoundError(absl::StrCat(path_, ": no version ", version));
  return std::string(query.Blob(0));
}

absl::StatusOr<ResourcePtr> SqliteCatalogStore::Read(std::string_view name,
                                                     uint64_t version) const {
  const Lease reader(*this);
  Query query = reader->Start(
      "SELECT c.version, c.state, v.time_us, v.principal FROM changes c INDEXED BY changes_by_name "
      "CROSS JOIN versions v ON v.version = c.version "
      "WHERE c.name = ?1 AND c.version <= ?2 ORDER BY c.version DESC LIMIT 1");
  query.BindText(1, name).Bind(2, Signed(version));
  const bool row = query.Step();
  TM_RETURN_IF_ERROR(query.status());
  if (!row || query.IsNull(1)) return nullptr;
  return Decode(name, Unsigned(query.Int(0)), query.Blob(1), query.Int(2), query.Text(3));
}

absl::StatusOr<std::vector<ResourcePtr>> SqliteCatalogStore::List(std::string_view collection,
                                                                  uint64_t version,
                                                                  std::string_view after_name,
                                                                  size_t limit, size_t max_bytes,
                                                                  KnownState known) const {
  // '0' follows '/', so this is above every name of the collection and below those of others.
  const std::string end = absl::StrCat(collection, "0");
  const std::string start = std::max(absl::StrCat(collection, "/"), std::string(after_name));
  const Lease reader(*this);
  Query names = reader->Start(
      "SELECT name, MAX(version) FROM changes INDEXED BY changes_by_name "
      "WHERE name > ?1 AND name < ?2 AND version <= ?3 GROUP BY name ORDER BY name");
  names.BindText(1, start).BindText(2, end).Bind(3, Signed(version));
  std::vector<ResourcePtr> found;
  size_t bytes = 0;
  while (found.size() < limit && names.Step()) {
    if (ResourcePtr in_memory = known(names.Text(0), Unsigned(names.Int(1)))) {
      found.push_back(std::move(in_memory));
      continue;
    }
    Query state = reader->Start(
        "SELECT c.state, v.time_us, v.principal FROM changes c CROSS JOIN versions v "
        "ON v.version = c.version WHERE c.version = ?1 AND c.name = ?2");
    state.Bind(1, names.Int(1)).BindText(2, names.Text(0));
    const bool row = state.Step();
    TM_RETURN_IF_ERROR(state.status());
    if (!row || state.IsNull(0)) continue;
    bytes += state.Blob(0).size();
    if (!found.empty() && bytes > max_bytes) break;
    TM_ASSIGN_OR_RETURN(ResourcePtr resource, Decode(names.Text(0), Unsigned(names.Int(1)),
                                                     state.Blob(0), state.Int(1), state.Text(2)));
    found.push_back(std::move(resource));
  }
  TM_RETURN_IF_ERROR(names.status());
  return found;
}

absl::StatusOr<std::vector<Change>> SqliteCatalogStore::History(std::string_view name,
                                                                uint64_t before_version,
                                                                size_t limit,
                                                                size_t max_bytes) const {
  const Lease reader(*this);
  Query query = reader->Start(
      "SELECT c.version, c.kind, c.state, v.time_us, v.principal "
      "FROM changes c INDEXED BY changes_by_name CROSS JOIN versions v ON v.version = c.version "
      "WHERE c.name = ?1 AND c.version < ?2 ORDER BY c.version DESC");
  query.BindText(1, name).Bind(2, Signed(before_version));
  std::vector<Change> found;
  size_t bytes = 0;
  // One row more than wanted is read: each row's `before` is the next row's state.
  while (found.size() <= limit && query.Step()) {
    Change change;
    change.version = Unsigned(query.Int(0));
    change.kind = static_cast<ChangeKind>(query.Int(1));
    change.time_us = query.Int(3);
    change.changed_by = std::string(query.Text(4));
    change.name = std::string(name);
    if (!query.IsNull(2)) {
      TM_ASSIGN_OR_RETURN(change.after, Decode(name, change.version, query.Blob(2), change.time_us,
                                               change.changed_by));
    }
    if (!found.empty()) found.back().before = change.after;
    bytes += query.Blob(2).size();
    if (found.size() == limit || (!found.empty() && bytes > max_bytes)) return found;
    found.push_back(std::move(change));
  }
  TM_RETURN_IF_ERROR(query.status());
  return found;
}

absl::StatusOr<ChangeBatch> SqliteCatalogStore::ChangesAfter(const HistoryPosition& after,
                                                             size_t max_bytes) const {
  const Lease reader(*this);
  Query query = reader->Start(kChangesAfter);
  query.Bind(1, Signed(after.version)).BindText(2, after.name);
  ChangeBatch batch;
  batch.end = after;
  // Of the version being read.
  VersionHash open;
  size_t bytes = 0;
  const auto finish = [&] {
    if (open.version == 0) return;
    batch.end = {open.version, ""};
    batch.hashes.push_back(std::move(open));
    open = {};
  };
  while (query.Step()) {
    const uint64_t at = Unsigned(query.Int(0));
    if (open.version != at) finish();
    if (!batch.changes.empty() && bytes >= max_bytes) {
      if (open.version == at) batch.end = {at - 1, batch.changes.back().name};
      return batch;
    }
    if (open.version != at) open = {at, std::string(query.Blob(4))};
    batch.changes.push_back(ReadChange(query));
    bytes += BytesOf(batch.changes.back());
  }
  TM_RETURN_IF_ERROR(query.status());
  finish();
  return batch;
}

absl::Status SqliteCatalogStore::Replay(absl::FunctionRef<void(Change change)> visit) const {
  const auto damaged = [&](uint64_t version) {
    return absl::DataLossError(absl::StrCat(
        path_, ": version ", version,
        " does not match its hash; the file was changed or damaged, restore it from a backup"));
  };
  const Lease reader(*this);
  Query query = reader->Start(kChangesAfter);
  query.Bind(1, 0).BindText(2, "");
  std::string hash(32, '\0');
  std::string stored_hash;
  int64_t count = 0;
  std::vector<StoredChange> changes;
  uint64_t version = 0;
  const auto finish = [&]() -> absl::Status {
    if (version == 0) return absl::OkStatus();
    hash = NextVersionHash(hash, changes);
    if (hash != stored_hash || count != Signed(changes.size())) return damaged(version);
    for (const StoredChange& stored : changes) {
      // Of a newer release; nobody can ask for it here.
      if (!ParseName(stored.name)) continue;
      Change change = {stored.version, stored.time_us, stored.changed_by, stored.kind, stored.name};
      if (!stored.state.empty()) {
        TM_ASSIGN_OR_RETURN(change.after, Decode(stored.name, stored.version, stored.state,
                                                 stored.time_us, stored.changed_by));
      }
      visit(std::move(change));
    }
    changes.clear();
    return absl::OkStatus();
  };
  while (query.Step()) {
    const uint64_t at = Unsigned(query.Int(0));
    if (at != version) {
      TM_RETURN_IF_ERROR(finish());
      if (at != version + 1) return damaged(version + 1);
      version = at;
      stored_hash = std::string(query.Blob(4));
      count = query.Int(3);
    }
    changes.push_back(ReadChange(query));
  }
  TM_RETURN_IF_ERROR(query.status());
  TM_RETURN_IF_ERROR(finish());
  return version == head().version ? absl::OkStatus() : damaged(version + 1);
}

absl::StatusOr<std::optional<RequestRecord>> SqliteCatalogStore::FindRequest(
    const RequestKey& key, int64_t not_before_us) const {
  const Lease reader(*this);
  Query query = reader->Start(
      "SELECT fingerprint, version, made_version, time_us FROM requests WHERE principal = ?1 "
      "AND method = ?2 AND request_id = ?3 AND time_us >= ?4");
  query.BindText(1, key.principal).BindText(2, key.method).BindText(3, key.request_id);
  query.Bind(4, not_before_us);
  const bool row = query.Step();
  TM_RETURN_IF_ERROR(query.status());
  if (!row) return std::nullopt;
  RequestRecord record = {key, std::string(query.Blob(0)), Unsigned(query.Int(1)),
                          query.Int(2) != 0, query.Int(3)};
  if (OpenRequest(&record)) return record;
  return absl::DataLossError(absl::StrCat(path_, ": the answer to request ", key.request_id,
                                          " is damaged; restore the file from a backup"));
}

}  // namespace tidemark::catalog
