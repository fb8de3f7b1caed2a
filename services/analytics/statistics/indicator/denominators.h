#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_DENOMINATORS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_DENOMINATORS_H_

#include <map>
#include <memory>
#include <tuple>

#include "absl/status/status.h"
#include "services/analytics/query/denominators.h"
#include "services/analytics/statistics/indicator/figures.h"
#include "services/analytics/statistics/indicator/places.h"
#include "services/analytics/statistics/indicator/value.h"
#include "tidemark/catalog/v1/formula.pb.h"

namespace tidemark::analytics {

// What nodes of a formula are divided by: populations and gross domestic products, as queries find
// them (FindDenominator). Ask for all that is wanted before the figures are read.
class NodeDenominators {
 public:
  // `figures`, which lists the sources of all values, is not owned.
  NodeDenominators(const StatisticContext& context, Figures* figures)
      : context_(context), figures_(*figures), crosswalk_(*context.view) {}

  // Errors of ReadDenominators.
  absl::Status WantPopulation(const catalog::v1::PopulationBasis& basis);
  absl::Status WantGdp();

  // Of the year of the period's last day, else of the last year before that has one, flagged
  // CARRIED; by the regions and groups of the moment. NO_DENOMINATOR, NO_WEIGHT.
  NodeValue Population(const catalog::v1::PopulationBasis& basis, const Place& place,
                       const Period& period, int64_t moment_us);
  // Of the very period. PERIOD_MISMATCH: it is stated of other periods only. NO_DENOMINATOR,
  // NO_WEIGHT.
  NodeValue Gdp(const Place& place, const Period& period, int64_t moment_us);

 private:
  // Role, kind and time of a population.
  using Kind = std::tuple<int, int, int>;
  static Kind KindOf(const catalog::v1::PopulationBasis& basis);
  static Kind GdpKind() { return {catalog::v1::DENOMINATOR_ROLE_GDP, 0, 0}; }
  absl::Status Want(const Kind& kind);
  NodeValue Find(const Kind& kind, const Place& place, const Period& period, int64_t moment_us);

  const StatisticContext& context_;
  Figures& figures_;
  Crosswalk crosswalk_;
  std::map<Kind, std::unique_ptr<const Denominators>> read_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_DENOMINATORS_H_
