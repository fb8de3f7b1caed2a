#include "services/analytics/domain/standing_sums.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/numeric/int128.h"
#include "common/status/status_macros.h"

namespace tidemark::analytics {
namespace {

constexpr size_t kMostCells = 2'000'000;

std::shared_ptr<const GroupTable> GroupsOf(const CodeList& codes,
                                           std::span<const std::string> sources) {
  absl::flat_hash_map<std::string_view, uint32_t> numbers;
  for (size_t i = 0; i < sources.size(); ++i) numbers.emplace(sources[i], static_cast<uint32_t>(i));
  auto table = std::make_shared<GroupTable>();
  table->groups.assign(codes.size(), kDropped);
  for (size_t code = 1; code < codes.size(); ++code) {
    const auto found = numbers.find(codes[code]);
    if (found != numbers.end()) table->groups[code] = found->second;
  }
  return table;
}

absl::int128 WideSum(const EngineResult& result, size_t aggregate, size_t cell) {
  return absl::MakeInt128(result.upper[aggregate][cell],
                          static_cast<uint64_t>(result.aggregates[aggregate][cell]));
}

// Of sources and days that are few enough for one answer.
absl::Status ReadEffects(
    const StatStore& store, catalog_client::LocalDays* days, std::span<const std::string> sources,
    int32_t first, int32_t end, uint64_t log_size,
    absl::FunctionRef<void(size_t source, int32_t day, const StandingSums& sums)> take) {
  EngineQuery query;
  query.log_size = log_size;
  for (int32_t day = first; day < end; ++day) {
    const int64_t start_us = days->StartOf(day), end_us = days->StartOf(day + 1);
    if (start_us >= end_us) continue;  // the zone left it out
    query.slices.push_back(
        {.start_us = start_us, .end_us = end_us, .period = static_cast<uint32_t>(day - first)});
  }
  if (query.slices.empty()) return absl::OkStatus();
  query.period_count = static_cast<uint32_t>(end - first);
  const std::shared_ptr<const GroupTable> groups = GroupsOf(*store.Codes(Field::kSource), sources);
  query.groupings = {{Field::kSource, {groups}, static_cast<uint32_t>(sources.size())}};
  query.filters = {{Field::kSource, {groups}}};
  query.aggregates = {Aggregate::kEvents, Aggregate::kGross, Aggregate::kRefunds};
  query.wide_sums = true;
  TM_ASSIGN_OR_RETURN(const EngineResult result, store.Run(query));
  for (size_t cell = 0; cell < result.period.size(); ++cell) {
    StandingSums sums;
    sums.events = result.aggregates[0][cell];
    sums.gross = WideSum(result, 1, cell);
    sums.refunds = WideSum(result, 2, cell);
    take(result.groups[0][cell], first + static_cast<int32_t>(result.period[cell]), sums);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadStanding(
    const StatStore& store, const LinkFold& links, catalog_client::LocalDays* days,
    std::span<const std::string> sources, int32_t first, int32_t end, uint64_t log_size,
    absl::FunctionRef<void(size_t source, int32_t day, const StandingSums& sums)> take) {
  const StatStore::TimeBounds times = store.EventTimes(log_size);
  if (times.last_us < times.first_us) return absl::OkStatus();
  first = std::max(first, days->DayOf(times.first_us));
  end = std::min(end, days->DayOf(times.last_us) + 1);
  if (first >= end || sources.empty()) return absl::OkStatus();
  const size_t at_once = std::max<size_t>(1, kMostCells / static_cast<size_t>(end - first));
  for (size_t begin = 0; begin < sources.size(); begin += at_once) {
    const auto part = sources.subspan(begin, std::min(at_once, sources.size() - begin));
    TM_RETURN_IF_ERROR(ReadEffects(store, days, part, first, end, log_size,
                                   [&](size_t source, int32_t day, const StandingSums& sums) {
                                     take(begin + source, day, sums);
                                   }));
  }
  for (size_t source = 0; source < sources.size(); ++source) {
    TM_RETURN_IF_ERROR(links.ForEachCorrection(
        sources[source], days->StartOf(first), days->StartOf(end), log_size,
        [&](int64_t time_us, const DaySums& sums) { take(source, days->DayOf(time_us), sums); }));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
