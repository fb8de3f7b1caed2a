#include <map>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/type_rules.h"
#include "tidemark/catalog/v1/programmes.pb.h"

namespace tidemark::catalog {
namespace {

// Ids of the contents of the programmes and candidacies that a request refers to: their own, and
// for a candidacy those of its programme. Each is read once.
class Contents {
 public:
  bool Has(const std::string& name, const std::string& id, const ResourceLookup& after) {
    const auto [at, is_new] = ids_.try_emplace(name);
    if (is_new) Read(name, after, &at->second);
    return at->second.contains(id);
  }

 private:
  using Ids = absl::flat_hash_set<std::string>;

  static void Read(const std::string& name, const ResourceLookup& after, Ids* ids) {
    std::string programme = name;
    if (const auto candidacy = FindMessage<v1::Candidacy>(after, name)) {
      for (const v1::ProgrammeContent& content : candidacy->contents()) ids->insert(content.id());
      programme = candidacy->programme();
    }
    if (const auto found = FindMessage<v1::Programme>(after, programme)) {
      for (const v1::ProgrammeContent& content : found->contents()) ids->insert(content.id());
    }
  }

  absl::flat_hash_map<std::string, Ids> ids_;
};

}  // namespace

bool HasContent(const std::string& owner, const std::string& id, const ResourceLookup& after) {
  return after.notes().Of<Contents>().Has(owner, id, after);
}

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
  for (int i = 0; i < project.contents_size(); ++i) {
    if (HasContent(project.candidacy(), project.contents(i), after)) continue;
    report.AddTyped(absl::StrCat("contents[", i, "]"),
                    absl::StrCat(Quoted(project.contents(i)), " is no content of ",
                                 project.candidacy(), " or its programme"),
                    "DANGLING_REFERENCE");
  }
}

void CheckTaskTogether(const v1::Task& task, const ResourceLookup& after, Report& report) {
  if (task.content().empty()) return;
  if (HasContent(task.parent(), task.content(), after)) return;
  report.AddTyped("content",
                  absl::StrCat(Quoted(task.content()), " is no content of ", task.parent()),
                  "DANGLING_REFERENCE");
}

}  // namespace tidemark::catalog
