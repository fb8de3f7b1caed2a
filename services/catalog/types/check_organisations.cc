#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/field_walk.h"
#include "services/catalog/types/type_rules.h"

namespace tidemark::catalog {
namespace {

// Lines of the policies that a request refers to; each policy is read once.
class PolicyLines {
 public:
  bool Has(const std::string& policy, const std::string& line, const ResourceLookup& after) {
    const auto [at, is_new] = lines_.try_emplace(policy);
    if (is_new) {
      if (const auto found = FindMessage<v1::Policy>(after, policy)) {
        for (const v1::PolicyLine& one : found->lines()) at->second.insert(one.id());
      }
    }
    return at->second.contains(line);
  }

 private:
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> lines_;
};

}  // namespace

void CheckOrganisation(const v1::Organisation& organisation, Report& report) {
  for (int i = 0; i < organisation.members_size(); ++i) {
    const v1::PartyRole role = organisation.members(i).role();
    if (role == v1::PARTY_ROLE_LEAD || role == v1::PARTY_ROLE_FOUNDER ||
        role == v1::PARTY_ROLE_MEMBER) {
      continue;
    }
    report.AddTyped(absl::StrCat("members[", i, "].role"), "want LEAD, FOUNDER or MEMBER");
  }
}

void CheckPolicy(const v1::Policy& policy, Report& report) {
  absl::flat_hash_map<std::string_view, std::string_view> parents;
  for (const v1::PolicyLine& line : policy.lines()) parents[line.id()] = line.parent();
  for (int i = 0; i < policy.lines_size(); ++i) {
    const v1::PolicyLine& line = policy.lines(i);
    const std::string field = absl::StrCat("lines[", i, "]");
    std::string_view above = line.parent();
    // A policy has few lines, so a walk that is longer goes round.
    for (int steps = 0; !above.empty(); ++steps) {
      const auto found = parents.find(above);
      if (found == parents.end()) {
        // Told at the line itself, not at those below it.
        if (above == line.parent()) {
          report.AddTyped(field + ".parent",
                          absl::StrCat(Quoted(above), " is no line of this policy"),
                          "DANGLING_REFERENCE");
        }
        break;
      }
      if (steps >= policy.lines_size()) {
        report.AddTyped(field + ".parent", "leads back to itself", "CYCLE");
        break;
      }
      above = found->second;
    }
    for (int k = 0; k < line.audience_size(); ++k) {
      const std::string& dimension = line.audience(k).dimension();
      if (dimension == "segment" || dimension == "age_band" || dimension == "area_type" ||
          dimension == "income_band") {
        continue;
      }
      report.AddTyped(absl::StrCat(field, ".audience[", k, "].dimension"),
                      absl::StrCat(Quoted(dimension),
                                   " is none of consumers; want segment, "
                                   "age_band, area_type or income_band"));
    }
  }
}

void CheckPolicyLineTogether(const v1::PolicyLineRef& ref, const std::string& path,
                             const ResourceLookup& after, Report& report) {
  if (ref.line().empty()) return;
  if (after.notes().Of<PolicyLines>().Has(ref.policy(), ref.line(), after)) return;
  report.AddTyped(Join(path, "line"),
                  absl::StrCat(ref.policy(), " has no line ", Quoted(ref.line())),
                  "DANGLING_REFERENCE");
}

}  // namespace tidemark::catalog
