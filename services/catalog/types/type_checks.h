#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_TYPE_CHECKS_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_TYPE_CHECKS_H_

#include <google/protobuf/message.h>

#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/problems.h"

namespace tidemark::catalog {

// What several fields of a document must keep to together, whatever its type: one file per theme
// holds the rules of its messages. Called when each field by itself has been found right.
void CheckTypeRules(const google::protobuf::Message& document, Report& report);

// What cannot change, beyond fields that are fixed by their rules.
void CheckTypeChange(const google::protobuf::Message& before,
                     const google::protobuf::Message& after, Report& report);

// What a document must keep to beside what it refers to, all of which exists in `after`.
void CheckTypeRulesTogether(const google::protobuf::Message& document, const ResourceLookup& after,
                            Report& report);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_TYPE_CHECKS_H_
