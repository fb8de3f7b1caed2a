#include "services/analytics/statistics/mapping_cuts.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/analytics/query/engine_plan.h"

namespace tidemark::analytics {
namespace {

absl::Status TooMany(size_t most, const char* what, const char* reason) {
  return status::WithReason(
      absl::ResourceExhaustedError(
          absl::StrCat("more than ", most, " ", what, "; narrow the range or take a longer grain")),
      reason);
}

template <typename Part>
void Remap(const std::vector<uint32_t>& old_of, std::vector<Part>* parts) {
  for (Part& part : *parts) {
    auto tables = std::move(part.tables);
    part.tables.clear();
    for (const uint32_t old : old_of) part.tables.push_back(tables[old]);
  }
}

}  // namespace

absl::StatusOr<std::vector<size_t>> CutMappings(const std::vector<int64_t>& cuts,
                                                EngineQuery* query) {
  // By old mapping and piece.
  std::map<std::pair<uint32_t, size_t>, uint32_t> mappings;
  std::vector<size_t> pieces;
  std::vector<uint32_t> old_of;
  std::vector<TimeSlice> slices;
  for (const TimeSlice& slice : query->slices) {
    for (int64_t start = slice.start_us; start < slice.end_us;) {
      const auto next = std::upper_bound(cuts.begin(), cuts.end(), start);
      const auto piece = static_cast<size_t>(next - cuts.begin());
      const int64_t end = next == cuts.end() ? slice.end_us : std::min(slice.end_us, *next);
      const auto [mapping, fresh] =
          mappings.try_emplace({slice.mapping, piece}, static_cast<uint32_t>(pieces.size()));
      if (fresh) {
        pieces.push_back(piece);
        old_of.push_back(slice.mapping);
      }
      slices.push_back({start, end, slice.period, mapping->second});
      start = end;
      if (slices.size() > kMaxSlices)
        return TooMany(kMaxSlices, "pieces of time", "TOO_MANY_PERIODS");
      if (pieces.size() > kMaxMappings) {
        return TooMany(kMaxMappings, "changes of what belongs together in the range",
                       "TOO_MANY_MEMBERSHIP_CHANGES");
      }
    }
  }
  query->slices = std::move(slices);
  Remap(old_of, &query->groupings);
  Remap(old_of, &query->filters);
  return pieces;
}

}  // namespace tidemark::analytics
