#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/domain/canonical.h"
#include "services/catalog/domain/catalog.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

// Keeps answers below the 4 MiB that gRPC clients accept by default.
constexpr size_t kPageBytes = size_t{1} << 20;
constexpr size_t kSearchStep = 2000;
// The work of one page: about 50 ms.
constexpr size_t kMaxScanned = 20'000;
// Each reads up to kPageBytes; so large resources end a page early too.
constexpr int kMaxSteps = 32;

absl::Status CheckName(std::string_view field, std::string_view name) {
  const std::string problem = NameProblem(name);
  return problem.empty() ? absl::OkStatus()
                         : status::InvalidArgument(field, problem, "INVALID_NAME");
}

}  // namespace

Head Catalog::head() const {
  base::MutexLock lock(state_mutex_);
  return head_;
}

absl::StatusOr<uint64_t> Catalog::ResolveVersion(uint64_t version) const {
  const uint64_t newest = head().version;
  if (version <= newest) return version == 0 ? newest : version;
  return status::WithReason(
      absl::OutOfRangeError(
          absl::StrCat("version: ", version, " does not exist yet; the newest is ", newest)),
      "VERSION_NOT_REACHED", {{"newest", absl::StrCat(newest)}});
}

absl::StatusOr<std::string> Catalog::HashAt(uint64_t version) const {
  return options_.store->HashAt(version);
}

absl::StatusOr<ResourcePtr> Catalog::Get(std::string_view field, std::string_view name,
                                         uint64_t version) const {
  TM_RETURN_IF_ERROR(CheckName(field, name));
  TM_ASSIGN_OR_RETURN(ResourcePtr resource, FindAt(name, version));
  if (resource != nullptr) return resource;
  return NotFoundAt(name, version);
}

absl::StatusOr<ResourcePtr> Catalog::FindAt(std::string_view name, uint64_t version) const {
  {
    base::MutexLock lock(state_mutex_);
    ResourcePtr newest = state_.FindShared(name);
    // A state that is not younger than the version asked for was current then.
    if (newest != nullptr && newest->version <= version) return newest;
    if (newest == nullptr && version == head_.version) return newest;
  }
  return options_.store->Read(name, version);
}

std::vector<std::string> Catalog::Referrers(Type type, std::string_view target) const {
  std::vector<std::string> names;
  {
    base::MutexLock lock(state_mutex_);
    state_.ForEachReferrer(type, target,
                           [&](const Resource& resource) { names.push_back(resource.name); });
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status Catalog::NotFoundAt(std::string_view name, uint64_t version) const {
  std::vector<ResourcePtr> candidates;
  {
    base::MutexLock lock(state_mutex_);
    if (state_.Find(name) != nullptr) {
      return status::WithReason(
          absl::NotFoundError(absl::StrCat(Quoted(name), " does not exist at version ", version,
                                           "; it does at the newest, ", head_.version)),
          "RESOURCE_NOT_FOUND", {{"resource", std::string(name)}});
    }
    candidates = state_.Candidates(name);
  }
  return NotFound(candidates, name);
}

absl::StatusOr<ListPage> Catalog::List(const ListQuery& query) const {
  const std::string_view collection = CollectionOf(query.type).name;
  const auto newest = [this](std::string_view name, uint64_t version) {
    base::MutexLock lock(state_mutex_);
    ResourcePtr state = state_.FindShared(name);
    return state != nullptr && state->version == version ? std::move(state) : nullptr;
  };
  ListPage page;
  std::string after = query.after_name;
  size_t bytes = 0;
  for (int step = 0; step < kMaxSteps && page.resources.size() < query.page_size &&
                     bytes < kPageBytes && page.scanned < kMaxScanned;
       ++step) {
    if (query.cancelled()) return absl::CancelledError("the caller is gone");
    const size_t wanted = query.page_size - page.resources.size();
    TM_ASSIGN_OR_RETURN(
        std::vector<ResourcePtr> found,
        options_.store->List(collection, query.version, after,
                             query.filter.empty() ? wanted : kSearchStep, kPageBytes, newest));
    if (found.empty()) return page;
    for (ResourcePtr& resource : found) {
      if (page.resources.size() == query.page_size || bytes >= kPageBytes) break;
      after = resource->name;
      ++page.scanned;
      if (!query.filter.Matches(*resource)) continue;
      bytes += EncodeState(*resource).size();
      page.resources.push_back(std::move(resource));
    }
  }
  TM_ASSIGN_OR_RETURN(const auto more, options_.store->List(collection, query.version, after, 1,
                                                            kPageBytes, newest));
  if (!more.empty()) page.next_after_name = after;
  return page;
}

absl::StatusOr<HistoryPage> Catalog::History(std::string_view name, uint64_t before_version,
                                             size_t page_size) const {
  TM_RETURN_IF_ERROR(CheckName("name", name));
  const uint64_t before =
      before_version == 0 ? std::numeric_limits<int64_t>::max() : before_version;
  HistoryPage page;
  TM_ASSIGN_OR_RETURN(page.changes, options_.store->History(name, before, page_size, kPageBytes));
  if (page.changes.empty()) {
    if (before_version != 0) return page;
    return NotFoundAt(name, head().version);
  }
  const Change& oldest = page.changes.back();
  TM_ASSIGN_OR_RETURN(const auto more, options_.store->History(name, oldest.version, 1, 0));
  if (!more.empty()) page.next_before_version = oldest.version;
  return page;
}

absl::Status Catalog::CheckProposed(const Resource& resource, std::string_view field) const {
  TM_RETURN_IF_ERROR(CheckNewShape(resource, rules(), field));
  base::MutexLock lock(write_mutex_);
  return CheckNewTogether(WriterState(), resource, field);
}

absl::StatusOr<ChangeBatch> Catalog::ChangesAfter(const HistoryPosition& after,
                                                  size_t max_bytes) const {
  return options_.store->ChangesAfter(after, max_bytes);
}

ResourcePtr Catalog::FindToken(std::string_view secret_hash) const {
  base::MutexLock lock(token_mutex_);
  const auto it = tokens_.find(secret_hash);
  return it == tokens_.end() ? nullptr : it->second;
}

}  // namespace tidemark::catalog
