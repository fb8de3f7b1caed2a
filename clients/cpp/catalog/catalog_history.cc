#include "clients/cpp/catalog/catalog_history.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/resource_name.h"
#include "clients/cpp/catalog/version_hash.h"
#include "clients/cpp/catalog/view_builder.h"
#include "common/status/status_macros.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::catalog_client {
namespace {

using Changes = absl::Span<const catalog::v1::Change* const>;

// Of an entry whose collection is not known.
constexpr auto kUnknownType = static_cast<EntityType>(kEntityTypes);

absl::Status NotAscending(uint64_t version, uint64_t after, uint64_t up_to) {
  return absl::InvalidArgumentError(
      absl::StrCat("change of version ", version, ", want above ", after, " and at most ", up_to));
}

absl::Status AfterLast(uint64_t version, uint64_t last) {
  return absl::OutOfRangeError(
      absl::StrCat("catalog version ", version, " does not exist yet, want at most ", last));
}

}  // namespace

// Versions ready to be added.
struct CatalogHistory::Batch {
  std::vector<const catalog::v1::Change*> sorted;
  // Of `sorted`, one each.
  std::vector<Entry> entries;
  std::vector<Hashed> hashes;

  // Sorts the changes of each version by name, as hashes and ordinals want it.
  absl::Status Fill(Changes changes, uint64_t last, uint64_t version,
                    absl::Span<const std::string> version_hashes);
  absl::Status CheckHashes(std::string previous) const;
};

absl::Status CatalogHistory::Batch::Fill(Changes changes, uint64_t last, uint64_t version,
                                         absl::Span<const std::string> version_hashes) {
  sorted.assign(changes.begin(), changes.end());
  uint64_t previous = last;
  for (const auto* change : sorted) {
    if (change->version() <= last || change->version() < previous || change->version() > version) {
      return NotAscending(change->version(), last, version);
    }
    previous = change->version();
  }
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    return std::tuple(a->version(), std::string_view(a->name())) <
           std::tuple(b->version(), std::string_view(b->name()));
  });
  entries.reserve(sorted.size());
  catalog::v1::Resource parsed;
  for (const auto* change : sorted) {
    if (!parsed.ParseFromString(change->state())) {
      return absl::DataLossError(absl::StrCat("catalog version ", change->version(),
                                              ": the state of ", change->name(),
                                              " is no resource"));
    }
    const auto name = ParseResourceName(change->name());
    // A collection that this release does not know is kept for the hash and changes no view.
    const EntityType type = name ? name->type : kUnknownType;
    entries.push_back({change->version(), type, change->name(), change->state()});
    if (hashes.empty() || hashes.back().version != change->version()) {
      hashes.push_back({change->version(), ""});
    }
  }
  if (hashes.size() != version_hashes.size()) {
    return absl::InvalidArgumentError(absl::StrCat(version_hashes.size(), " hashes for ",
                                                   hashes.size(), " versions, want one for each"));
  }
  for (size_t i = 0; i < hashes.size(); ++i) hashes[i].hash = version_hashes[i];
  return absl::OkStatus();
}

absl::Status CatalogHistory::Batch::CheckHashes(std::string previous) const {
  size_t at = 0;
  for (const Hashed& hashed : hashes) {
    const size_t first = at;
    while (at < entries.size() && entries[at].version == hashed.version) ++at;
    if (NextVersionHash(previous, Changes(sorted).subspan(first, at - first)) != hashed.hash) {
      return absl::DataLossError(
          absl::StrCat("catalog version ", hashed.version,
                       ": its hash does not continue the history read so far; the catalog was "
                       "replaced or damaged; restart after checking it"));
    }
    previous = hashed.hash;
  }
  return absl::OkStatus();
}

CatalogHistory::CatalogHistory(Options options)
    : options_(options), newest_(ViewBuilder(nullptr, nullptr).Build(0, ZeroHash())) {}

CatalogHistory::~CatalogHistory() = default;

absl::Status CatalogHistory::Append(Changes changes, uint64_t version,
                                    absl::Span<const std::string> hashes, bool more_follow) {
  base::MutexLock build_lock(build_mutex_);
  const uint64_t last = stored_version();
  if (version < last) return NotAscending(version, last, version);
  Batch batch;
  TM_RETURN_IF_ERROR(batch.Fill(changes, last, version, hashes));
  if (options_.verify_hashes) TM_RETURN_IF_ERROR(batch.CheckHashes(stored_hash()));
  {
    base::MutexLock lock(mutex_);
    Store(&batch, version);
    // A view costs as much as all entities of a type: one per doubling keeps a long backlog linear.
    if (more_follow && entries_.size() < 2 * shown_entries_) return absl::OkStatus();
    shown_entries_ = entries_.size();
  }
  std::shared_ptr<const CatalogView> view = Build(version);
  base::MutexLock lock(mutex_);
  newest_ = std::move(view);
  return absl::OkStatus();
}

void CatalogHistory::Store(Batch* batch, uint64_t version) {
  for (Entry& entry : batch->entries) {
    if (entry.type != kUnknownType) {
      auto& versions = versions_by_type_[static_cast<int>(entry.type)];
      if (versions.empty() || versions.back() != entry.version) versions.push_back(entry.version);
    }
    entries_.push_back(std::move(entry));
  }
  std::move(batch->hashes.begin(), batch->hashes.end(), std::back_inserter(hashes_));
  stored_version_ = version;
}

