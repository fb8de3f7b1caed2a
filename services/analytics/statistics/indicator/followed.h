#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_FOLLOWED_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_FOLLOWED_H_

#include <optional>
#include <string_view>

#include "services/analytics/statistics/indicator/levels.h"
#include "tidemark/catalog/v1/observations.pb.h"

namespace tidemark::analytics {

// What follows from levels for a published figure, and what is said of the difference.
struct Followed {
  // In the plain unit; null with the reason.
  NodeValue node;
  // Between which the exact number lies, the levels being rounded.
  base::Rational low, high;
  // Some level is not comparable with earlier ones; the value's, not that of the base.
  bool breaks = false;
  // Some level was published later than the figure.
  bool revised = false;
  // Levels of the figure's period are known at all.
  bool has_level = false;
};

// The figure of `series` for the observation's region and period out of `levels`: the level itself,
// a growth, share, contribution or index number.
Followed Follow(const StatisticContext& context, const catalog::v1::ObservationSeries& series,
                const catalog::v1::Observation& observation, Levels* levels);

// The base that a growth and the level of its period imply: level ÷ (1 + growth), of average annual
// growth over n years ÷ (1 + growth)^n. None: the figure is no growth, or there is no such period.
// ZERO_BASE where the growth is -100 %.
struct ImpliedBase {
  NodeValue node;
  Period period;
};
std::optional<ImpliedBase> BaseOf(const StatisticContext& context,
                                  const catalog::v1::ObservationSeries& series,
                                  const catalog::v1::Observation& observation,
                                  PublishedLevels* levels);

// Why published and computed differ: the first of EQUAL, ROUNDING, BASIS, QUALIFIED, BREAK,
// CROSSWALK, PARTIAL, REVISED, UNEXPLAINED that holds; of a null PARTIAL or nothing.
std::string_view ReasonOf(const catalog::v1::ObservationSeries& series,
                          const catalog::v1::Observation& observation, const Followed& followed,
                          bool from_levels);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_FOLLOWED_H_
