#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_FIGURES_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_FIGURES_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "services/analytics/statistics/indicator/named_periods.h"
#include "services/analytics/statistics/indicator/value.h"
#include "services/analytics/statistics/statistic_context.h"
#include "tidemark/catalog/v1/observations.pb.h"

namespace tidemark::analytics {

// Figures: what publishers state, by series, place and days. Ask for all that is wanted, read once,
// then find.
class Figures {
 public:
  explicit Figures(const StatisticContext& context) : context_(context) {}

  // Also the years before `days` when `carried`.
  void Want(const std::string& series, const std::string& place, const Days& days, bool carried);
  // Errors of CatalogReader::ListObservations.
  absl::Status Read();

  // The figure of exactly those days, as a value in the plain unit; none: nothing is stated.
  std::optional<NodeValue> Find(const std::string& series, const std::string& place,
                                const Days& days);
  // The position in NodeValue::sources of what a vintage states of a series.
  uint32_t SourceOf(const std::string& series, const std::string& vintage);
  // By that position.
  const std::vector<ValueSource>& sources() const { return sources_; }

 private:
  using SeriesAndPlace = std::pair<std::string, std::string>;
  struct Wanted {
    std::set<std::string> places;
    int64_t first = INT64_MAX;
    int64_t end = INT64_MIN;
    friend bool operator==(const Wanted&, const Wanted&) = default;
  };

  absl::Status ReadSeries(const std::string& series, const Wanted& wanted);

  const StatisticContext& context_;
  std::map<std::string, Wanted> wanted_;
  // Keeps what `figures_` points into.
  std::vector<CatalogReader::Observations> read_;
  absl::flat_hash_map<SeriesAndPlace, std::map<Days, const catalog::v1::Observation*>> figures_;
  std::vector<ValueSource> sources_;
  absl::flat_hash_map<SeriesAndPlace, uint32_t> source_numbers_;
};

// What an observation says, in the plain unit; without sources. SUPPRESSED; NO_DATA where it is
// missing.
NodeValue ValueOfFigure(const catalog::v1::Observation& observation);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_FIGURES_H_
