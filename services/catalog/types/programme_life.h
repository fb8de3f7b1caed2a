#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_PROGRAMME_LIFE_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_PROGRAMME_LIFE_H_

#include <google/protobuf/message.h>

#include <string>

#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/problems.h"
#include "tidemark/catalog/v1/programmes.pb.h"

namespace tidemark::catalog {

inline constexpr size_t kMaxCandidacies = 5'000;
inline constexpr size_t kMaxAssessments = 100;

// What a programme, candidacy or assessment must keep to beside the others of its programme: what
// may be written in which stage, what exists once, how many there may be. Any other document
// passes. Of each programme and candidacy that a request touches, those below it are looked at
// once.
void CheckProgrammeLife(const Resource& resource, const google::protobuf::Message& document,
                        const ResourceLookup& after, Report& report);

// Keeps the stage and the outcome that only AdvanceProgramme sets, unless the programme is
// recorded. `stored`: null when there is none. `given`: the catalog as the wanted states give it.
void KeepProgrammeLife(const google::protobuf::Message* stored, const ResourceLookup& given,
                       google::protobuf::Message* wanted);

// "DRAFT"
std::string StageName(v1::ProgrammeStage stage);
// Where UNSPECIFIED stands for DRAFT.
v1::ProgrammeStage StageOf(const v1::Programme& programme);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_PROGRAMME_LIFE_H_
