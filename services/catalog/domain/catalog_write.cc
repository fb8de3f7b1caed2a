#include <limits>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/domain/catalog.h"
#include "services/catalog/domain/etag.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

constexpr std::string_view kApply = "ApplyResources";
constexpr std::string_view kDelete = "DeleteResource";
constexpr size_t kLogIdDigits = 32;
// Instead of names that the caller may not see.
constexpr std::string_view kSomeToken = "a token";

absl::Status CheckDeletable(const Collection& collection) {
  if (collection.deletable) return absl::OkStatus();
  std::string_view why = "past events refer to them";
  std::string wish = "apply it with another state instead";
  switch (collection.type) {
    case Type::kObservatory:
      wish = "the observatory stays as long as the catalog";
      break;
    case Type::kSource:
      wish = "retire it: apply it with source.reports.end";
      break;
    case Type::kIdentifierScheme:
    case Type::kRegion:
    case Type::kCategory:
      wish = absl::StrCat("retire it: apply it with ", collection.field, ".valid.end");
      break;
    case Type::kProgramme:
    case Type::kCandidacy:
    case Type::kAssessment:
    case Type::kSelection:
      why = "the outcome of a programme follows from them";
      wish = "withdraw a candidacy by its state, end a programme by AdvanceProgramme";
      break;
    case Type::kGrant:
      why = "what was used and is owed follows from them";
      wish = "revoke it: apply it with grant.revocation";
      break;
    default:
      break;
  }
  return status::WithReason(
      absl::FailedPreconditionError(
          absl::StrCat("name: ", collection.name, " are never deleted, ", why, "; ", wish)),
      "NOT_DELETABLE");
}

absl::Status CheckNotReferenced(const NewestState& state, const std::string& name,
                                bool names_tokens) {
  if (state.referrers(name) == 0) return absl::OkStatus();
  std::vector<std::string> some;
  size_t covered = 0;
  state.ForEachReferrer(name, [&](std::string_view referrer) {
    const bool hidden = !names_tokens && absl::StartsWith(referrer, "tokens/");
    if (hidden && absl::c_linear_search(some, kSomeToken)) {
      ++covered;
    } else if (some.size() < 3) {
      some.emplace_back(hidden ? kSomeToken : referrer);
      ++covered;
    }
  });
  std::string list = absl::StrJoin(some, ", ");
  const size_t others = state.referrers(name) - covered;
  if (others > 0) absl::StrAppend(&list, " and ", others, " more");
  return status::WithReason(absl::FailedPreconditionError(absl::StrCat(
                                name, " is referred to by ", list, "; take it out there first")),
                            "STILL_REFERENCED");
}

}  // namespace

absl::StatusOr<ApplyResult> Catalog::Apply(const Attempt& attempt,
                                           std::span<const WantedState> wanted, bool dry_run) {
  const uint64_t before = head().version;
  absl::StatusOr<ApplyResult> result = [&] {
    base::MutexLock lock(write_mutex_);
    return ApplyLocked(attempt, wanted, dry_run);
  }();
  if (result.ok() && !dry_run && result->version > before) NotifyListener();
  return result;
}

absl::StatusOr<ApplyResult> Catalog::ApplyLocked(const Attempt& attempt,
                                                 std::span<const WantedState> wanted,
                                                 bool dry_run) {
  if (!dry_run) {
    TM_ASSIGN_OR_RETURN(const auto earlier, FindAttempt(attempt, kApply));
    if (earlier) return RepeatApply(*earlier, wanted);
  }
  const Stamp stamp = NextStamp(attempt.principal);
  ApplyResult result;
  TM_ASSIGN_OR_RETURN(result.changes, PlanApply(WriterState(), wanted, stamp));
  TM_ASSIGN_OR_RETURN(result.version, MakeVersion(attempt, kApply, stamp, result.changes, dry_run));
  return result;
}

absl::StatusOr<uint64_t> Catalog::MakeVersion(const Attempt& attempt, std::string_view method,
                                              const Stamp& stamp,
                                              const std::vector<Change>& changes, bool dry_run) {
  std::vector<Change> real;
  for (const Change& change : changes) {
    if (change.kind != ChangeKind::kNone) real.push_back(change);
  }
  const uint64_t version = real.empty() ? stamp.version - 1 : stamp.version;
  if (dry_run) return version;
  std::optional<RequestRecord> record;
  if (!attempt.request_id.empty()) record = RecordOf(attempt, method, version, !real.empty());
  if (!real.empty()) {
    TM_RETURN_IF_ERROR(Commit(stamp, std::move(real), std::move(record)));
  } else if (record) {
    TM_RETURN_IF_ERROR(options_.store->RecordRequest(*record));
  }
  return version;
}

