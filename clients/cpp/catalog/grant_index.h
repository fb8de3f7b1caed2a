#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_GRANT_INDEX_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_GRANT_INDEX_H_

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "clients/cpp/catalog/table.h"

namespace tidemark::catalog_client {

// Grants by asset and grantee, those of one pair by name. Refers to the table, which must outlive
// it.
struct GrantIndex {
  explicit GrantIndex(const Table<Grant>& grants) {
    for (const Grant& grant : grants.items()) {
      by_pair[{grant.asset, grant.grantee}].push_back(grant.ordinal);
    }
    for (auto& [pair, found] : by_pair) {
      std::sort(found.begin(), found.end(),
                [&](Ordinal a, Ordinal b) { return grants[a].id < grants[b].id; });
    }
  }
  absl::Span<const Ordinal> Find(std::string_view asset, std::string_view grantee) const {
    const auto it = by_pair.find(std::pair(asset, grantee));
    return it == by_pair.end() ? absl::Span<const Ordinal>() : it->second;
  }

  absl::flat_hash_map<std::pair<std::string_view, std::string_view>, std::vector<Ordinal>> by_pair;
};

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_GRANT_INDEX_H_
