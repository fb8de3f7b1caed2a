#include "services/catalog/types/type_checks.h"

#include "services/catalog/types/check_indicators.h"
#include "services/catalog/types/check_observations.h"

namespace tidemark::catalog {
namespace {

template <typename T>
const T* As(const google::protobuf::Message& message) {
  return message.GetDescriptor() == T::descriptor() ? static_cast<const T*>(&message) : nullptr;
}

}  // namespace

void CheckTypeRules(const google::protobuf::Message& message, Report& report) {
  if (const auto* i = As<v1::Indicator>(message)) return CheckIndicator(*i, report);
  if (const auto* s = As<v1::ObservationSeries>(message)) return CheckSeries(*s, report);
  if (const auto* v = As<v1::Vintage>(message)) return CheckVintage(*v, report);
}

void CheckTypeChange(const google::protobuf::Message& before,
                     const google::protobuf::Message& after, Report& report) {
  if (const auto* i = As<v1::Indicator>(after)) {
    return CheckIndicatorChange(*As<v1::Indicator>(before), *i, report);
  }
  if (const auto* v = As<v1::Vintage>(after)) {
    return CheckVintageChange(*As<v1::Vintage>(before), *v, report);
  }
}

void CheckTypeRulesTogether(const google::protobuf::Message& message, const ResourceLookup& after,
                            Report& report) {
  if (const auto* s = As<v1::ObservationSeries>(message))
    return CheckSeriesTogether(*s, after, report);
  if (const auto* v = As<v1::Vintage>(message)) return CheckVintageTogether(*v, after, report);
}

}  // namespace tidemark::catalog
