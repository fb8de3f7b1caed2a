#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_PROGRAMMES_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_PROGRAMMES_H_

#include <google/protobuf/message.h>

#include <string_view>

#include "services/catalog/domain/problems.h"
#include "tidemark/catalog/v1/programmes.pb.h"

namespace tidemark::catalog {

inline constexpr uint32_t kUsualMaxScore = 100;

// Rules between the fields of a programme, and of an assessment by itself; any other document
// passes.
void CheckProgrammes(const google::protobuf::Message& document, Report& report);

// What a programme lacks that must be there from OPEN on, by the name of its field; empty: nothing.
std::string_view MissingForCall(const v1::Programme& programme);

// Highest score of every criterion.
uint32_t MaxScore(const v1::Programme& programme);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_PROGRAMMES_H_
