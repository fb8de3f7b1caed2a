#include "clients/cpp/catalog/hierarchy.h"

#include <algorithm>
#include <utility>

namespace tidemark::catalog_client {

Hierarchy::Hierarchy(std::vector<Ordinal> parents_in)
    : parents(std::move(parents_in)), offsets(parents.size() + 1, 0) {
  for (const Ordinal parent : parents) {
    if (parent != kNone) ++offsets[parent + 1];
  }
  for (size_t i = 1; i < offsets.size(); ++i) offsets[i] += offsets[i - 1];
  children.resize(offsets.back());
  std::vector<uint32_t> next(offsets.begin(), offsets.end() - 1);
  for (Ordinal i = 0; i < parents.size(); ++i) {
    if (parents[i] == kNone) {
      roots.push_back(i);
    } else {
      children[next[parents[i]]++] = i;
    }
  }
}

absl::Span<const Ordinal> Hierarchy::Children(Ordinal ordinal) const {
  if (ordinal == kNone) return roots;
  return absl::MakeConstSpan(children).subspan(offsets[ordinal],
                                               offsets[ordinal + 1] - offsets[ordinal]);
}

std::vector<Ordinal> Hierarchy::Ancestors(Ordinal ordinal) const {
  std::vector<Ordinal> ancestors;
  Ordinal at = parents[ordinal];
  for (int depth = 0; at != kNone && depth < kMaxDepth; ++depth, at = parents[at]) {
    ancestors.push_back(at);
  }
  return ancestors;
}

bool Hierarchy::IsWithin(Ordinal ordinal, Ordinal ancestor) const {
  for (int depth = 0; ordinal != kNone && depth <= kMaxDepth; ++depth) {
    if (ordinal == ancestor) return true;
    ordinal = parents[ordinal];
  }
  return false;
}

std::vector<Ordinal> Hierarchy::Subtree(Ordinal ordinal) const {
  std::vector<Ordinal> found = {ordinal};
  // The size is the guard against cycles here: a tree holds each entity once.
  for (size_t i = 0; i < found.size() && found.size() <= parents.size(); ++i) {
    const auto below = Children(found[i]);
    found.insert(found.end(), below.begin(), below.end());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace tidemark::catalog_client
