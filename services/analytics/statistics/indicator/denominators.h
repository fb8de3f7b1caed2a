#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_DENOMINATORS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_DENOMINATORS_H_

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/indicator/figures.h"
#include "services/analytics/statistics/statistic_context.h"
#include "tidemark/catalog/v1/formula.pb.h"
#include "tidemark/catalog/v1/observations.pb.h"

namespace tidemark::analytics {

// Denominators: the populations and gross domestic products that figures are divided by, out of
// series without slices that say they may serve (ObservationSeries.denominator), that of the lowest
// preference first. Ask for all that is wanted before the figures are read.
class Denominators {
 public:
  // `figures` is not owned.
  Denominators(const StatisticContext& context, Figures* figures)
      : context_(context), figures_(*figures) {}

  // Errors of CatalogReader::List.
  absl::Status WantPopulation(const catalog::v1::PopulationBasis& basis, const std::string& place);
  absl::Status WantGdp(const std::string& place);

  // Of the year of the period's last day, else of the last year before that has one, flagged
  // CARRIED. NO_DENOMINATOR.
  NodeValue Population(const catalog::v1::PopulationBasis& basis, const std::string& place,
                       const Period& period);
  // Of the very period. PERIOD_MISMATCH: it is stated of other periods only. NO_DENOMINATOR.
  NodeValue Gdp(const std::string& place, const Period& period);

 private:
  using Basis = std::tuple<catalog::v1::DenominatorRole, int, int>;
  static Basis BasisOf(const catalog::v1::PopulationBasis& basis);
  static Basis GdpBasis() { return {catalog::v1::DENOMINATOR_ROLE_GDP, 0, 0}; }
  absl::Status ReadSeries();
  absl::Status Want(const Basis& basis, const std::string& place);

  const StatisticContext& context_;
  Figures& figures_;
  bool read_ = false;
  // By preference.
  std::map<Basis, std::vector<std::string>> series_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_DENOMINATORS_H_
