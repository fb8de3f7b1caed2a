#include "services/catalog/types/type_checks.h"

#include "services/catalog/types/check_programmes.h"

namespace tidemark::catalog {

void CheckTypeRules(const google::protobuf::Message& document, Report& report) {
  CheckProgrammes(document, report);
}

void CheckTypeRulesTogether(const google::protobuf::Message&, const ResourceLookup&, Report&) {}

}  // namespace tidemark::catalog
