#ifndef TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_INDEX_H_
#define TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_INDEX_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "common/base/mutex.h"
#include "services/catalog/domain/change_follower.h"
#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// A vintage, and the versions of the catalog at which it counts. What it states never changes, so
// this is enough to read any version.
struct StatedVintage {
  ResourcePtr resource;
  // Day of publication (DayNumber).
  int32_t published = 0;
  // The version that it was applied at, and the one that withdrew it; 0: it is not withdrawn.
  uint64_t created = 0;
  uint64_t withdrawn = 0;
  // It states everything there is of its series.
  bool complete = false;

  std::string_view bytes() const { return std::get<Document>(resource->content).bytes; }
};

// Whether `a` stands below `b` where both state a cell.
bool StatedBefore(const StatedVintage& a, const StatedVintage& b);

// What a vintage states of a region: both are in the bytes of the vintage, the second is those of
// its VintageRegion.
struct StatedRegion {
  std::string_view region;
  std::string_view body;
};
using StatedRegions = std::vector<StatedRegion>;

// What a vintage states of a series.
struct SeriesStatement {
  std::shared_ptr<const StatedVintage> vintage;
  // By region.
  std::shared_ptr<const StatedRegions> regions;
};

// What had been published by a day, as far as the catalog knew it at a version.
struct AsOf {
  // Nothing: all days.
  std::optional<int32_t> day;
  // Not 0.
  uint64_t version = 0;
};

// Vintages by series. Cells stay where they are, in the bytes of the newest states; beside them it
// takes about 32 bytes for every region of a series in a vintage, 100 for every series of every
// vintage and 200 for every vintage. Thread-safe; nothing blocks.
class ObservationIndex final : public ChangeFollower {
 public:
  void Follow(const Change& change) override;

  // What counts in the state, what stands below first.
  std::vector<SeriesStatement> Statements(std::string_view series, const AsOf& state) const;

 private:
  mutable base::Mutex mutex_;
  absl::flat_hash_map<std::string, std::vector<SeriesStatement>> by_series_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::shared_ptr<const StatedVintage>> vintages_
      ABSL_GUARDED_BY(mutex_);
};

// Of a vintage applied, or proposed, at a version. Null when the resource holds none.
std::shared_ptr<const StatedVintage> StatedVintageOf(ResourcePtr resource, uint64_t created);

// Of each series that it states.
std::vector<std::pair<std::string_view, SeriesStatement>> StatementsOf(
    const std::shared_ptr<const StatedVintage>& vintage);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_INDEX_H_
