#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_SERIES_FIGURES_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_SERIES_FIGURES_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/statistic_context.h"
#include "services/analytics/statistics/targets/target_figures.h"
#include "tidemark/catalog/v1/targets.pb.h"

namespace tidemark::analytics {

// SeriesFigures: official figures for many targets, each series read once for all of its places.
// `context` must outlive it.
class SeriesFigures {
 public:
  explicit SeriesFigures(const StatisticContext& context) : context_(context) {}

  // The target will be asked for.
  void Want(const catalog::v1::Target& target);

  // Those of the target's series and place, in its unit. FAILED_PRECONDITION (UNIT_MISMATCH): the
  // series has another one that does not become it; `name` is the target's. Errors of
  // CatalogReader.
  absl::StatusOr<std::vector<Figure>> Of(std::string_view name, const catalog::v1::Target& target);

 private:
  absl::Status Read(const std::string& series);

  const StatisticContext& context_;
  std::map<std::string, std::set<std::string>> wanted_;
  // By series and place; pointers into read_.
  std::map<std::pair<std::string, std::string>, std::vector<const catalog::v1::Observation*>>
      by_place_;
  std::map<std::string, std::vector<CatalogReader::Observations>> read_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_SERIES_FIGURES_H_
