#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_HIERARCHY_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_HIERARCHY_H_

#include <vector>

#include "absl/types/span.h"
#include "clients/cpp/catalog/entities.h"

namespace tidemark::catalog_client {

// Parents and children of one type, packed.
struct Hierarchy {
  // The catalog allows no cycle and half as many levels; walks still stop here, so that bad data
  // cannot hang a service.
  static constexpr int kMaxDepth = 64;

  explicit Hierarchy(std::vector<Ordinal> parents);

  // kNone gives the roots.
  absl::Span<const Ordinal> Children(Ordinal ordinal) const;
  // Parent first.
  std::vector<Ordinal> Ancestors(Ordinal ordinal) const;
  bool IsWithin(Ordinal ordinal, Ordinal ancestor) const;
  // With `ordinal` itself, ascending.
  std::vector<Ordinal> Subtree(Ordinal ordinal) const;

  std::vector<Ordinal> parents;
  std::vector<Ordinal> roots;
  // Children of i: children[offsets[i]] up to children[offsets[i + 1]].
  std::vector<uint32_t> offsets;
  std::vector<Ordinal> children;
};

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_HIERARCHY_H_