absl::StatusOr<DerivedResult> Catalog::ApplyDerived(const Attempt& attempt, std::string_view method,
                                                    bool dry_run, Derive derive) {
  const uint64_t before = head().version;
  absl::StatusOr<DerivedResult> result = [&] {
    base::MutexLock lock(write_mutex_);
    return ApplyDerivedLocked(attempt, method, dry_run, derive);
  }();
  if (result.ok() && !dry_run && result->version > before) NotifyListener();
  return result;
}

absl::StatusOr<DerivedResult> Catalog::ApplyDerivedLocked(const Attempt& attempt,
                                                          std::string_view method, bool dry_run,
                                                          Derive derive) {
  if (!dry_run) {
    TM_ASSIGN_OR_RETURN(const auto earlier, FindAttempt(attempt, method));
    if (earlier) return DerivedResult{.version = earlier->version};
  }
  const Stamp stamp = NextStamp(attempt.principal);
  TM_ASSIGN_OR_RETURN(const std::vector<WantedState> wanted, derive(stamp));
  DerivedResult result;
  TM_ASSIGN_OR_RETURN(result.changes, PlanApply(WriterState(), wanted, stamp, Author::kCatalog));
  TM_ASSIGN_OR_RETURN(result.version, MakeVersion(attempt, method, stamp, result.changes, dry_run));
  return result;
}

absl::StatusOr<ApplyResult> Catalog::RepeatApply(const RequestRecord& record,
                                                 std::span<const WantedState> wanted) const {
  ApplyResult result;
  result.version = record.version;
  for (const WantedState& state : wanted) {
    Change change;
    change.name = state.resource.name;
    TM_ASSIGN_OR_RETURN(change.after, options_.store->Read(change.name, record.version));
    change.before = change.after;
    if (record.made_version && change.after != nullptr && change.after->version == record.version) {
      TM_ASSIGN_OR_RETURN(change.before, options_.store->Read(change.name, record.version - 1));
      change.kind = change.before == nullptr ? ChangeKind::kCreate : ChangeKind::kUpdate;
      change.version = record.version;
      change.time_us = change.after->update_time_us;
      change.changed_by = change.after->updated_by;
    }
    result.changes.push_back(std::move(change));
  }
  return result;
}

absl::StatusOr<uint64_t> Catalog::Delete(const Attempt& attempt, std::string_view name,
                                         std::string_view etag, bool names_tokens) {
  if (const std::string problem = NameProblem(name); !problem.empty()) {
    return status::InvalidArgument("name", problem, "INVALID_NAME");
  }
  absl::StatusOr<uint64_t> version = [&] {
    base::MutexLock lock(write_mutex_);
    return DeleteLocked(attempt, std::string(name), etag, names_tokens);
  }();
  if (version.ok()) NotifyListener();
  return version;
}

absl::StatusOr<uint64_t> Catalog::DeleteLocked(const Attempt& attempt, const std::string& name,
                                               std::string_view etag, bool names_tokens) {
  TM_ASSIGN_OR_RETURN(const auto earlier, FindAttempt(attempt, kDelete));
  if (earlier) return earlier->version;
  TM_RETURN_IF_ERROR(CheckDeletable(CollectionOf(ParseName(name)->type)));
  const NewestState& state = WriterState();
  const ResourcePtr stored = state.FindShared(name);
  if (stored == nullptr) return NotFound(state.Candidates(name), name);
  TM_RETURN_IF_ERROR(CheckEtag("etag", name, etag, stored.get()));
  TM_RETURN_IF_ERROR(CheckNotReferenced(state, name, names_tokens));
  const Stamp stamp = NextStamp(attempt.principal);
  std::optional<RequestRecord> record;
  if (!attempt.request_id.empty()) record = RecordOf(attempt, kDelete, stamp.version, true);
  const Change change = {stamp.version, stamp.time_us, stamp.principal, ChangeKind::kDelete,
                         name,          stored,        nullptr};
  TM_RETURN_IF_ERROR(Commit(stamp, {change}, std::move(record)));
  return stamp.version;
}

