#include "services/analytics/statistics/flows/place_sums.h"

#include <algorithm>

#include "services/analytics/statistics/table_parts.h"

namespace tidemark::analytics {
namespace {

// Position in `members` of each of the column's.
std::vector<uint32_t> Positions(const std::vector<Member>& members, const Column& column) {
  std::vector<uint32_t> positions;
  for (const Member& member : column.members) {
    positions.push_back(static_cast<uint32_t>(
        std::lower_bound(members.begin(), members.end(), member) - members.begin()));
  }
  return positions;
}

void AddFlow(PlaceSums* from, PlaceSums* to, bool same, bool placed, int64_t gross) {
  from->total += gross;
  to->served += gross;
  if (!placed) {
    from->total_unplaced += gross;
    to->served_unplaced += gross;
  } else if (same) {
    from->own += gross;
  } else {
    from->out += gross;
    to->in += gross;
  }
}

}  // namespace

Places::Places(const Table& flows) {
  const Column* const period = FindColumn(flows, "period");
  const Column& from = *FindColumn(flows, "from");
  const Column& to = *FindColumn(flows, "to");
  const Column& gross = *FindColumn(flows, "gross");
  members_ = from.members;
  members_.insert(members_.end(), to.members.begin(), to.members.end());
  std::sort(members_.begin(), members_.end());
  members_.erase(std::unique(members_.begin(), members_.end()), members_.end());
  const std::vector<uint32_t> from_places = Positions(members_, from);
  const std::vector<uint32_t> to_places = Positions(members_, to);
  for (uint32_t row = 0; row < flows.row_count; ++row) {
    const uint32_t p = period == nullptr ? 0 : period->texts[row];
    const uint32_t a = from_places[from.texts[row]], b = to_places[to.texts[row]];
    const auto at = [row](auto& sums, const auto& key) {
      const auto [found, fresh] = sums.try_emplace(key);
      if (fresh) found->second.row = row;
      return &found->second;
    };
    const bool placed =
        members_[a].kind == MemberKind::kCode && members_[b].kind == MemberKind::kCode;
    AddFlow(at(sums_, std::pair(p, a)), at(sums_, std::pair(p, b)), a == b, placed,
            gross.integers[row]);
    PlaceSums* const total = at(totals_, p);
    AddFlow(total, total, a == b, placed, gross.integers[row]);
  }
}

}  // namespace tidemark::analytics
