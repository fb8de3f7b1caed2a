#include "services/catalog/observations/observation_index.h"

#include <algorithm>
#include <tuple>

#include "services/catalog/observations/stated_bytes.h"
#include "services/catalog/types/dates.h"
#include "tidemark/catalog/v1/observations.pb.h"

namespace tidemark::catalog {
namespace {

bool ByOrder(const SeriesStatement& a, const SeriesStatement& b) {
  return StatedBefore(*a.vintage, *b.vintage);
}

// Of the bytes of a VintageSeries.
StatedRegions RegionsOf(std::string_view series) {
  StatedRegions regions;
  ForEachElement(series, v1::VintageSeries::kRegionsFieldNumber, [&](std::string_view body) {
    regions.push_back({TextOf(body, v1::VintageRegion::kRegionFieldNumber), body});
  });
  std::stable_sort(
      regions.begin(), regions.end(),
      [](const StatedRegion& a, const StatedRegion& b) { return a.region < b.region; });
  regions.shrink_to_fit();
  return regions;
}

bool IsWithdrawn(const Resource& resource) {
  v1::Vintage vintage;
  return vintage.ParseFromString(std::get<Document>(resource.content).bytes) && vintage.withdrawn();
}

}  // namespace

bool StatedBefore(const StatedVintage& a, const StatedVintage& b) {
  return std::tie(a.published, a.created, a.resource->name) <
         std::tie(b.published, b.created, b.resource->name);
}

std::shared_ptr<const StatedVintage> StatedVintageOf(ResourcePtr resource, uint64_t created) {
  if (resource == nullptr || resource->type() != Type::kVintage) return nullptr;
  v1::Vintage vintage;
  if (!vintage.ParseFromString(std::get<Document>(resource->content).bytes)) return nullptr;
  auto stated = std::make_shared<StatedVintage>();
  stated->resource = std::move(resource);
  stated->published = DayNumber(FromProto(vintage.source().published()));
  stated->created = created;
  stated->complete = vintage.complete();
  if (vintage.withdrawn()) stated->withdrawn = created;
  return stated;
}

std::vector<std::pair<std::string_view, SeriesStatement>> StatementsOf(
    const std::shared_ptr<const StatedVintage>& vintage) {
  std::vector<std::pair<std::string_view, SeriesStatement>> statements;
  ForEachElement(vintage->bytes(), v1::Vintage::kSeriesFieldNumber, [&](std::string_view body) {
    statements.push_back({TextOf(body, v1::VintageSeries::kSeriesFieldNumber),
                          {vintage, std::make_shared<const StatedRegions>(RegionsOf(body))}});
  });
  return statements;
}

void ObservationIndex::Follow(const Change& change) {
  if (change.after == nullptr || change.after->type() != Type::kVintage) return;
  std::shared_ptr<const StatedVintage> before;
  {
    base::MutexLock lock(mutex_);
    const auto it = vintages_.find(change.name);
    if (it != vintages_.end()) before = it->second;
  }
  std::shared_ptr<const StatedVintage> stated;
  if (before == nullptr) {
    stated = StatedVintageOf(change.after, change.version);
  } else {
    auto next = std::make_shared<StatedVintage>(*before);
    next->resource = change.after;
    if (next->withdrawn == 0 && IsWithdrawn(*change.after)) next->withdrawn = change.version;
    stated = std::move(next);
  }
  if (stated == nullptr) return;
  const auto statements = StatementsOf(stated);
  base::MutexLock lock(mutex_);
  vintages_[change.name] = stated;
  for (const auto& [series, statement] : statements) {
    std::vector<SeriesStatement>& all = by_series_[series];
    const auto place = std::upper_bound(all.begin(), all.end(), statement, ByOrder);
    // A vintage is applied again to be withdrawn: it takes its own place.
    if (place != all.begin() && std::prev(place)->vintage->resource->name == change.name) {
      *std::prev(place) = statement;
    } else {
      all.insert(place, statement);
    }
  }
}

std::vector<SeriesStatement> ObservationIndex::Statements(std::string_view series,
                                                          const AsOf& state) const {
  base::MutexLock lock(mutex_);
  std::vector<SeriesStatement> counting;
  const auto it = by_series_.find(series);
  if (it == by_series_.end()) return counting;
  for (const SeriesStatement& statement : it->second) {
    const StatedVintage& vintage = *statement.vintage;
    if (state.day && vintage.published > *state.day) break;
    if (vintage.created > state.version) continue;
    if (vintage.withdrawn != 0 && vintage.withdrawn <= state.version) continue;
    counting.push_back(statement);
  }
  return counting;
}

}  // namespace tidemark::catalog
