#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_RANDOM_FORMULA_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_RANDOM_FORMULA_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "services/analytics/testing/plain_catalog.h"
#include "services/analytics/testing/world.h"
#include "tidemark/catalog/v1/formula.pb.h"

namespace tidemark::analytics::testing {

// Random formulas over a world's events and over figures that it states in the catalog; every node,
// comparison, and form of filter comes up.
class FormulaWriter {
 public:
  // Puts series with their figures into the catalog, and indicators that formulas are made of.
  FormulaWriter(const World& world, std::mt19937_64* random, PlainCatalog* catalog);

  // Puts an indicator with a fresh formula. `figures`: it may read some.
  void WriteIndicator(const std::string& name, int depth, bool figures);
  // Sums of events only, with or without filters.
  catalog::v1::Formula Events();

  std::string SomePlace();
  // A period's name of a month or longer; of `short_ones` also a week or a day.
  std::string SomePeriod(bool short_ones);

 private:
  using Formula = catalog::v1::Formula;
  uint64_t Below(uint64_t n) { return random_() % n; }
  bool Chance(uint64_t percent) { return Below(100) < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& list) {
    return list[Below(list.size())];
  }
  void StateFigures();
  void AddFilter(catalog::v1::MeasureNode* node);
  Formula Make(int depth, bool ratio);
  Formula Leaf(bool ratio);
  Formula Operation(int depth, bool ratio);
  Formula RatioComparison(int depth);
  Formula LevelComparison(int depth);
  Formula Adding(int depth);
  void AddWhole(catalog::v1::ComparisonNode* node);

  const World& world_;
  std::mt19937_64& random_;
  PlainCatalog& catalog_;
  bool figures_ = true;
  std::vector<std::string> levels_, rates_, indicators_;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_RANDOM_FORMULA_H_
