#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_SCOPE_OVERLAP_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_SCOPE_OVERLAP_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "services/catalog/domain/newest_state.h"

namespace tidemark::catalog {

// Two LIVE sources whose scopes share a category without precedence.
struct ScopeOverlap {
  // Position of the change that is to blame, and the field of its type's part.
  size_t change = 0;
  std::string_view field;
  // Names both sources and the category, and says what to do.
  std::string message;
};

// The first overlap, by names of sources, that `changes` (which `after` has) would leave without a
// precedence (Source in types.proto). Only overlaps that a change has to do with are judged: one
// that an earlier release let in stands in the way of nothing else. Hierarchies must be whole.
//
// Two categories share all below the lower one, and what is below it has a precedence where it has
// one itself. So every listed category is held against those above it, and none is expanded: the
// time is in proportion to what sources list, and to the pairs that share a category without
// precedence. Nothing where the observatory has one.
std::optional<ScopeOverlap> FindScopeOverlap(const Overlay& after, std::span<const Change> changes);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_SCOPE_OVERLAP_H_
