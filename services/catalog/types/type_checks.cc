#include "services/catalog/types/type_checks.h"

#include "services/catalog/types/check_indicators.h"
#include "services/catalog/types/check_observations.h"
#include "services/catalog/types/check_programmes.h"
#include "services/catalog/types/field_walk.h"
#include "services/catalog/types/type_rules.h"

namespace tidemark::catalog {
void CheckTypeRules(const google::protobuf::Message& document, Report& report) {
  ForEachMessage(document, "", [&](const google::protobuf::Message& part, const std::string& path) {
    if (const auto* slice = As<v1::Slice>(part)) CheckSlice(*slice, path, report);
  });
  CheckProgrammes(document, report);
  if (const auto* body = As<v1::Organisation>(document)) return CheckOrganisation(*body, report);
  if (const auto* policy = As<v1::Policy>(document)) return CheckPolicy(*policy, report);
  if (const auto* provider = As<v1::Provider>(document)) return CheckProvider(*provider, report);
  if (const auto* product = As<v1::Product>(document)) return CheckProduct(*product, report);
  if (const auto* scenario = As<v1::Scenario>(document)) return CheckScenario(*scenario, report);
  if (const auto* batch = As<v1::Batch>(document)) return CheckBatch(*batch, report);
  if (const auto* mutual = As<v1::Cooperation>(document)) return CheckCooperation(*mutual, report);
  if (const auto* target = As<v1::Target>(document)) return CheckTarget(*target, report);
  if (const auto* asset = As<v1::DataAsset>(document)) return CheckDataAsset(*asset, report);
  if (const auto* grant = As<v1::Grant>(document)) return CheckGrant(*grant, report);
  if (const auto* query = As<v1::SavedQuery>(document)) return CheckSavedQuery(*query, report);
  if (const auto* figure = As<v1::Indicator>(document)) return CheckIndicator(*figure, report);
  if (const auto* series = As<v1::ObservationSeries>(document)) return CheckSeries(*series, report);
  if (const auto* vintage = As<v1::Vintage>(document)) return CheckVintage(*vintage, report);
}

void CheckTypeRulesTogether(const google::protobuf::Message& document, const ResourceLookup& after,
                            Report& report) {
  ForEachMessage(document, "", [&](const google::protobuf::Message& part, const std::string& path) {
    if (const auto* line = As<v1::PolicyLineRef>(part)) {
      CheckPolicyLineTogether(*line, path, after, report);
    }
  });
  if (const auto* project = As<v1::Project>(document)) {
    return CheckProjectTogether(*project, after, report);
  }
  if (const auto* task = As<v1::Task>(document)) return CheckTaskTogether(*task, after, report);
  if (const auto* target = As<v1::Target>(document)) {
    return CheckTargetTogether(*target, after, report);
  }
  if (const auto* series = As<v1::ObservationSeries>(document)) {
    return CheckSeriesTogether(*series, after, report);
  }
  if (const auto* vintage = As<v1::Vintage>(document)) {
    return CheckVintageTogether(*vintage, after, report);
  }
}

void CheckTypeChange(const google::protobuf::Message& before,
                     const google::protobuf::Message& after, Report& report) {
  if (const auto* figure = As<v1::Indicator>(after)) {
    return CheckIndicatorChange(*As<v1::Indicator>(before), *figure, report);
  }
  if (const auto* vintage = As<v1::Vintage>(after)) {
    return CheckVintageChange(*As<v1::Vintage>(before), *vintage, report);
  }
  if (const auto* asset = As<v1::DataAsset>(after)) {
    return CheckDataAssetChange(*As<v1::DataAsset>(before), *asset, report);
  }
  if (const auto* grant = As<v1::Grant>(after)) {
    return CheckGrantChange(*As<v1::Grant>(before), *grant, report);
  }
}

}  // namespace tidemark::catalog