uint64_t CatalogHistory::stored_version() const {
  base::MutexLock lock(mutex_);
  return stored_version_;
}

std::string CatalogHistory::stored_hash() const {
  base::MutexLock lock(mutex_);
  return HashAtLocked(stored_version_);
}

std::shared_ptr<const CatalogView> CatalogHistory::Newest() const {
  base::MutexLock lock(mutex_);
  return newest_;
}

absl::StatusOr<std::shared_ptr<const CatalogView>> CatalogHistory::ViewAt(uint64_t version) {
  if (auto cached = Cached(version)) return cached;
  base::MutexLock build_lock(build_mutex_);
  if (auto cached = Cached(version)) return cached;
  if (const uint64_t last = stored_version(); version > last) return AfterLast(version, last);
  std::shared_ptr<const CatalogView> view = Build(version);
  base::MutexLock lock(mutex_);
  cached_.push_front(view);
  if (cached_.size() > options_.cached_views) cached_.pop_back();
  return view;
}

std::shared_ptr<const CatalogView> CatalogHistory::Cached(uint64_t version) {
  base::MutexLock lock(mutex_);
  if (newest_->version() == version) return newest_;
  for (auto it = cached_.begin(); it != cached_.end(); ++it) {
    if ((*it)->version() != version) continue;
    cached_.splice(cached_.begin(), cached_, it);
    return cached_.front();
  }
  return nullptr;
}

std::vector<const CatalogHistory::Entry*> CatalogHistory::Plan(
    uint64_t version, std::shared_ptr<const CatalogView>* base) {
  base::MutexLock lock(mutex_);
  const auto consider = [&](const std::shared_ptr<const CatalogView>& view) {
    if (view->version() > version) return;
    if (*base == nullptr || view->version() > (*base)->version()) *base = view;
  };
  consider(newest_);
  for (const auto& view : cached_) consider(view);
  // Intervals depend on the observatory: over a change of it a view is made from nothing.
  if (*base != nullptr) {
    const auto& observatory = versions_by_type_[static_cast<int>(EntityType::kObservatory)];
    const auto next = std::upper_bound(observatory.begin(), observatory.end(), (*base)->version());
    if (next != observatory.end() && *next <= version) *base = nullptr;
  }
  const uint64_t after = *base == nullptr ? 0 : (*base)->version();
  const auto by_version = [](uint64_t value, const Entry& entry) { return value < entry.version; };
  const auto first = std::upper_bound(entries_.begin(), entries_.end(), after, by_version);
  const auto last = std::upper_bound(first, entries_.end(), version, by_version);
  std::vector<const Entry*> entries;
  entries.reserve(last - first);
  for (auto it = first; it != last; ++it) entries.push_back(&*it);
  return entries;
}

std::shared_ptr<const CatalogView> CatalogHistory::Build(uint64_t version) {
  std::shared_ptr<const CatalogView> base;
  const std::vector<const Entry*> entries = Plan(version, &base);
  std::optional<catalog::v1::Resource> observatory;
  for (const Entry* entry : entries) {
    if (entry->type != EntityType::kObservatory) continue;
    // Fill parsed it once.
    (void)observatory.emplace().ParseFromString(entry->state);
    observatory->set_version(entry->version);
  }
  ViewBuilder builder(std::move(base), observatory ? &*observatory : nullptr);
  std::vector<ViewChange> changes;
  for (size_t i = 0; i < entries.size();) {
    const uint64_t of_version = entries[i]->version;
    changes.clear();
    for (; i < entries.size() && entries[i]->version == of_version; ++i) {
      changes.push_back({entries[i]->name, entries[i]->state});
    }
    builder.ApplyVersion(of_version, changes);
  }
  std::string hash;
  {
    base::MutexLock lock(mutex_);
    hash = HashAtLocked(version);
  }
  return builder.Build(version, std::move(hash));
}

std::string CatalogHistory::HashAtLocked(uint64_t version) const {
  const auto it =
      std::upper_bound(hashes_.begin(), hashes_.end(), version,
                       [](uint64_t value, const Hashed& hashed) { return value < hashed.version; });
  return it == hashes_.begin() ? ZeroHash() : std::prev(it)->hash;
}

absl::StatusOr<std::string> CatalogHistory::HashAt(uint64_t version) const {
  base::MutexLock lock(mutex_);
  if (version > stored_version_) return AfterLast(version, stored_version_);
  return HashAtLocked(version);
}

uint64_t CatalogHistory::LastVersionThatChanged(EntityTypes types, uint64_t up_to) const {
  base::MutexLock lock(mutex_);
  uint64_t last = 0;
  for (int type = 0; type < kEntityTypes; ++type) {
    if ((types & TypeBit(static_cast<EntityType>(type))) == 0) continue;
    const std::vector<uint64_t>& versions = versions_by_type_[type];
    const auto it = std::upper_bound(versions.begin(), versions.end(), up_to);
    if (it != versions.begin()) last = std::max(last, *std::prev(it));
  }
  return last;
}

}  // namespace tidemark::catalog_client
