#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_TYPE_RULES_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_TYPE_RULES_H_

#include <google/protobuf/repeated_field.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/problems.h"
#include "services/catalog/types/document_message.h"
#include "tidemark/catalog/v1/activities.pb.h"
#include "tidemark/catalog/v1/common.pb.h"
#include "tidemark/catalog/v1/offers.pb.h"
#include "tidemark/catalog/v1/organisations.pb.h"
#include "tidemark/catalog/v1/rights.pb.h"
#include "tidemark/catalog/v1/saved_query.pb.h"
#include "tidemark/catalog/v1/scenarios.pb.h"
#include "tidemark/catalog/v1/targets.pb.h"
#include "tidemark/type/v1/date.pb.h"

// The rules between fields, by type; what each means stands at the messages. `...Together`: beside
// what a resource refers to.
namespace tidemark::catalog {

void CheckOrganisation(const v1::Organisation& organisation, Report& report);
void CheckPolicy(const v1::Policy& policy, Report& report);
void CheckProvider(const v1::Provider& provider, Report& report);
void CheckProduct(const v1::Product& product, Report& report);
void CheckScenario(const v1::Scenario& scenario, Report& report);
void CheckBatch(const v1::Batch& batch, Report& report);
void CheckCooperation(const v1::Cooperation& cooperation, Report& report);
void CheckTarget(const v1::Target& target, Report& report);
void CheckDataAsset(const v1::DataAsset& asset, Report& report);
// Nothing follows RETIRED.
void CheckDataAssetChange(const v1::DataAsset& before, const v1::DataAsset& after, Report& report);
void CheckGrant(const v1::Grant& grant, Report& report);
// A revocation stays.
void CheckGrantChange(const v1::Grant& before, const v1::Grant& after, Report& report);
void CheckSavedQuery(const v1::SavedQuery& query, Report& report);

void CheckPolicyLineTogether(const v1::PolicyLineRef& ref, const std::string& path,
                             const ResourceLookup& after, Report& report);
void CheckProjectTogether(const v1::Project& project, const ResourceLookup& after, Report& report);
void CheckTaskTogether(const v1::Task& task, const ResourceLookup& after, Report& report);
void CheckTargetTogether(const v1::Target& target, const ResourceLookup& after, Report& report);

// Whether `id` is a content of a programme, or of a candidacy or its programme. Each is read once
// for a request.
bool HasContent(const std::string& owner, const std::string& id, const ResourceLookup& after);

// Shared by the rules above.
struct DatedEntry {
  const type::v1::Validity* valid;
  // Where the entry stands.
  std::string path;
};
// No two of the entries, which are of one thing, hold on the same day.
void CheckOneAtATime(std::vector<DatedEntry> entries, std::string_view what, Report& report);
// One holder's validities do not overlap, and the weights of no day are too many.
void CheckRights(const google::protobuf::RepeatedPtrField<v1::RightsShare>& rights, Report& report);

// The message of the resource named; nothing when there is none of that type.
template <typename T>
std::optional<T> FindMessage(const ResourceLookup& after, std::string_view name) {
  const Resource* resource = after.Find(name);
  return resource == nullptr ? std::nullopt : MessageIn<T>(*resource);
}

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_TYPE_RULES_H_
