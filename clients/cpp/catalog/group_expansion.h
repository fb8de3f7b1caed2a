#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_GROUP_EXPANSION_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_GROUP_EXPANSION_H_

#include <vector>

#include "clients/cpp/catalog/entities.h"

namespace tidemark::catalog_client {

// Sorted and merged: what overlaps or touches becomes one; empty ones are dropped.
std::vector<Interval> UnionOf(std::vector<Interval> intervals);

// Fills `regions` of every group from `members`. A region is in a group when it is a member, or
// is in a member group while that is one. A cycle adds nothing.
void ExpandGroups(std::vector<RegionGroup>* groups);

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_GROUP_EXPANSION_H_
