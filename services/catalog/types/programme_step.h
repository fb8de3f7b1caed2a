#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_PROGRAMME_STEP_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_PROGRAMME_STEP_H_

#include <string>

#include "absl/status/statusor.h"
#include "services/catalog/domain/catalog.h"
#include "tidemark/catalog/v1/programme_steps.pb.h"
#include "tidemark/type/v1/role.pb.h"

namespace tidemark::catalog {

struct StepTaken {
  ResourcePtr programme;
  // Null: the step makes none.
  ResourcePtr selection;
  // Candidacies whose outcome was set.
  uint32_t decided = 0;
  uint64_t version = 0;
};

// Takes one step of a programme's life, as one version: the stage, its record, and for DEFENCE and
// SELECTED the selection and every candidacy's outcome, decided from the version before. `role`:
// the one that lets the principal of `attempt` take it. Errors are those of
// CatalogService.AdvanceProgramme.
absl::StatusOr<StepTaken> TakeStep(Catalog& catalog, const Attempt& attempt, type::v1::Role role,
                                   const v1::AdvanceProgrammeRequest& request);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_PROGRAMME_STEP_H_
