#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_APPLY_PLAN_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_APPLY_PLAN_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// A wanted state, with the etag the caller saw (empty: any).
struct WantedState {
  Resource resource;
  std::string etag;
};

// What a new state is marked with.
struct Stamp {
  uint64_t version = 0;
  int64_t time_us = 0;
  std::string principal;
};

// Who says what is wanted.
enum class Author {
  // What only the catalog sets is kept from the stored state.
  kClient,
  // The catalog itself, from stored states: everything stands as it is given.
  kCatalog,
};

// What applying wanted states would do: one change per wanted state, in order; kNone, with the
// stored state on both sides, where nothing would change.
//
// INVALID_ARGUMENT: a resource that is wrong by itself. ABORTED (ETAG_MISMATCH).
// FAILED_PRECONDITION: wrong next to the others, or a field that cannot change.
absl::StatusOr<std::vector<Change>> PlanApply(const NewestState& state,
                                              std::span<const WantedState> wanted,
                                              const Stamp& stamp, Author author = Author::kClient);

// Everything that IssueToken demands of a token, references included.
absl::Status CheckNewToken(const NewestState& state, const Resource& token);

// Everything that is demanded of a resource that would be created, by itself and beside the others;
// problems stand in `field`, that of its type's part.
absl::Status CheckNewShape(const Resource& resource, const DocumentRules& rules,
                           std::string_view field);
absl::Status CheckNewTogether(const NewestState& state, const Resource& resource,
                              std::string_view field);

// NOT_FOUND naming the nearest of the candidates (NewestState::Candidates). Hold no lock.
absl::Status NotFound(const std::vector<ResourcePtr>& candidates, std::string_view name);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_APPLY_PLAN_H_
