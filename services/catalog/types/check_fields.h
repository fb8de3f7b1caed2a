#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_FIELDS_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_FIELDS_H_

#include <google/protobuf/message.h>

#include <string>

#include "services/catalog/domain/problems.h"

namespace tidemark::catalog {

// Judges the fields of one message, not those of the messages in it, by their rules (rules.proto).
// Names that refer to others are judged as references.
void CheckFields(const google::protobuf::Message& message, const std::string& path, Report& report);

// Judges days, periods, numbers and units by what their messages say; any other message passes.
void CheckValue(const google::protobuf::Message& message, const std::string& path, Report& report);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_FIELDS_H_
