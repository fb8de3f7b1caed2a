#include "services/catalog/store/memory_catalog_store.h"

#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/canonical.h"
#include "services/catalog/store/version_hash.h"

namespace tidemark::catalog {

Head MemoryCatalogStore::head() const {
  base::MutexLock lock(mutex_);
  return versions_.empty() ? Head{} : versions_.back().head;
}

absl::StatusOr<std::string> MemoryCatalogStore::HashAt(uint64_t version) const {
  base::MutexLock lock(mutex_);
  if (version == 0) return Head{}.hash;
  if (version <= versions_.size()) return versions_[version - 1].head.hash;
  return absl::NotFoundError(absl::StrCat("no version ", version));
}

absl::StatusOr<Head> MemoryCatalogStore::Append(const NewVersion& version) {
  base::MutexLock lock(mutex_);
  const Head before = versions_.empty() ? Head{} : versions_.back().head;
  if (version.version != before.version + 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("version ", version.version, " does not follow ", before.version));
  }
  Version next;
  for (Change change : version.changes) {
    next.changes.push_back({version.version, version.time_us, version.principal, change.kind,
                            change.name,
                            change.after == nullptr ? "" : EncodeState(*change.after)});
    Changes& history = by_name_[change.name];
    change.before = nullptr;
    if (!history.empty()) change.before = history.rbegin()->second.after;
    history.emplace(version.version, std::move(change));
  }
  next.head = {version.version, version.time_us, NextVersionHash(before.hash, next.changes)};
  if (version.request) {
    const RequestKey& key = version.request->key;
    requests_[{key.principal, key.method, key.request_id}] = *version.request;
  }
  versions_.push_back(std::move(next));
  return versions_.back().head;
}

const Change* MemoryCatalogStore::AtVersion(const Changes& changes, uint64_t version) {
  const auto it = changes.upper_bound(version);
  return it == changes.begin() ? nullptr : &std::prev(it)->second;
}

absl::StatusOr<ResourcePtr> MemoryCatalogStore::Read(std::string_view name,
                                                     uint64_t version) const {
  base::MutexLock lock(mutex_);
  const auto it = by_name_.find(name);
  const Change* change = it == by_name_.end() ? nullptr : AtVersion(it->second, version);
  return change == nullptr ? nullptr : change->after;
}

absl::StatusOr<std::vector<ResourcePtr>> MemoryCatalogStore::List(std::string_view collection,
                                                                  uint64_t version,
                                                                  std::string_view after_name,
                                                                  size_t limit, size_t max_bytes,
                                                                  KnownState known) const {
  base::MutexLock lock(mutex_);
  const std::string prefix = absl::StrCat(collection, "/");
  std::vector<ResourcePtr> found;
  size_t bytes = 0;
  for (const auto& [name, changes] : by_name_) {
    if (!absl::StartsWith(name, prefix) || name <= after_name) continue;
    const Change* change = AtVersion(changes, version);
    if (change == nullptr || change->after == nullptr) continue;
    ResourcePtr in_memory = known(name, change->version);
    if (in_memory == nullptr) bytes += EncodeState(*change->after).size();
    if (found.size() == limit || (!found.empty() && bytes > max_bytes)) break;
    found.push_back(in_memory != nullptr ? std::move(in_memory) : change->after);
  }
  return found;
}

absl::StatusOr<std::vector<Change>> MemoryCatalogStore::History(std::string_view name,
                                                                uint64_t before_version,
                                                                size_t limit,
                                                                size_t max_bytes) const {
  base::MutexLock lock(mutex_);
  std::vector<Change> found;
  const auto it = by_name_.find(name);
  if (it == by_name_.end()) return found;
  size_t bytes = 0;
  auto end = std::make_reverse_iterator(it->second.lower_bound(before_version));
  for (; end != it->second.rend() && found.size() < limit; ++end) {
    const Change& change = end->second;
    bytes += change.after == nullptr ? 0 : EncodeState(*change.after).size();
    if (!found.empty() && bytes > max_bytes) break;
    found.push_back(change);
  }
  return found;
}

absl::StatusOr<ChangeBatch> MemoryCatalogStore::ChangesAfter(const HistoryPosition& after,
                                                             size_t max_bytes) const {
  base::MutexLock lock(mutex_);
  ChangeBatch batch;
  batch.end = after;
  size_t bytes = 0;
  for (size_t i = after.version; i < versions_.size(); ++i) {
    const Version& version = versions_[i];
    for (const StoredChange& change : version.changes) {
      if (i == after.version && change.name <= after.name) continue;
      if (!batch.changes.empty() && bytes >= max_bytes) {
        const StoredChange& last = batch.changes.back();
        if (last.version == version.head.version) batch.end = {last.version - 1, last.name};
        return batch;
      }
      bytes += change.state.size() + change.name.size() + change.changed_by.size() + 32;
      batch.changes.push_back(change);
    }
    batch.hashes.push_back({version.head.version, version.head.hash});
    batch.end = {version.head.version, ""};
  }
  return batch;
}

absl::Status MemoryCatalogStore::Replay(absl::FunctionRef<void(Change change)> visit) const {
  base::MutexLock lock(mutex_);
  for (const Version& version : versions_) {
    for (const StoredChange& stored : version.changes) {
      Change change = by_name_.find(stored.name)->second.at(stored.version);
      change.before = nullptr;
      visit(std::move(change));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<RequestRecord>> MemoryCatalogStore::FindRequest(
    const RequestKey& key, int64_t not_before_us) const {
  base::MutexLock lock(mutex_);
  const auto it = requests_.find({key.principal, key.method, key.request_id});
  if (it == requests_.end() || it->second.time_us < not_before_us) return std::nullopt;
  return it->second;
}

absl::Status MemoryCatalogStore::RecordRequest(const RequestRecord& record) {
  base::MutexLock lock(mutex_);
  requests_[{record.key.principal, record.key.method, record.key.request_id}] = record;
  return absl::OkStatus();
}

absl::Status MemoryCatalogStore::PruneRequests(int64_t not_before_us) {
  base::MutexLock lock(mutex_);
  std::erase_if(requests_, [&](const auto& entry) { return entry.second.time_us < not_before_us; });
  return absl::OkStatus();
}

}  // namespace tidemark::catalog
