#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_JOINED_MONTHS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_JOINED_MONTHS_H_

#include <string>
#include <vector>

namespace tidemark::analytics {

// One period of a series.
struct SeriesPoint {
  std::string period;
  double value = 0;
  bool partial = false;
};

// Monthly points, ascending and without gaps, with January and February of a year as one,
// `2024-01..02`: in China the new year's feast moves between them, and statistics are published so.
// A January at the end stays out, whose other half is to come, and a February at the beginning.
std::vector<SeriesPoint> JoinJanuaryFebruary(std::vector<SeriesPoint> months);

// The names of the `count` periods after month `last` (`2024-03`, `2024-01..02`) of a joined
// series.
std::vector<std::string> NextJoinedMonths(const std::string& last, size_t count);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_JOINED_MONTHS_H_
