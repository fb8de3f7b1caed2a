#include "services/catalog/types/type_checks.h"

namespace tidemark::catalog {

void CheckTypeRules(const google::protobuf::Message&, Report&) {}

void CheckTypeRulesTogether(const google::protobuf::Message&, const ResourceLookup&, Report&) {}

}  // namespace tidemark::catalog
