#include "tests/fault/memory/catalog_world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/hex.h"
#include "common/status/status_macros.h"
#include "services/catalog/domain/canonical.h"
#include "services/catalog/domain/testing_resources.h"
#include "services/catalog/store/version_hash.h"

namespace tidemark::fault {
namespace {

using catalog::Change;
using catalog::ChangeKind;
using catalog::RequestRecord;
using catalog::StoredChange;

constexpr char kSteward[] = "steward";
constexpr uint64_t kNames = 12;
constexpr size_t kPlenty = size_t{1} << 30;

std::string NameOf(uint64_t i) { return absl::StrCat("regions/r", i); }

absl::Status Lost(std::string_view what) { return absl::DataLossError(what); }

std::string Text(const StoredChange& change) {
  return absl::StrCat(change.version, " ", change.time_us, " ", change.changed_by, " ",
                      static_cast<int>(change.kind), " ", change.name, " ",
                      base::HexEncode(change.state), "\n");
}

std::string Text(const catalog::ResourcePtr& resource) {
  if (resource == nullptr) return "none\n";
  return absl::StrCat(resource->version, " ", resource->update_time_us, " ", resource->updated_by,
                      " ", resource->name, " ", base::HexEncode(catalog::EncodeState(*resource)),
                      "\n");
}

std::string Text(const RequestRecord& request) {
  return absl::StrCat(base::HexEncode(request.fingerprint), " ", request.version, " ",
                      request.made_version, " ", request.time_us, "\n");
}

}  // namespace

absl::Status CatalogWorld::Open() {
  store_.reset();
  TM_RETURN_IF_ERROR(fs_.MakeDirs(kDir));
  TM_ASSIGN_OR_RETURN(auto store,
                      catalog::SqliteCatalogStore::Open(
                          {.path = absl::StrCat(kDir, "/catalog.db"), .fs = &fs_, .readers = 1}));
  TM_RETURN_IF_ERROR(store->Replay([](Change) {}));
  TM_RETURN_IF_ERROR(fs_.SyncDir(kDir));
  store_ = std::move(store);
  return absl::OkStatus();
}

absl::Status CatalogWorld::OpenAndCheck() {
  TM_RETURN_IF_ERROR(Open());
  TM_RETURN_IF_ERROR(AdoptWhatWasInDoubt());
  return Check();
}

Change CatalogWorld::RandomChange(uint64_t version, size_t n, size_t bytes) {
  Change change = {.version = version,
                   .time_us = static_cast<int64_t>(1000 + version),
                   .changed_by = kSteward,
                   .kind = ChangeKind::kCreate,
                   .name = NameOf(n)};
  const StoredChange* before = StateAt(change.name, version - 1);
  if (before != nullptr && random_() % 4 == 0) {
    change.kind = ChangeKind::kDelete;
    return change;
  }
  if (before != nullptr) change.kind = ChangeKind::kUpdate;
  catalog::Resource resource =
      catalog::testing::MakeRegion(absl::StrCat("r", n), catalog::RegionLevel::kCity);
  resource.description = std::string(bytes, static_cast<char>('a' + random_() % 26));
  resource.version = version;
  resource.update_time_us = change.time_us;
  resource.updated_by = kSteward;
  change.after = std::make_shared<const catalog::Resource>(std::move(resource));
  return change;
}

RequestRecord CatalogWorld::NewRequest(uint64_t version, bool made_version) {
  return {.key = {.principal = kSteward,
                  .method = "Apply",
                  .request_id = absl::StrCat("request-", ++request_count_)},
          .fingerprint = std::string(32, static_cast<char>(random_())),
          .version = version,
          .made_version = made_version,
          .time_us = static_cast<int64_t>(1000 + version)};
}

bool CatalogWorld::Apply(size_t changes, size_t bytes) {
  const uint64_t number = versions_.size() + 1;
  Written next = {.version = {.version = number,
                              .time_us = static_cast<int64_t>(1000 + number),
                              .principal = kSteward}};
  for (size_t i = 0; i < changes; ++i) {
    // The first dozen at random; more are others.
    const uint64_t n = i < kNames ? random_() % kNames : i;
    next.version.changes.push_back(RandomChange(number, n, bytes));
  }
  auto& all = next.version.changes;
  std::sort(all.begin(), all.end(),
            [](const Change& a, const Change& b) { return a.name < b.name; });
  all.erase(std::unique(all.begin(), all.end(),
                        [](const Change& a, const Change& b) { return a.name == b.name; }),
            all.end());
  for (const Change& change : all) {
    next.stored.push_back({number, change.time_us, change.changed_by, change.kind, change.name,
                           change.after == nullptr ? "" : catalog::EncodeState(*change.after)});
  }
  next.hash = catalog::NextVersionHash(
      versions_.empty() ? std::string(32, '\0') : versions_.back().hash, next.stored);
  if (random_() % 2 == 0) next.version.request = NewRequest(number, true);

  const auto head = store_->Append(next.version);
  if (!head.ok()) {
    last_failure_ = head.status();
    // Nothing was written, or nobody tried.
    if (absl::IsResourceExhausted(head.status()) || absl::IsUnavailable(head.status()))
      return false;
    in_doubt_ = std::move(next);
    return false;
  }
  in_doubt_.reset();
  if (next.version.request.has_value()) {
    requests_[next.version.request->key.request_id] = *next.version.request;
  }
  versions_.push_back(std::move(next));
  return true;
}

void CatalogWorld::AnswerRequest() {
  const RequestRecord request = NewRequest(versions_.size(), false);
  const absl::Status recorded = store_->RecordRequest(request);
  if (recorded.ok()) {
    requests_[request.key.request_id] = request;
  } else {
    last_failure_ = recorded;
    request_in_doubt_ = request;
  }
}

absl::Status CatalogWorld::AdoptWhatWasInDoubt() {
  // Served from now on, so it must stay.
  if (in_doubt_.has_value() && store_->head().version == in_doubt_->version.version) {
    if (in_doubt_->version.request.has_value()) {
      requests_[in_doubt_->version.request->key.request_id] = *in_doubt_->version.request;
    }
    versions_.push_back(*std::move(in_doubt_));
  } else if (in_doubt_.has_value() && in_doubt_->version.request.has_value()) {
    TM_ASSIGN_OR_RETURN(const auto found, store_->FindRequest(in_doubt_->version.request->key, 0));
    if (found.has_value()) return Lost("a request is answered with a version that is not there");
  }
  in_doubt_.reset();
  if (request_in_doubt_.has_value()) {
    TM_ASSIGN_OR_RETURN(const auto found, store_->FindRequest(request_in_doubt_->key, 0));
    if (found.has_value()) requests_[found->key.request_id] = *request_in_doubt_;
    request_in_doubt_.reset();
  }
  return absl::OkStatus();
}

const StoredChange* CatalogWorld::StateAt(const std::string& name, uint64_t version) const {
  for (uint64_t v = std::min<uint64_t>(version, versions_.size()); v > 0; --v) {
    for (const StoredChange& change : versions_[v - 1].stored) {
      if (change.name == name) return change.state.empty() ? nullptr : &change;
    }
  }
  return nullptr;
}

absl::Status CatalogWorld::CheckVersions() const {
  const catalog::Head head = store_->head();
  if (head.version != versions_.size()) {
    return Lost(absl::StrCat("the head is version ", head.version, ", acknowledged are ",
                             versions_.size()));
  }
  TM_RETURN_IF_ERROR(store_->Replay([](Change) {}));
  TM_ASSIGN_OR_RETURN(const catalog::ChangeBatch batch, store_->ChangesAfter({}, kPlenty));
  std::string want, have;
  for (const Written& version : versions_) {
    for (const StoredChange& change : version.stored) want += Text(change);
  }
  for (const StoredChange& change : batch.changes) have += Text(change);
  if (want != have) return Lost("the changes are not those that were acknowledged");
  for (size_t i = 0; i < versions_.size(); ++i) {
    if (batch.hashes[i].hash != versions_[i].hash) {
      return Lost(absl::StrCat("version ", i + 1, " has another hash"));
    }
  }
  return absl::OkStatus();
}

// Reads that go by the index of names: all of now, and of a version at random.
absl::Status CatalogWorld::CheckResources() {
  for (const uint64_t version : {versions_.size(), random_() % (versions_.size() + 1)}) {
    TM_ASSIGN_OR_RETURN(const auto listed, store_->List("regions", version, "", kPlenty, kPlenty));
    std::map<std::string, std::string> have;
    for (const auto& resource : listed) have[resource->name] = catalog::EncodeState(*resource);
    for (uint64_t n = 0; n < kNames; ++n) {
      const StoredChange* want = StateAt(NameOf(n), version);
      TM_ASSIGN_OR_RETURN(const auto read, store_->Read(NameOf(n), version));
      const std::string state = want == nullptr ? "" : want->state;
      if ((read == nullptr ? "" : catalog::EncodeState(*read)) != state ||
          have[NameOf(n)] != state) {
        return Lost(
            absl::StrCat(NameOf(n), " at version ", version, " is not what was acknowledged"));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CatalogWorld::CheckRequests() const {
  for (const auto& [id, request] : requests_) {
    TM_ASSIGN_OR_RETURN(const auto found, store_->FindRequest(request.key, 0));
    if (!found.has_value() || Text(*found) != Text(request)) {
      return Lost(absl::StrCat(id, " was answered and is not known any more"));
    }
  }
  return absl::OkStatus();
}

absl::Status CatalogWorld::Check() {
  TM_RETURN_IF_ERROR(CheckVersions());
  TM_RETURN_IF_ERROR(CheckResources());
  return CheckRequests();
}

absl::StatusOr<std::string> CatalogWorld::EverythingServed() const {
  const catalog::Head head = store_->head();
  std::string all =
      absl::StrCat(head.version, " ", head.time_us, " ", base::HexEncode(head.hash), "\n");
  TM_ASSIGN_OR_RETURN(const catalog::ChangeBatch batch, store_->ChangesAfter({}, kPlenty));
  for (const StoredChange& change : batch.changes) all += Text(change);
  for (uint64_t version = 0; version <= head.version; ++version) {
    TM_ASSIGN_OR_RETURN(const std::string hash, store_->HashAt(version));
    absl::StrAppend(&all, base::HexEncode(hash), "\n");
    TM_ASSIGN_OR_RETURN(const auto listed, store_->List("regions", version, "", kPlenty, kPlenty));
    for (const auto& resource : listed) all += Text(resource);
    for (uint64_t n = 0; n < kNames; ++n) {
      TM_ASSIGN_OR_RETURN(const auto read, store_->Read(NameOf(n), version));
      all += Text(read);
    }
  }
  for (uint64_t n = 0; n < kNames; ++n) {
    TM_ASSIGN_OR_RETURN(const auto history,
                        store_->History(NameOf(n), head.version + 1, kPlenty, kPlenty));
    for (const Change& change : history) {
      absl::StrAppend(&all, static_cast<int>(change.kind), " ", Text(change.after));
    }
  }
  for (uint64_t i = 1; i <= 64; ++i) {
    TM_ASSIGN_OR_RETURN(const auto found,
                        store_->FindRequest({kSteward, "Apply", absl::StrCat("request-", i)}, 0));
    all += found.has_value() ? Text(*found) : "none\n";
  }
  return all;
}

}  // namespace tidemark::fault
