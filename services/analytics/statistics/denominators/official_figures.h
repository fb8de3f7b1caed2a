#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DENOMINATORS_OFFICIAL_FIGURES_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DENOMINATORS_OFFICIAL_FIGURES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/rational.h"
#include "services/analytics/query/denominators.h"
#include "services/analytics/statistics/catalog_reader.h"
#include "tidemark/type/v1/period.pb.h"

// Numbers that the catalog holds as they were published, as exact numbers of whole days.
namespace tidemark::analytics {

// The days of a period that the catalog holds; nothing for a grain of a later release.
std::optional<DaySpan> StatedDays(const type::v1::Period& period);

// The number itself, in whole persons, units of the currency and so on: power of ten and divisor
// are applied. Nothing where none is stated (MISSING, SUPPRESSED).
std::optional<base::Rational> NumberOf(const catalog::v1::Observation& observation);

// Where a figure comes from, without its number.
OfficialFigure Described(const catalog::v1::Observation& observation);

// What series statistics divide by are looked for.
struct DenominatorKind {
  catalog::v1::DenominatorRole role = catalog::v1::DENOMINATOR_ROLE_UNSPECIFIED;
  // Of populations.
  catalog::v1::PopulationKind people = catalog::v1::POPULATION_KIND_RESIDENT;
  catalog::v1::PopulationTime time = catalog::v1::POPULATION_TIME_MID_YEAR;
};

// A series that statistics divide by.
struct ServingSeries {
  std::string name;
  uint32_t preference = 0;
  // Dimension and code as events have them, by dimension.
  std::vector<std::pair<std::string, std::string>> slices;
};

// Those of the kind at a version of the catalog, of whatever slices, by preference, then name.
// `currency`: of GDP; series in another are left out. Errors of CatalogReader.
absl::StatusOr<std::vector<ServingSeries>> ListServing(CatalogReader& catalog, uint64_t version,
                                                       const DenominatorKind& kind,
                                                       const std::string& currency);

// What stands of the series. Errors of CatalogReader.
absl::StatusOr<CatalogReader::Observations> ListFigures(CatalogReader& catalog, uint64_t version,
                                                        const std::vector<ServingSeries>& series);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DENOMINATORS_OFFICIAL_FIGURES_H_
