#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_PROGRAMME_NOTES_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_PROGRAMME_NOTES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "services/catalog/domain/newest_state.h"
#include "tidemark/catalog/v1/programmes.pb.h"

namespace tidemark::catalog {

// What the records of a request need to know of their programme, its candidacies and their
// assessments: each is read once for the whole request, however many of its records name it.
class ProgrammeNotes {
 public:
  struct Programme {
    v1::Programme message;
    absl::flat_hash_map<std::string, v1::AssessmentRound> criteria;
    // By round.
    int criteria_of_round[3] = {0, 0, 0};
    absl::flat_hash_set<std::string> contents;
  };
  // Names of the resources that claim a place only one may have, by the place.
  struct Places {
    absl::flat_hash_map<std::string, std::vector<std::string>> claims;
    // Resources, by round for assessments, at 0 for candidacies.
    size_t counts[3] = {0, 0, 0};

    // Another than `name` that claims the place too; empty: none does.
    std::string OtherClaim(const std::string& place, std::string_view name) const;
  };

  // Null when there is no such programme.
  const Programme* FindProgramme(const std::string& name, const ResourceLookup& after);
  // The candidacies of a programme by candidate.
  const Places& Candidacies(const std::string& programme, const ResourceLookup& after);
  // The assessments of a candidacy by Place(round, assessor).
  const Places& Assessments(const std::string& candidacy, const ResourceLookup& after);

  static std::string Place(v1::AssessmentRound round, const std::string& assessor);
  // Name of the programme of a candidacy, which costs the same however large the candidacy is.
  static std::string ProgrammeOf(const Resource& candidacy);

 private:
  absl::flat_hash_map<std::string, std::unique_ptr<Programme>> programmes_;
  absl::flat_hash_map<std::string, std::unique_ptr<Places>> candidacies_;
  absl::flat_hash_map<std::string, std::unique_ptr<Places>> assessments_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_PROGRAMME_NOTES_H_
