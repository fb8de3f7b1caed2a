#include "services/analytics/domain/source_overlaps.h"

#include <algorithm>
#include <map>
#include <span>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace tidemark::analytics {
namespace {

using Group = std::span<const TransactionMember>;

// The order that those with a category agree on.
RoleOrder OrderOfGroup(Group group, const Precedence& precedence) {
  bool found = false;
  RoleOrder order = precedence.of_observatory();
  for (const TransactionMember& member : group) {
    if (member.category.empty()) continue;
    const RoleOrder said = precedence.Of(member.category);
    if (found && said != order) return precedence.of_observatory();
    found = true;
    order = said;
  }
  return order;
}

const TransactionMember& CountedOf(Group group, const Precedence& precedence) {
  const auto& roles = RolesIn(OrderOfGroup(group, precedence));
  const auto key = [&roles](const TransactionMember& m) {
    return std::tuple(std::find(roles.begin(), roles.end(), m.role), m.source, m.event_time_us,
                      m.amount, m.leaf);
  };
  return *std::min_element(group.begin(), group.end(),
                           [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

absl::Status Add(const TransactionMember& counted, const TransactionMember& other,
                 SourceOverlap* overlap) {
  ++overlap->events;
  if (counted.amount != other.amount) ++overlap->differing;
  if (!__builtin_add_overflow(overlap->counted_amount, counted.amount, &overlap->counted_amount) &&
      !__builtin_add_overflow(overlap->other_amount, other.amount, &overlap->other_amount)) {
    return absl::OkStatus();
  }
  return status::WithReason(
      absl::OutOfRangeError(absl::StrCat("the amounts that ", std::string(counted.source), " and ",
                                         std::string(other.source),
                                         " both reported add up to more than 64 bits hold; ask "
                                         "for a shorter range")),
      "SUM_OVERFLOW");
}

}  // namespace

absl::StatusOr<std::vector<SourceOverlap>> OverlapsOf(std::vector<TransactionMember> members,
                                                      const Precedence& precedence,
                                                      int64_t first_us, int64_t end_us) {
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
    return std::tie(a.transaction, a.kind, a.leaf) < std::tie(b.transaction, b.kind, b.leaf);
  });
  std::map<std::pair<std::string_view, std::string_view>, SourceOverlap> pairs;
  for (auto first = members.begin(); first != members.end();) {
    const auto end = std::find_if(first, members.end(), [&](const TransactionMember& m) {
      return m.transaction != first->transaction || m.kind != first->kind;
    });
    const Group group(first, end);
    first = end;
    if (group.size() < 2) continue;
    const TransactionMember& counted = CountedOf(group, precedence);
    if (counted.event_time_us < first_us || counted.event_time_us >= end_us) continue;
    for (const TransactionMember& other : group) {
      if (other.source == counted.source) continue;
      SourceOverlap& overlap = pairs[{counted.source, other.source}];
      const absl::Status added = Add(counted, other, &overlap);
      if (!added.ok()) return added;
    }
  }
  std::vector<SourceOverlap> overlaps;
  for (auto& [names, overlap] : pairs) {
    std::tie(overlap.counted, overlap.other) = names;
    overlaps.push_back(overlap);
  }
  return overlaps;
}

}  // namespace tidemark::analytics
