#include "services/catalog/domain/catalog.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

constexpr int64_t kHourUs = int64_t{3600} * 1'000'000;
constexpr int64_t kRequestLifeUs = 24 * kHourUs;
constexpr size_t kShownAtOnce = 10'000;

}  // namespace

absl::StatusOr<std::unique_ptr<Catalog>> Catalog::Open(Options options) {
  auto catalog = std::unique_ptr<Catalog>(new Catalog(options));
  NewestState state(options.rules);
  TM_RETURN_IF_ERROR(options.store->Replay([&](Change change) {
    change.before = state.FindShared(change.name);
    catalog->PublishToken(change);
    for (ChangeFollower* follower : options.followers) follower->Follow(change);
    if (change.after == nullptr) {
      state.Remove(change.name);
    } else {
      state.Put(std::move(change.after));
    }
  }));
  catalog->ShowAll(state, options.store->head().version);
  base::MutexLock lock(catalog->state_mutex_);
  catalog->state_ = std::move(state);
  catalog->head_ = options.store->head();
  return catalog;
}

Stamp Catalog::NextStamp(std::string_view principal) const {
  const Head newest = head();
  return {newest.version + 1, std::max(newest.time_us, options_.clock->NowMicros()),
          std::string(principal)};
}

absl::Status Catalog::Commit(const Stamp& stamp, std::vector<Change> changes,
                             std::optional<RequestRecord> request) {
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.name < b.name; });
  const NewVersion version = {stamp.version, stamp.time_us, stamp.principal, std::move(changes),
                              std::move(request)};
  TM_ASSIGN_OR_RETURN(const Head head, options_.store->Append(version));
  Publish(version.changes, head);
  return absl::OkStatus();
}

void Catalog::Publish(const std::vector<Change>& changes, const Head& head) {
  for (const Change& change : changes) PublishToken(change);
  for (ChangeFollower* follower : options_.followers) {
    for (const Change& change : changes) follower->Follow(change);
  }
  if (options_.observer != nullptr) options_.observer->Changed(changes, head.version);
  base::MutexLock lock(state_mutex_);
  for (const Change& change : changes) {
    if (change.after == nullptr) {
      state_.Remove(change.name);
    } else {
      state_.Put(change.after);
    }
  }
  head_ = head;
}

void Catalog::ShowAll(const NewestState& state, uint64_t version) const {
  if (options_.observer == nullptr) return;
  std::vector<Change> changes;
  const auto show = [&] {
    options_.observer->Changed(changes, version);
    changes.clear();
  };
  for (int type = 1; type < kTypeCount; ++type) {
    state.ForEach(static_cast<Type>(type), [&](const Resource& resource) {
      changes.push_back({.version = version,
                         .kind = ChangeKind::kCreate,
                         .name = resource.name,
                         .after = state.FindShared(resource.name)});
      if (changes.size() == kShownAtOnce) show();
    });
  }
  show();
}

void Catalog::PublishToken(const Change& change) {
  const ResourcePtr& state = change.after != nullptr ? change.after : change.before;
  const auto* token = state == nullptr ? nullptr : std::get_if<Token>(&state->content);
  if (token == nullptr) return;
  base::MutexLock lock(token_mutex_);
  if (change.after != nullptr) {
    tokens_[token->secret_hash] = change.after;
  } else {
    tokens_.erase(token->secret_hash);
  }
}

void Catalog::NotifyListener() const { listener_(); }

absl::StatusOr<std::optional<RequestRecord>> Catalog::FindAttempt(const Attempt& attempt,
                                                                  std::string_view method) {
  if (attempt.request_id.empty()) return std::nullopt;
  const int64_t now = options_.clock->NowMicros();
  if (now - pruned_us_ > kHourUs || now < pruned_us_) {
    TM_RETURN_IF_ERROR(options_.store->PruneRequests(now - kRequestLifeUs));
    pruned_us_ = now;
  }
  TM_ASSIGN_OR_RETURN(
      std::optional<RequestRecord> record,
      options_.store->FindRequest({attempt.principal, std::string(method), attempt.request_id},
                                  now - kRequestLifeUs));
  if (record && record->fingerprint != attempt.fingerprint) {
    return status::InvalidArgument(
        "request_id",
        absl::StrCat(Quoted(attempt.request_id),
                     " was used for another request; take a new one for every new request"),
        "REQUEST_ID_REUSED");
  }
  return record;
}

RequestRecord Catalog::RecordOf(const Attempt& attempt, std::string_view method, uint64_t version,
                                bool made_version) const {
  return {{attempt.principal, std::string(method), attempt.request_id},
          attempt.fingerprint,
          version,
          made_version,
          options_.clock->NowMicros()};
}

}  // namespace tidemark::catalog
