#include "services/analytics/query/cell_index.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <string_view>
#include <utility>

#include "common/status/status_macros.h"

namespace tidemark::analytics {

namespace {

// Bytes [from, from + width) of a text as a number; zeros are put for those past its end.
uint64_t NumberOf(std::string_view text, size_t from, size_t width) {
  uint64_t number = 0;
  for (size_t i = from; i < from + width; ++i)
    number = number << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
  return number;
}

// Sorts numbers of groups by their codes. Codes of one list tend to begin alike, so they are sorted
// by the first bytes in which they differ, and compared only where these are equal.
absl::Status SortByCode(const std::vector<Group>& groups, const Stop& stop,
                        std::vector<uint32_t>* numbers) {
  if (numbers->empty()) return absl::OkStatus();
  const std::string_view first = groups[numbers->front()].code;
  size_t prefix = first.size(), longest = 0;
  for (const uint32_t number : *numbers) {
    const std::string_view code = groups[number].code;
    const size_t most = std::min(prefix, code.size());
    prefix = static_cast<size_t>(
        std::mismatch(first.begin(), first.begin() + static_cast<ptrdiff_t>(most), code.begin())
            .first -
        first.begin());
    longest = std::max(longest, code.size());
  }
  const size_t width = std::min(sizeof(uint64_t), longest - prefix);
  std::vector<KeyedRow> keys(numbers->size());
  for (size_t i = 0; i < keys.size(); ++i)
    keys[i] = {NumberOf(groups[(*numbers)[i]].code, prefix, width), (*numbers)[i]};
  TM_RETURN_IF_ERROR(SortByKey(stop, &keys));
  for (size_t begin = 0, end = 0; begin < keys.size(); begin = end) {
    while (end < keys.size() && keys[end].key == keys[begin].key) ++end;
    if (end - begin == 1) continue;
    std::sort(keys.begin() + static_cast<ptrdiff_t>(begin),
              keys.begin() + static_cast<ptrdiff_t>(end),
              [&groups](const KeyedRow& a, const KeyedRow& b) {
                return groups[a.row].code < groups[b.row].code;
              });
  }
  for (size_t i = 0; i < keys.size(); ++i) (*numbers)[i] = keys[i].row;
  return absl::OkStatus();
}

}  // namespace

CellIndex::CellIndex(const EnginePlan& plan, const EngineResult& result)
    : result_(result), status_(Make(plan)) {}

absl::Status CellIndex::Make(const EnginePlan& plan) {
  for (size_t d = 0; d < plan.groups.size(); ++d) TM_RETURN_IF_ERROR(RankGroups(plan, d));
  TM_RETURN_IF_ERROR(Sort(plan.query.stop));
  begin_.assign(plan.query.period_count + 1, 0);
  TM_RETURN_IF_ERROR(ForEachRow(result_.period.size(), plan.query.stop,
                                [&](size_t cell) { ++begin_[result_.period[cell] + 1]; }));
  std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
  return absl::OkStatus();
}

absl::Status CellIndex::RankGroups(const EnginePlan& plan, size_t dimension) {
  constexpr size_t kKinds = 3;
  const Stop& stop = plan.query.stop;
  const std::vector<Group>& groups = plan.groups[dimension];
  const std::vector<uint32_t>& of_cells = result_.groups[dimension];
  std::vector<uint32_t> rank_of(groups.size(), 0);
  TM_RETURN_IF_ERROR(
      ForEachRow(of_cells.size(), stop, [&](size_t cell) { rank_of[of_cells[cell]] = 1; }));
  std::vector<uint32_t> of_kind[kKinds];
  for (uint32_t group = 0; group < groups.size(); ++group) {
    if (rank_of[group] != 0) of_kind[static_cast<size_t>(groups[group].kind)].push_back(group);
  }
  std::vector<uint32_t> used;
  for (std::vector<uint32_t>& numbers : of_kind) {
    TM_RETURN_IF_ERROR(SortByCode(groups, stop, &numbers));
    used.insert(used.end(), numbers.begin(), numbers.end());
  }
  for (uint32_t rank = 0; rank < used.size(); ++rank) rank_of[used[rank]] = rank;
  std::vector<uint32_t>& ranks = ranks_.emplace_back(of_cells.size());
  TM_RETURN_IF_ERROR(ForEachRow(of_cells.size(), stop,
                                [&](size_t cell) { ranks[cell] = rank_of[of_cells[cell]]; }));
  bits_.push_back(static_cast<int>(std::bit_width(used.size())));
  members_.push_back(std::move(used));
  return absl::OkStatus();
}

int CellIndex::CompareGroups(uint32_t a, uint32_t b) const {
  for (const std::vector<uint32_t>& ranks : ranks_) {
    if (ranks[a] != ranks[b]) return ranks[a] < ranks[b] ? -1 : 1;
  }
  return 0;
}

absl::Status CellIndex::Sort(const Stop& stop) {
  constexpr int kWord = 64, kPeriod = 32;
  if (std::accumulate(bits_.begin(), bits_.end(), kPeriod) <= kWord) return SortByKeys(stop);
  order_.resize(result_.period.size());
  std::iota(order_.begin(), order_.end(), 0);
  const auto before = [this](uint32_t a, uint32_t b) {
    if (result_.period[a] != result_.period[b]) return result_.period[a] < result_.period[b];
    return CompareGroups(a, b) < 0;
  };
  return SortInPieces(stop, before, &order_);
}

absl::Status CellIndex::SortByKeys(const Stop& stop) {
  const size_t cells = result_.period.size();
  keys_.resize(cells);
  TM_RETURN_IF_ERROR(ForEachRow(cells, stop, [this](size_t i) {
    const auto cell = static_cast<uint32_t>(i);
    keys_[i] = {KeyOf(result_.period[i], cell), cell};
  }));
  TM_RETURN_IF_ERROR(SortByKey(stop, &keys_));
  order_.resize(cells);
  return ForEachRow(cells, stop, [this](size_t i) { order_[i] = keys_[i].row; });
}

uint32_t CellIndex::Find(uint32_t period, uint32_t cell) const {
  const size_t begin = begin_[period], end = begin_[period + 1];
  if (keys_.empty()) {
    const absl::Span<const uint32_t> cells = InPeriod(period);
    const auto it = std::lower_bound(cells.begin(), cells.end(), cell,
                                     [this](uint32_t candidate, uint32_t wanted) {
                                       return CompareGroups(candidate, wanted) < 0;
                                     });
    return it != cells.end() && CompareGroups(*it, cell) == 0 ? *it : kNoCell;
  }
  const auto from = keys_.begin() + static_cast<ptrdiff_t>(begin);
  const auto to = keys_.begin() + static_cast<ptrdiff_t>(end);
  const uint64_t wanted = KeyOf(period, cell);
  const auto it = std::lower_bound(from, to, wanted, [](const KeyedRow& candidate, uint64_t key) {
    return candidate.key < key;
  });
  return it != to && it->key == wanted ? it->row : kNoCell;
}

}  // namespace tidemark::analytics
