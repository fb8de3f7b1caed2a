#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_SCOPE_OVERLAP_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_SCOPE_OVERLAP_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/scope_regions.h"

namespace tidemark::catalog {

// Two LIVE sources whose scopes share a category without precedence (SCOPES_OVERLAP), or one of
// which that cannot be told (SCOPE_TOO_LARGE).
struct ScopeOverlap {
  // Position of the change that is to blame, and the field of its type's part.
  size_t change = 0;
  std::string_view field;
  std::string_view reason;
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
// precedence and have to do with a change. Nothing where the observatory has one. A source that
// reports its regions in more than `max_windows` windows is refused where a pair depends on them.
std::optional<ScopeOverlap> FindScopeOverlap(const Overlay& after, std::span<const Change> changes,
                                             size_t max_windows = kMaxScopeWindows);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_SCOPE_OVERLAP_H_
