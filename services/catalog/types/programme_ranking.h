#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_PROGRAMME_RANKING_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_PROGRAMME_RANKING_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/catalog/domain/catalog.h"
#include "tidemark/catalog/v1/programmes.pb.h"

namespace tidemark::catalog {

struct RankingQuery {
  std::string programme;
  v1::AssessmentRound round = v1::ASSESSMENT_ROUND_UNSPECIFIED;
  // Not 0; see Catalog::ResolveVersion.
  uint64_t version = 0;
  // Candidacies whose mean scores are wanted.
  std::vector<std::string> explain;
  // Asked before each record is read.
  std::function<bool()> cancelled = [] { return false; };
};

struct ProgrammeRanking {
  v1::Selection selection;
  // Names of what keeps the step from being taken; all of them.
  std::vector<std::string> unfinished;
};

// Ranks a programme's candidacies from the records of a version and nothing else. Candidacies and
// assessments are never deleted and keep what they belong to, so those of a version are found among
// those of today.
//
// INVALID_ARGUMENT: no programme's name, no round, an unknown candidacy to explain. NOT_FOUND.
// FAILED_PRECONDITION (RECORDED_PROGRAMME, NO_RULES). CANCELLED when `cancelled` said so.
absl::StatusOr<ProgrammeRanking> RankProgramme(const Catalog& catalog, const RankingQuery& query);

// The programme of a request's field `programme` at a version, with its message.
struct ProgrammeState {
  ResourcePtr resource;
  v1::Programme message;
};
absl::StatusOr<ProgrammeState> ReadProgramme(const Catalog& catalog, const std::string& name,
                                             uint64_t version);

// FAILED_PRECONDITION (RECORDED_PROGRAMME) when it was run elsewhere.
absl::Status CheckRunHere(const ProgrammeState& programme);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_PROGRAMME_RANKING_H_
