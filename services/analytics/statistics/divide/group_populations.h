#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DIVIDE_GROUP_POPULATIONS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DIVIDE_GROUP_POPULATIONS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/query/query.h"
#include "services/analytics/statistics/denominators/official_figures.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

struct GroupSize {
  // Above 0.
  int64_t persons = 0;
  bool carried = false;
  bool qualified = false;
  bool weighed = false;
};

// By the codes of a group, one per dimension.
struct GroupSizes {
  std::map<std::vector<std::string>, GroupSize> sizes;
  // What they were read from; none when they were stated.
  std::vector<OfficialFigure> figures;
};

// GroupPopulations: how many people the groups of a divide have. Immutable.
class GroupPopulations {
 public:
  virtual ~GroupPopulations() = default;

  // As of the last of the days.
  virtual GroupSizes At(const DaySpan& days) const = 0;
  // Whether there may be such a group at some time.
  virtual bool Has(const std::vector<std::string>& codes) const = 0;
};

// Sizes that are the same at all times.
class StatedPopulations final : public GroupPopulations {
 public:
  explicit StatedPopulations(std::map<std::vector<std::string>, GroupSize> sizes)
      : sizes_(std::move(sizes)) {}

  GroupSizes At(const DaySpan&) const override { return {sizes_, {}}; }
  bool Has(const std::vector<std::string>& codes) const override { return sizes_.contains(codes); }

 private:
  const std::map<std::vector<std::string>, GroupSize> sizes_;
};

// Sizes that the catalog states, of the series whose slices are the dimensions of `query` but
// `consumer_region`: of its regions at the dimension's level, else of the one region or group that
// a filter keeps, else of the one that the caller may see, else of the region without parent.
// Groups that the filters leave out have no size, nor has what the caller may not see. A number
// that is not whole is rounded to the nearest person.
//
// Errors of PlanQuery and CatalogReader; INVALID_ARGUMENT (LEVEL_MISSING, PLACE_AMBIGUOUS).
absl::StatusOr<std::shared_ptr<const GroupPopulations>> ReadPopulations(
    const StatisticContext& context, const Query& query, const DenominatorKind& kind);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DIVIDE_GROUP_POPULATIONS_H_
