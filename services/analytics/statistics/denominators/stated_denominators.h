#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DENOMINATORS_STATED_DENOMINATORS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DENOMINATORS_STATED_DENOMINATORS_H_

#include <memory>
#include <vector>

#include "services/analytics/query/denominators.h"
#include "services/analytics/statistics/denominators/official_figures.h"

// What official figures say as Denominators. For each place and period the series with the lowest
// preference that states a number counts; `series` come in that order.
namespace tidemark::analytics {

// Populations: of the year of the period's last day, else of the last year before that has one,
// `carried`. A cell is of a year when its period is that year; also, of YEAR_END, when it is 31
// December, and of MID_YEAR 30 June or 1 July.
std::unique_ptr<const Denominators> MakePopulations(const std::vector<ServingSeries>& series,
                                                    const DenominatorKind& kind,
                                                    CatalogReader::Observations figures);

// Gross domestic product of the very days: of a cell, else of the fewest cells of one series that
// add up to them, some perhaps subtracted: four quarters, or the first three less the first two.
// PERIOD_MISMATCH: only other periods are stated of the place.
std::unique_ptr<const Denominators> MakeProducts(const std::vector<ServingSeries>& series,
                                                 CatalogReader::Observations figures);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DENOMINATORS_STATED_DENOMINATORS_H_
