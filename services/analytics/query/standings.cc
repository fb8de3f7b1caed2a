#include "services/analytics/query/standings.h"

#include <algorithm>
#include <numeric>

#include "absl/container/flat_hash_map.h"

namespace tidemark::analytics {
namespace {

using catalog_client::kNone;
using catalog_client::Ordinal;

// By member of the dimension rolled up: members with equal numbers lie in one wider group, by one
// of the plan's geographies.
std::vector<uint32_t> RolledUp(const Plan& plan, uint32_t geography, const EnginePlan& engine_plan,
                               const CellIndex& index, const PlannedWhole& whole) {
  const size_t d = static_cast<size_t>(whole.dimension);
  const std::vector<uint32_t>& members = index.members(d);
  std::vector<uint32_t> wider_of(members.size());
  if (whole.level == 0) return wider_of;
  absl::flat_hash_map<Ordinal, uint32_t> wider;
  for (uint32_t member = 0; member < members.size(); ++member) {
    const Ordinal ordinal = WiderGroup(plan, geography, plan.dimensions[d],
                                       engine_plan.groups[d][members[member]], whole.level);
    wider_of[member] = ordinal == kNone ? member : wider.try_emplace(ordinal, member).first->second;
  }
  return wider_of;
}

}  // namespace

std::vector<uint32_t> WholesOf(const Plan& plan, const EnginePlan& engine_plan,
                               const EngineResult& result, const CellIndex& index,
                               const std::vector<uint32_t>& rows, const PlannedWhole& whole) {
  std::vector<std::vector<uint32_t>> wider_of;
  const size_t geographies = std::max<size_t>(plan.geographies.size(), 1);
  for (uint32_t g = 0; whole.dimension >= 0 && g < geographies; ++g)
    wider_of.push_back(RolledUp(plan, g, engine_plan, index, whole));
  const size_t dimensions = whole.dimension < 0 ? 0 : plan.dimensions.size();
  const auto key = [&](size_t d, uint32_t cell) {
    const uint32_t member = index.member(d, cell);
    if (static_cast<int>(d) != whole.dimension) return member;
    return wider_of[plan.periods[result.period[cell]].geography][member];
  };
  const auto compare = [&](uint32_t a, uint32_t b) {
    if (result.period[a] != result.period[b]) return result.period[a] < result.period[b] ? -1 : 1;
    for (size_t d = 0; d < dimensions; ++d) {
      const uint32_t x = key(d, a);
      const uint32_t y = key(d, b);
      if (x != y) return x < y ? -1 : 1;
    }
    return 0;
  };
  std::vector<uint32_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return compare(rows[a], rows[b]) < 0; });
  std::vector<uint32_t> wholes(rows.size());
  uint32_t current = 0;
  for (size_t i = 1; i < order.size(); ++i) {
    if (compare(rows[order[i - 1]], rows[order[i]]) != 0) ++current;
    wholes[order[i]] = current;
  }
  return wholes;
}

std::vector<Number> LocationQuotients(const EnginePlan& engine_plan, const EngineResult& result,
                                      const std::vector<uint32_t>& rows,
                                      const std::vector<int64_t>& values,
                                      const PlannedQuotient& quotient) {
  const auto place = static_cast<size_t>(quotient.place);
  absl::flat_hash_map<uint32_t, __int128> of_period;
  absl::flat_hash_map<std::pair<uint32_t, uint32_t>, __int128> of_place;
  // By period and the groups of the other dimensions.
  absl::flat_hash_map<std::vector<uint32_t>, __int128> of_others;
  const auto others = [&](uint32_t cell) {
    std::vector<uint32_t> key = {result.period[cell]};
    for (size_t d = 0; d < engine_plan.groups.size(); ++d) {
      if (d != place) key.push_back(result.groups[d][cell]);
    }
    return key;
  };
  for (size_t row = 0; row < rows.size(); ++row) {
    const uint32_t cell = rows[row];
    of_period[result.period[cell]] += values[row];
    of_place[{result.period[cell], result.groups[place][cell]}] += values[row];
    of_others[others(cell)] += values[row];
  }
  std::vector<Number> numbers;
  numbers.reserve(rows.size());
  for (size_t row = 0; row < rows.size(); ++row) {
    const uint32_t cell = rows[row];
    numbers.push_back(QuotientOfQuotients(
        values[row], of_place[{result.period[cell], result.groups[place][cell]}],
        of_others[others(cell)], of_period[result.period[cell]], NullReason::kZeroDenominator));
  }
  return numbers;
}

std::vector<int64_t> RankRows(const Plan& plan, const EnginePlan& engine_plan,
                              const EngineResult& result, const std::vector<uint32_t>& rows,
                              const CellValues& values, const PlannedRank& rank) {
  const auto before = [&](uint32_t a, uint32_t b) {
    const uint32_t x = rows[rank.ascending ? a : b];
    const uint32_t y = rows[rank.ascending ? b : a];
    return values.doubles ? values.reals[x] < values.reals[y]
                          : values.integers[x] < values.integers[y];
  };
  const auto can_be_ranked = [&](uint32_t cell) {
    if (values.null(cell) != NullReason::kNone) return false;
    for (size_t d = 0; d < plan.dimensions.size(); ++d) {
      if (engine_plan.groups[d][result.groups[d][cell]].kind != MemberKind::kCode) return false;
    }
    return true;
  };
  std::vector<int64_t> ranks(rows.size(), 0);
  std::vector<uint32_t> ranked;
  const auto assign = [&] {
    std::sort(ranked.begin(), ranked.end(), before);
    for (size_t i = 0; i < ranked.size(); ++i) {
      const bool tie = i > 0 && !before(ranked[i - 1], ranked[i]);
      ranks[ranked[i]] = tie ? ranks[ranked[i - 1]] : static_cast<int64_t>(i) + 1;
    }
    ranked.clear();
  };
  for (uint32_t row = 0; row < rows.size(); ++row) {
    if (row > 0 && result.period[rows[row]] != result.period[rows[row - 1]]) assign();
    if (can_be_ranked(rows[row])) ranked.push_back(row);
  }
  assign();
  return ranks;
}

}  // namespace tidemark::analytics
