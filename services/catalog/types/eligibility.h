#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_ELIGIBILITY_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_ELIGIBILITY_H_

#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "services/catalog/domain/resource.h"
#include "tidemark/catalog/v1/programmes.pb.h"

namespace tidemark::catalog {

// Reads a resource of the version that is judged by; null when it has none of that name.
using ReadState = absl::FunctionRef<absl::StatusOr<ResourcePtr>(std::string_view name)>;

// Of each candidacy whether it meets the programme's eligibility and days of submission. Every
// region and group that matters is read once; memberships of other regions are not kept.
absl::StatusOr<std::vector<bool>> JudgeEligibility(const v1::Programme& programme,
                                                   const std::vector<v1::Candidacy>& candidacies,
                                                   ReadState read);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_ELIGIBILITY_H_
