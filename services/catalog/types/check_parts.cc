#include "services/catalog/types/check_parts.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/document_message.h"
#include "services/catalog/types/field_walk.h"
#include "services/catalog/types/type_rules.h"
#include "tidemark/catalog/v1/programmes.pb.h"

namespace tidemark::catalog {
namespace {

using Ids = absl::flat_hash_set<std::string>;
using google::protobuf::Message;

// Whose messages may hold a PolicyLineRef.
constexpr Type kWithPolicyLines[] = {Type::kScenario, Type::kProject, Type::kActivity,
                                     Type::kCooperation, Type::kProgramme};

// Ids of the parts that are in `before` and no more in `after`.
template <typename Parts>
Ids Removed(const Parts& before, const Parts& after) {
  Ids ids;
  for (const auto& part : before) ids.insert(part.id());
  for (const auto& part : after) ids.erase(part.id());
  return ids;
}

// Parts of one resource that would be gone, each with one resource that names it.
class Missed {
 public:
  Missed(const Ids& removed, const ResourceLookup& after) : removed_(removed), after_(after) {}

  void Name(const std::string& id, const std::string& referrer) {
    if (!removed_.contains(id)) return;
    std::string& first = by_id_[id];
    if (first.empty() || referrer < first) first = referrer;
  }

  void NameLines(const std::string& policy) {
    for (const Type type : kWithPolicyLines) {
      after_.ForEachReferrer(type, policy, [&](const Resource& resource) {
        const auto message = MessageOf(std::get<Document>(resource.content));
        if (message == nullptr) return;
        ForEachMessage(*message, "", [&](const Message& part, const std::string&) {
          const auto* line = As<v1::PolicyLineRef>(part);
          if (line != nullptr && line->policy() == policy) Name(line->line(), resource.name);
        });
      });
    }
  }

  // Of projects and tasks below a programme or candidacy; one may have moved to the other.
  void NameContents(const std::string& owner) {
    after_.ForEachReferrer(Type::kTask, owner, [&](const Resource& resource) {
      const auto task = MessageIn<v1::Task>(resource);
      if (task && task->parent() == owner) NameContent(owner, task->content(), resource.name);
    });
    after_.ForEachReferrer(Type::kProject, owner, [&](const Resource& resource) {
      const auto project = MessageIn<v1::Project>(resource);
      if (!project || project->candidacy() != owner) return;
      for (const std::string& id : project->contents()) NameContent(owner, id, resource.name);
    });
  }

  void NameCriteria(const std::string& candidacy) {
    after_.ForEachReferrer(Type::kAssessment, candidacy, [&](const Resource& resource) {
      const auto assessment = MessageIn<v1::Assessment>(resource);
      if (!assessment) return;
      for (const v1::Score& score : assessment->scores()) Name(score.criterion(), resource.name);
    });
  }

  void Tell(std::string_view field, Report& report) const {
    for (const auto& [id, referrer] : by_id_) {
      report.AddTyped(field,
                      absl::StrCat(Quoted(id), " is referred to by ", referrer,
                                   "; keep it, or take it out there first"),
                      "STILL_REFERENCED");
    }
  }

 private:
  void NameContent(const std::string& owner, const std::string& id, const std::string& referrer) {
    if (removed_.contains(id) && !HasContent(owner, id, after_)) Name(id, referrer);
  }

  const Ids& removed_;
  const ResourceLookup& after_;
  absl::btree_map<std::string, std::string> by_id_;
};

// Before and after; nothing when the resource is of another type.
template <typename M>
std::optional<std::pair<M, M>> BothOf(const Change& change) {
  auto before = MessageIn<M>(*change.before);
  auto after = MessageIn<M>(*change.after);
  if (!before || !after) return std::nullopt;
  return std::pair(*std::move(before), *std::move(after));
}

template <typename F>
void ForEachCandidacy(const std::string& programme, const ResourceLookup& after, F visit) {
  after.ForEachReferrer(Type::kCandidacy, programme,
                        [&](const Resource& candidacy) { visit(candidacy.name); });
}

void CheckPolicy(const Change& change, const ResourceLookup& after, Report& report) {
  const auto both = BothOf<v1::Policy>(change);
  if (!both) return;
  const Ids removed = Removed(both->first.lines(), both->second.lines());
  if (removed.empty()) return;
  Missed missed(removed, after);
  missed.NameLines(change.name);
  missed.Tell("lines", report);
}

void CheckProgramme(const Change& change, const ResourceLookup& after, Report& report) {
  const auto both = BothOf<v1::Programme>(change);
  if (!both) return;
  if (const Ids removed = Removed(both->first.contents(), both->second.contents());
      !removed.empty()) {
    Missed missed(removed, after);
    missed.NameContents(change.name);
    ForEachCandidacy(change.name, after,
                     [&](const std::string& candidacy) { missed.NameContents(candidacy); });
    missed.Tell("contents", report);
  }
  if (const Ids removed = Removed(both->first.criteria(), both->second.criteria());
      !removed.empty()) {
    Missed missed(removed, after);
    ForEachCandidacy(change.name, after,
                     [&](const std::string& candidacy) { missed.NameCriteria(candidacy); });
    missed.Tell("criteria", report);
  }
}

void CheckCandidacy(const Change& change, const ResourceLookup& after, Report& report) {
  const auto both = BothOf<v1::Candidacy>(change);
  if (!both) return;
  const Ids removed = Removed(both->first.contents(), both->second.contents());
  if (removed.empty()) return;
  Missed missed(removed, after);
  missed.NameContents(change.name);
  missed.Tell("contents", report);
}

}  // namespace

void CheckRemovedParts(std::span<const Change> changes, const ResourceLookup& after,
                       Problems& problems) {
  for (size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    if (change.kind != ChangeKind::kUpdate) continue;
    Report report(&problems, static_cast<int>(i), change.name,
                  CollectionOf(change.after->type()).field);
    switch (change.after->type()) {
      case Type::kPolicy:
        CheckPolicy(change, after, report);
        break;
      case Type::kProgramme:
        CheckProgramme(change, after, report);
        break;
      case Type::kCandidacy:
        CheckCandidacy(change, after, report);
        break;
      default:
        break;
    }
  }
}

}  // namespace tidemark::catalog
