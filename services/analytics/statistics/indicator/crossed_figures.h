#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_CROSSED_FIGURES_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_CROSSED_FIGURES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "services/analytics/query/crosswalk.h"
#include "services/analytics/statistics/indicator/figures.h"
#include "services/analytics/statistics/indicator/places.h"
#include "services/analytics/statistics/indicator/value.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

// What parts make up out of what `find` knows of each region; none: nothing is stated of any.
// Null NO_DATA where a part has no figure, else the reason of a part that has none; NO_WEIGHT;
// NOT_ADDITIVE. Flagged CROSSWALK and estimated where weights took part.
std::optional<Level> MakeUp(
    const FigureParts& parts,
    absl::FunctionRef<std::optional<Level>(catalog_client::Ordinal region)> find);

// CrossedFigures: figures of a series by the boundaries of a moment. As Figures: ask for all that
// is wanted first.
class CrossedFigures {
 public:
  struct Asked {
    std::string series;
    FigureKind kind = FigureKind::kOther;
    // Also of years before.
    bool carried = false;
  };

  // `figures` is not owned.
  CrossedFigures(const StatisticContext& context, Figures* figures)
      : context_(context), figures_(*figures), crosswalk_(*context.view) {}

  void Want(const Asked& asked, const Place& place, const Period& period, int64_t moment_us);
  // Of exactly the period, else, where it may be carried, of the last year before that has one,
  // flagged CARRIED; else null NO_DATA, SUPPRESSED, NO_WEIGHT or NOT_ADDITIVE. `moment_us`: as
  // Spot::moment_us; a figure that is carried is brought to the boundaries of the period at least.
  NodeValue Find(const Asked& asked, const Place& place, const Period& period, int64_t moment_us);

 private:
  // None: what is stated of the place itself counts.
  std::optional<int64_t> MomentOf(const Place& place, const Period& period,
                                  int64_t moment_us) const;
  const FigureParts& PartsOf(const Asked& asked, const Place& place, const Days& days,
                             int64_t moment_us);
  std::optional<NodeValue> FindAt(const Asked& asked, const Place& place, const Days& days,
                                  const std::optional<int64_t>& moment_us);
  std::string NameOf(catalog_client::Ordinal region) const;

  const StatisticContext& context_;
  Figures& figures_;
  Crosswalk crosswalk_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_CROSSED_FIGURES_H_
