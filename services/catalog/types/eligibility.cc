#include "services/catalog/types/eligibility.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "common/status/status_macros.h"
#include "services/catalog/domain/region_levels.h"
#include "services/catalog/types/dates.h"
#include "services/catalog/types/document_message.h"
#include "tidemark/catalog/v1/organisations.pb.h"

namespace tidemark::catalog {
namespace {

constexpr std::string_view kGroups = "regionGroups/";
// More than regions have levels.
constexpr size_t kMostAbove = 64;

bool Contains(const Validity& days, const Date& day) {
  return (!days.start || *days.start <= day) && (!days.end || day < *days.end);
}

class Eligibility {
 public:
  Eligibility(const v1::Programme& programme, ReadState read)
      : rule_(programme.eligibility()),
        submissions_(FromProto(programme.submissions())),
        read_(read),
        within_(rule_.within().begin(), rule_.within().end()) {}

  absl::StatusOr<std::vector<bool>> Judge(const std::vector<v1::Candidacy>& candidacies) {
    for (const v1::Candidacy& candidacy : candidacies) {
      TM_RETURN_IF_ERROR(ReadUpwards(candidacy.candidate()));
    }
    TM_RETURN_IF_ERROR(ReadGroups());
    std::vector<bool> eligible;
    for (const v1::Candidacy& candidacy : candidacies) {
      const Date submitted = FromProto(candidacy.submitted());
      eligible.push_back(candidacy.has_submitted() && Contains(submissions_, submitted) &&
                         IsAllowed(candidacy.candidate(), submitted));
    }
    return eligible;
  }

 private:
  struct Membership {
    std::string group;
    Validity days;
  };

  // The candidate and, of a region, all above it.
  absl::Status ReadUpwards(std::string name) {
    for (size_t height = 0; !name.empty() && height < kMostAbove; ++height) {
      const auto [it, is_new] = states_.try_emplace(name);
      if (!is_new) return absl::OkStatus();
      TM_ASSIGN_OR_RETURN(it->second, read_(name));
      const auto* region =
          it->second == nullptr ? nullptr : std::get_if<Region>(&it->second->content);
      name = region == nullptr ? "" : region->parent;
    }
    return absl::OkStatus();
  }

  // Which of them, and which groups, are members of what the rule names, or of what is inside it.
  absl::Status ReadGroups() {
    absl::flat_hash_set<std::string> seen;
    std::vector<std::string> open;
    const auto reach = [&](const std::string& name) {
      if (absl::StartsWith(name, kGroups) && seen.insert(name).second) open.push_back(name);
    };
    for (const std::string& name : within_) reach(name);
    while (!open.empty()) {
      const std::string name = std::move(open.back());
      open.pop_back();
      TM_ASSIGN_OR_RETURN(const ResourcePtr resource, read_(name));
      const auto* group =
          resource == nullptr ? nullptr : std::get_if<RegionGroup>(&resource->content);
      if (group == nullptr) continue;
      for (const RegionGroupMember& member : group->members) {
        reach(member.member);
        if (!absl::StartsWith(member.member, kGroups) && !states_.contains(member.member)) continue;
        memberships_[member.member].push_back({name, member.valid});
      }
    }
    return absl::OkStatus();
  }

  bool IsAllowed(const std::string& candidate, const Date& day) const {
    const auto it = states_.find(candidate);
    if (it == states_.end() || it->second == nullptr) return false;
    if (const auto* region = std::get_if<Region>(&it->second->content)) {
      const auto has = [region](int level) {
        return IsOfLevel(*region, static_cast<RegionLevel>(level));
      };
      const auto& levels = rule_.levels();
      if (!levels.empty() && std::none_of(levels.begin(), levels.end(), has)) return false;
      return within_.empty() || IsWithin(candidate, day);
    }
    const auto organisation = MessageIn<v1::Organisation>(*it->second);
    const auto& kinds = rule_.organisation_kinds();
    return organisation &&
           std::find(kinds.begin(), kinds.end(), organisation->kind()) != kinds.end();
  }

  bool IsWithin(const std::string& candidate, const Date& day) const {
    absl::flat_hash_set<std::string_view> seen;
    std::vector<std::string_view> open = {candidate};
    while (!open.empty()) {
      const std::string_view name = open.back();
      open.pop_back();
      if (!seen.insert(name).second) continue;
      if (within_.contains(name)) return true;
      if (const auto state = states_.find(name); state != states_.end() && state->second) {
        const auto* region = std::get_if<Region>(&state->second->content);
        if (region != nullptr && !region->parent.empty()) open.push_back(region->parent);
      }
      const auto memberships = memberships_.find(name);
      if (memberships == memberships_.end()) continue;
      for (const Membership& membership : memberships->second) {
        if (Contains(membership.days, day)) open.push_back(membership.group);
      }
    }
    return false;
  }

  const v1::Eligibility& rule_;
  const Validity submissions_;
  const ReadState read_;
  const absl::flat_hash_set<std::string> within_;
  // Of candidates and the regions above them; null: there is none.
  absl::flat_hash_map<std::string, ResourcePtr> states_;
  // By member.
  absl::flat_hash_map<std::string, std::vector<Membership>> memberships_;
};

}  // namespace

absl::StatusOr<std::vector<bool>> JudgeEligibility(const v1::Programme& programme,
                                                   const std::vector<v1::Candidacy>& candidacies,
                                                   ReadState read) {
  return Eligibility(programme, read).Judge(candidacies);
}

}  // namespace tidemark::catalog
