#include <map>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/type_rules.h"
#include "tidemark/catalog/v1/programmes.pb.h"

namespace tidemark::catalog {
namespace {

// Ids of the contents that the resource, a programme or candidacy, has: its own, and for a
// candidacy those of its programme.
absl::flat_hash_set<std::string> ContentsOf(const ResourceLookup& after, std::string_view name) {
  absl::flat_hash_set<std::string> ids;
  std::string programme(name);
  if (const auto candidacy = FindMessage<v1::Candidacy>(after, name)) {
    for (const v1::ProgrammeContent& content : candidacy->contents()) ids.insert(content.id());
    programme = candidacy->programme();
  }
  if (const auto found = FindMessage<v1::Programme>(after, programme)) {
    for (const v1::ProgrammeContent& content : found->contents()) ids.insert(content.id());
  }
  return ids;
}

}  // namespace

void CheckScenario(const v1::Scenario& scenario, Report& report) {
  std::map<std::string_view, std::vector<DatedEntry>> regions;
  for (int i = 0; i < scenario.adoptions_size(); ++i) {
    const v1::ScenarioAdoption& adoption = scenario.adoptions(i);
    regions[adoption.region()].push_back({&adoption.valid(), absl::StrCat("adoptions[", i, "]")});
  }
  for (auto& [region, entries] : regions) CheckOneAtATime(std::move(entries), region, report);
}

void CheckBatch(const v1::Batch& batch, Report& report) {
  const Collection* collection = FindCollection(batch.collection());
  constexpr Types kAllowed = TypeBit(Type::kScenario) | TypeBit(Type::kProject) |
                             TypeBit(Type::kDigitalApp) | TypeBit(Type::kVenue) |
                             TypeBit(Type::kProduct) | TypeBit(Type::kProvider) |
                             TypeBit(Type::kOrganisation);
  if (collection == nullptr || (TypeBit(collection->type) & kAllowed) == 0) {
    return report.AddTyped("collection",
                           absl::StrCat(Quoted(batch.collection()),
                                        ", want scenarios, projects, digitalApps, venues, "
                                        "products, providers or organisations"));
  }
  for (int i = 0; i < batch.members_size(); ++i) {
    const auto parsed = ParseName(batch.members(i));
    // What is no name at all is told as a reference.
    if (!parsed || parsed->type == collection->type) continue;
    report.AddTyped(absl::StrCat("members[", i, "]"),
                    absl::StrCat(Quoted(batch.members(i)), " is not of ", batch.collection()));
  }
  if (batch.declared_count() != 0 &&
      batch.declared_count() < static_cast<uint32_t>(batch.members_size())) {
    report.AddTyped(
        "declared_count",
        absl::StrCat(batch.declared_count(), ", but ", batch.members_size(), " members are listed"),
        "DECLARED_COUNT_TOO_SMALL");
  }
}

void CheckProjectTogether(const v1::Project& project, const ResourceLookup& after, Report& report) {
  if (project.contents().empty()) return;
  if (project.candidacy().empty()) {
    return report.AddTyped("candidacy", "missing; `contents` are those of a candidacy");
  }
  const auto contents = ContentsOf(after, project.candidacy());
  for (int i = 0; i < project.contents_size(); ++i) {
    if (contents.contains(project.contents(i))) continue;
    report.AddTyped(absl::StrCat("contents[", i, "]"),
                    absl::StrCat(Quoted(project.contents(i)), " is no content of ",
                                 project.candidacy(), " or its programme"),
                    "DANGLING_REFERENCE");
  }
}

void CheckTaskTogether(const v1::Task& task, const ResourceLookup& after, Report& report) {
  if (task.content().empty()) return;
  if (ContentsOf(after, task.parent()).contains(task.content())) return;
  report.AddTyped("content",
                  absl::StrCat(Quoted(task.content()), " is no content of ", task.parent()),
                  "DANGLING_REFERENCE");
}

}  // namespace tidemark::catalog
