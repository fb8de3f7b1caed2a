#include "services/catalog/domain/apply_plan.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/domain/canonical.h"
#include "services/catalog/domain/checks.h"
#include "services/catalog/domain/etag.h"
#include "services/catalog/domain/hierarchy.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/scope_overlap.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kMaxStateBytes = size_t{1} << 20;

Report ReportFor(Problems* problems, int index, const Resource& resource) {
  const Type type = resource.type();
  return Report(problems, index, resource.name,
                type == Type::kNone ? "" : CollectionOf(type).field);
}

// Whether the resource may be judged further.
bool CheckNameAndType(const Resource& resource, Report& report) {
  if (const std::string problem = NameProblem(resource.name); !problem.empty()) {
    report.Add("name", problem, "INVALID_NAME");
    return false;
  }
  const Collection& collection = CollectionOf(ParseName(resource.name)->type);
  if (collection.type == Type::kToken) {
    report.Add("name", "tokens cannot be applied; use IssueToken", "TOKEN_NOT_APPLICABLE");
    return false;
  }
  if (collection.type != resource.type()) {
    report.Add(collection.field, absl::StrCat("missing; a resource of ", collection.name,
                                              " holds this part and no other"));
    return false;
  }
  return true;
}

absl::Status CheckShapes(const DocumentRules& rules, std::span<const WantedState> wanted) {
  Problems problems;
  absl::flat_hash_map<std::string_view, size_t> first;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const Resource& resource = wanted[i].resource;
    Report report(&problems, static_cast<int>(i), "", "");
    if (!CheckNameAndType(resource, report)) continue;
    Report named = ReportFor(&problems, static_cast<int>(i), resource);
    const auto [it, is_new] = first.try_emplace(resource.name, i);
    if (!is_new) {
      named.Add("name", absl::StrCat("occurs twice, first in resources[", it->second, "]"),
                "DUPLICATE");
    }
    CheckResource(resource, rules, named);
  }
  return problems.ToStatus(absl::StatusCode::kInvalidArgument);
}

std::shared_ptr<Resource> Stamped(const Resource& wanted, const Stamp& stamp) {
  auto resource = std::make_shared<Resource>(wanted);
  resource->version = stamp.version;
  resource->update_time_us = stamp.time_us;
  resource->updated_by = stamp.principal;
  return resource;
}

// The state to store: defaults spelled out, output-only fields kept from the stored state.
ResourcePtr Normalised(const Resource& wanted, const Resource* stored, const Overlay& given,
                       const Stamp& stamp) {
  auto resource = Stamped(wanted, stamp);
  if (auto* observatory = std::get_if<Observatory>(&resource->content)) {
    if (observatory->fiscal_start_month == 0) observatory->fiscal_start_month = 1;
    observatory->log_id = stored == nullptr ? "" : std::get<Observatory>(stored->content).log_id;
  } else if (auto* document = std::get_if<Document>(&resource->content)) {
    *document = given.base().rules().Normalised(
        *document, stored == nullptr ? nullptr : &std::get<Document>(stored->content), given);
  }
  return resource;
}

void CheckOnlyObservatory(const NewestState& state, const Change& change, const Resource** created,
                          Report& report) {
  if (change.kind != ChangeKind::kCreate || change.after->type() != Type::kObservatory) return;
  const Resource* other = state.observatory() != nullptr ? state.observatory() : *created;
  if (other != nullptr) {
    report.Add(
        "name",
        absl::StrCat("there is exactly one observatory, ", other->name, "; apply changes to that"),
        "ONLY_ONE_OBSERVATORY");
  }
  *created = change.after.get();
}

absl::Status CheckTogether(const NewestState& state, const std::vector<Change>& changes,
                           Author author) {
  Overlay after(state);
  for (const Change& change : changes) {
    if (change.kind != ChangeKind::kNone) after.Put(*change.after);
  }
  HierarchyCheck hierarchy(after);
  Problems problems;
  const Resource* created_observatory = nullptr;
  for (size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    if (change.kind == ChangeKind::kNone) continue;
    Report report = ReportFor(&problems, static_cast<int>(i), *change.after);
    if (change.before != nullptr) CheckChange(*change.before, *change.after, state.rules(), report);
    CheckOnlyObservatory(state, change, &created_observatory, report);
    if (author == Author::kClient && change.after->type() == Type::kSelection) {
      report.AddTyped("", "selections are made by AdvanceProgramme and cannot be applied",
                      "SELECTION_NOT_APPLIED");
    }
    hierarchy.Check(*change.after, report);
  }
  if (problems.empty()) state.rules().CheckChanges(changes, state, after, problems);
  // Needs hierarchies that are whole.
  if (problems.empty()) {
    if (const auto overlap = FindScopeOverlap(after, changes)) {
      const Resource& touched = *changes[overlap->change].after;
      ReportFor(&problems, static_cast<int>(overlap->change), touched)
          .AddTyped(overlap->field, overlap->message, overlap->reason);
    }
  }
  return problems.ToStatus(absl::StatusCode::kFailedPrecondition);
}

}  // namespace

