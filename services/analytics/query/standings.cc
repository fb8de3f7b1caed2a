#include "services/analytics/query/standings.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/cell_map.h"
#include "services/analytics/query/key_sort.h"
#include "services/analytics/query/pieces.h"

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

// Sums by key.
class Sums {
 public:
  explicit Sums(absl::Span<const uint64_t> bounds) : numbers_(bounds) {}

  // The number of the key's sum.
  uint32_t Add(absl::Span<const uint32_t> key, int64_t value) {
    const uint32_t number = numbers_.Insert(key, static_cast<uint32_t>(sums_.size()));
    if (number == sums_.size()) sums_.push_back(0);
    sums_[number] += value;
    return number;
  }
  __int128 sum(uint32_t number) const { return sums_[number]; }

 private:
  CellMap numbers_;
  std::vector<__int128> sums_;
};

}  // namespace

absl::StatusOr<std::vector<uint32_t>> WholesOf(const Plan& plan, const EnginePlan& engine_plan,
                                               const EngineResult& result, const CellIndex& index,
                                               const std::vector<uint32_t>& rows,
                                               const PlannedWhole& whole) {
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
  std::vector<uint64_t> bounds = {plan.periods.size()};
  for (size_t d = 0; d < dimensions; ++d) bounds.push_back(index.members(d).size());
  CellMap numbers(bounds);
  std::vector<uint32_t> wholes(rows.size());
  std::vector<uint32_t> now(bounds.size()), before;
  uint32_t current = 0, next = 0;
  TM_RETURN_IF_ERROR(ForEachRow(rows.size(), engine_plan.query.stop, [&](size_t row) {
    now[0] = result.period[rows[row]];
    for (size_t d = 0; d < dimensions; ++d) now[d + 1] = key(d, rows[row]);
    // Rows of one whole tend to stand together.
    if (now != before) {
      current = numbers.Insert(now, next);
      if (current == next) ++next;
      before = now;
    }
    wholes[row] = current;
  }));
  return wholes;
}

absl::StatusOr<std::vector<Number>> LocationQuotients(const EnginePlan& engine_plan,
                                                      const EngineResult& result,
                                                      const std::vector<uint32_t>& rows,
                                                      const std::vector<int64_t>& values,
                                                      const PlannedQuotient& quotient) {
  const auto place = static_cast<size_t>(quotient.place);
  const Stop& stop = engine_plan.query.stop;
  std::vector<uint64_t> bounds = {engine_plan.query.period_count};
  std::vector<uint64_t> place_bounds = {engine_plan.query.period_count,
                                        engine_plan.groups[place].size()};
  for (size_t d = 0; d < engine_plan.groups.size(); ++d) {
    if (d != place) bounds.push_back(engine_plan.groups[d].size());
  }
  // By number: what the places of a period consumed, and what its other groups did.
  Sums of_place(place_bounds), of_others(bounds);
  std::vector<__int128> of_period(engine_plan.query.period_count);
  std::vector<uint32_t> places(rows.size()), others(rows.size());
  std::vector<uint32_t> key;
  TM_RETURN_IF_ERROR(ForEachRow(rows.size(), stop, [&](size_t row) {
    const uint32_t cell = rows[row];
    const uint32_t period = result.period[cell];
    of_period[period] += values[cell];
    key = {period, result.groups[place][cell]};
    places[row] = of_place.Add(key, values[cell]);
    key = {period};
    for (size_t d = 0; d < engine_plan.groups.size(); ++d) {
      if (d != place) key.push_back(result.groups[d][cell]);
    }
    others[row] = of_others.Add(key, values[cell]);
  }));
  std::vector<Number> numbers(rows.size());
  const auto divide = [&](size_t row) {
    const uint32_t cell = rows[row];
    numbers[row] =
        QuotientOfQuotients(values[cell], of_place.sum(places[row]), of_others.sum(others[row]),
                            of_period[result.period[cell]], NullReason::kZeroDenominator);
  };
  TM_RETURN_IF_ERROR(ForEachRow(rows.size(), stop, divide, kSlowRowsPerLook));
  return numbers;
}

absl::StatusOr<std::vector<int64_t>> RankRows(const Plan& plan, const EnginePlan& engine_plan,
                                              const EngineResult& result,
                                              const std::vector<uint32_t>& rows,
                                              const Column& ranked, bool ascending) {
  const Stop& stop = engine_plan.query.stop;
  const auto key = [&](size_t row) {
    const uint64_t number = ranked.type == Column::Type::kDoubles
                                ? KeyOfNumber(ranked.doubles[row])
                                : KeyOfNumber(ranked.integers[row]);
    return ascending ? number : ~number;
  };
  const auto can_be_ranked = [&](size_t row) {
    if (ranked.IsNull(row)) return false;
    const uint32_t cell = rows[row];
    for (size_t d = 0; d < plan.dimensions.size(); ++d) {
      if (engine_plan.groups[d][result.groups[d][cell]].kind != MemberKind::kCode) return false;
    }
    return true;
  };
  std::vector<int64_t> ranks(rows.size(), 0);
  std::vector<KeyedRow> placed;
  for (size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    TM_RETURN_IF_ERROR(Look(stop));
    while (end < rows.size() && result.period[rows[end]] == result.period[rows[begin]]) ++end;
    placed.clear();
    TM_RETURN_IF_ERROR(ForEachRow(end - begin, stop, [&](size_t i) {
      const size_t row = begin + i;
      if (can_be_ranked(row)) placed.push_back({key(row), static_cast<uint32_t>(row)});
    }));
    TM_RETURN_IF_ERROR(SortByKey(stop, &placed));
    TM_RETURN_IF_ERROR(ForEachRow(placed.size(), stop, [&](size_t i) {
      const bool tie = i > 0 && placed[i - 1].key == placed[i].key;
      ranks[placed[i].row] = tie ? ranks[placed[i - 1].row] : static_cast<int64_t>(i) + 1;
    }));
  }
  return ranks;
}

}  // namespace tidemark::analytics
