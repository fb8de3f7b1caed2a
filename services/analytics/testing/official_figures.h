#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_OFFICIAL_FIGURES_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_OFFICIAL_FIGURES_H_

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/analytics/query/table.h"
#include "services/analytics/testing/exact.h"
#include "services/analytics/testing/plain_catalog.h"
#include "services/analytics/testing/world.h"

// Random populations and products of a world's places, and what a measure is divided by, found by
// looping over all of them.
namespace tidemark::analytics::testing {

// Ids of series are unique; slices as events have them.
struct OfficialSeries {
  std::string name;
  bool population = true;
  // Of populations.
  bool registered = false;
  bool year_end = false;
  std::string currency;
  int power = 0;
  uint32_t preference = 0;
  std::map<std::string, std::string> slices;
};

struct OfficialNumber {
  NullReason null = NullReason::kNoDenominator;
  Exact value;
  bool carried = false;
  bool qualified = false;
  bool break_before = false;
  // Of SDMX's letters A, R, P, E the place of the last one.
  int status = 0;
  // Series and vintage.
  std::set<std::pair<std::string, std::string>> sources;

  bool found() const { return null == NullReason::kNone; }
};

class OfficialFigures {
 public:
  // Puts series and figures into the catalog. `sliced`: populations of the dimensions age_band and
  // area_type too.
  OfficialFigures(const World& world, std::mt19937_64* random, bool sliced, PlainCatalog* catalog);

  // Persons of the year of the last day; `place`: a name. Groups have the members of `members_on`.
  OfficialNumber Population(bool registered, bool year_end,
                            const std::map<std::string, std::string>& slices,
                            const std::string& place, int64_t end, int64_t members_on) const;
  // Of exactly the days.
  OfficialNumber Product(const std::string& place, int64_t first, int64_t end,
                         int64_t members_on) const;

  // All slices that some population of the kind has, of so many dimensions.
  std::set<std::map<std::string, std::string>> SlicesOf(bool registered, bool year_end,
                                                        const std::set<std::string>& of) const;

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }
  bool Chance(uint64_t percent) { return Below(100) < percent; }
  std::vector<std::string> SomePlaces();
  void AddPopulation(OfficialSeries series);
  void AddProduct(OfficialSeries series);
  void Write(const OfficialSeries& series);

  OfficialNumber StatedPopulation(bool registered, bool year_end,
                                  const std::map<std::string, std::string>& slices,
                                  const std::string& place, int64_t end) const;
  OfficialNumber StatedProduct(const std::string& place, int64_t first, int64_t end) const;
  OfficialNumber NumberOf(const OfficialSeries& series, const PlainFigure& figure) const;
  template <typename Stated>
  OfficialNumber OfPlace(const std::string& place, int64_t members_on, Stated stated) const;

  const World& world_;
  std::mt19937_64& random_;
  PlainCatalog& catalog_;
  std::vector<OfficialSeries> series_;  // by preference
};

// A of R, P, E and what else there is.
int RankOfStatus(catalog::v1::ObservationStatus status);

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_OFFICIAL_FIGURES_H_