absl::StatusOr<std::vector<Change>> PlanApply(const NewestState& state,
                                              std::span<const WantedState> wanted,
                                              const Stamp& stamp, Author author) {
  const bool by_client = author == Author::kClient;
  if (by_client) TM_RETURN_IF_ERROR(CheckShapes(state.rules(), wanted));
  Overlay given(state);
  for (const WantedState& each : wanted) given.Put(each.resource);
  std::vector<Change> changes(wanted.size());
  Problems too_large;
  for (size_t i = 0; i < wanted.size(); ++i) {
    Change& change = changes[i];
    change.name = wanted[i].resource.name;
    change.version = stamp.version;
    change.time_us = stamp.time_us;
    change.changed_by = stamp.principal;
    change.before = state.FindShared(change.name);
    const std::string field = absl::StrCat("resources[", i, "].etag");
    TM_RETURN_IF_ERROR(CheckEtag(field, change.name, wanted[i].etag, change.before.get()));
    change.after = by_client ? Normalised(wanted[i].resource, change.before.get(), given, stamp)
                             : Stamped(wanted[i].resource, stamp);
    if (change.before == nullptr) {
      change.kind = ChangeKind::kCreate;
    } else if (SameState(*change.before, *change.after)) {
      change.kind = ChangeKind::kNone;
      change.after = change.before;
    } else {
      change.kind = ChangeKind::kUpdate;
    }
    if (change.kind == ChangeKind::kNone) continue;
    if (const size_t bytes = EncodeState(*change.after).size(); bytes > kMaxStateBytes) {
      too_large.Add(absl::StrCat("resources[", i, "]"),
                    absl::StrCat(change.name, ": ", bytes, " bytes stored, want at most 1 MiB"),
                    "RESOURCE_TOO_LARGE");
    }
  }
  TM_RETURN_IF_ERROR(too_large.ToStatus(absl::StatusCode::kInvalidArgument));
  TM_RETURN_IF_ERROR(CheckTogether(state, changes, author));
  return changes;
}

absl::Status CheckNewShape(const Resource& resource, const DocumentRules& rules,
                           std::string_view field) {
  Problems problems;
  Report report(&problems, -1, "", field);
  CheckResource(resource, rules, report);
  if (const size_t bytes = EncodeState(resource).size(); bytes > kMaxStateBytes) {
    report.AddTyped("", absl::StrCat(bytes, " bytes stored, want at most 1 MiB"),
                    "RESOURCE_TOO_LARGE");
  }
  return problems.ToStatus(absl::StatusCode::kInvalidArgument);
}

absl::Status CheckNewTogether(const NewestState& state, const Resource& resource,
                              std::string_view field) {
  Overlay after(state);
  Problems problems;
  Report report(&problems, -1, "", field);
  HierarchyCheck(after).Check(resource, report);
  return problems.ToStatus(absl::StatusCode::kFailedPrecondition);
}

absl::Status CheckNewToken(const NewestState& state, const Resource& token) {
  const std::string_view field = CollectionOf(Type::kToken).field;
  TM_RETURN_IF_ERROR(CheckNewShape(token, state.rules(), field));
  return CheckNewTogether(state, token, field);
}

absl::Status NotFound(const std::vector<ResourcePtr>& candidates, std::string_view name) {
  const std::vector<std::string> near = NearestNames(candidates, name, 3);
  std::string message = absl::StrCat(Quoted(name), " does not exist");
  if (!near.empty()) absl::StrAppend(&message, "; near it: ", absl::StrJoin(near, ", "));
  status::Metadata metadata = {{"resource", std::string(name)}};
  if (!near.empty()) metadata.emplace_back("near", absl::StrJoin(near, ","));
  return status::WithReason(absl::NotFoundError(message), "RESOURCE_NOT_FOUND", metadata);
}

}  // namespace tidemark::catalog