absl::StatusOr<ResourcePtr> Catalog::IssueToken(std::string_view principal, std::string_view id,
                                                Token token) {
  if (!IsValidId(id)) {
    return status::InvalidArgument(
        "id", absl::StrCat(Quoted(id), ": want 1 to 63 characters of a-z, 0-9, '.' and '-'"),
        "INVALID_NAME");
  }
  auto resource = std::make_shared<Resource>();
  {
    base::MutexLock lock(write_mutex_);
    const Stamp stamp = NextStamp(principal);
    if (token.expire_time_us > 0 && token.expire_time_us <= stamp.time_us) {
      return status::InvalidArgument(
          "token.expire_time_us",
          absl::StrCat(token.expire_time_us, " is in the past; want a later time, or 0 for never"),
          "INVALID_RESOURCE");
    }
    *resource = {.name = absl::StrCat("tokens/", id),
                 .content = std::move(token),
                 .version = stamp.version,
                 .update_time_us = stamp.time_us,
                 .updated_by = stamp.principal};
    TM_RETURN_IF_ERROR(CheckNewToken(WriterState(), *resource));
    TM_ASSIGN_OR_RETURN(const auto history,
                        options_.store->History(resource->name, stamp.version, 1, 0));
    if (!history.empty()) {
      return status::WithReason(
          absl::AlreadyExistsError(absl::StrCat("id: ", Quoted(id),
                                                " is or was a token's; ids are not used twice, "
                                                "choose another")),
          "TOKEN_ID_USED");
    }
    const Change change = {stamp.version,  stamp.time_us, stamp.principal, ChangeKind::kCreate,
                           resource->name, nullptr,       resource};
    TM_RETURN_IF_ERROR(Commit(stamp, {change}, std::nullopt));
  }
  NotifyListener();
  return resource;
}

absl::StatusOr<uint64_t> Catalog::BindLog(std::string_view principal, std::string_view log_id) {
  std::string wanted = absl::AsciiStrToLower(log_id);
  if (wanted.size() != kLogIdDigits ||
      wanted.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return status::InvalidArgument(
        "log_id", absl::StrCat(Quoted(log_id), ", want 32 hexadecimal digits"), "INVALID_LOG_ID");
  }
  Stamp stamp;
  {
    base::MutexLock lock(write_mutex_);
    const Resource* newest = WriterState().observatory();
    if (newest == nullptr) {
      return status::WithReason(absl::FailedPreconditionError(
                                    "no observatory yet; apply one, such as observatories/main"),
                                "NO_OBSERVATORY");
    }
    const ResourcePtr stored = WriterState().FindShared(newest->name);
    const std::string& bound = std::get<Observatory>(stored->content).log_id;
    if (bound == wanted) return FindBinding(*stored);
    if (!bound.empty()) {
      return status::WithReason(
          absl::FailedPreconditionError(absl::StrCat(
              "log_id: ", stored->name, " is bound to log ", bound, ", not to ", wanted,
              "; use the data folder of that log, or start an empty catalog for this one")),
          "LOG_ALREADY_BOUND", {{"log_id", bound}});
    }
    stamp = NextStamp(principal);
    auto resource = std::make_shared<Resource>(*stored);
    std::get<Observatory>(resource->content).log_id = std::move(wanted);
    resource->version = stamp.version;
    resource->update_time_us = stamp.time_us;
    resource->updated_by = stamp.principal;
    const Change change = {stamp.version,  stamp.time_us, stamp.principal, ChangeKind::kUpdate,
                           resource->name, stored,        resource};
    TM_RETURN_IF_ERROR(Commit(stamp, {change}, std::nullopt));
  }
  NotifyListener();
  return stamp.version;
}

absl::StatusOr<uint64_t> Catalog::FindBinding(const Resource& observatory) const {
  uint64_t version = observatory.version;
  for (;;) {
    TM_ASSIGN_OR_RETURN(const std::vector<Change> changes,
                        options_.store->History(observatory.name, version, 100, size_t{1} << 20));
    for (const Change& change : changes) {
      if (std::get<Observatory>(change.after->content).log_id.empty()) return version;
      version = change.version;
    }
    if (changes.empty()) return version;
  }
}

}  // namespace tidemark::catalog
