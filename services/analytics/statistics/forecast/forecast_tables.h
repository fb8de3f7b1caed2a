#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_FORECAST_TABLES_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_FORECAST_TABLES_H_

#include <string>
#include <vector>

#include "services/analytics/query/table.h"
#include "services/analytics/statistics/forecast/ets_fit.h"
#include "services/analytics/statistics/forecast/forecast_point.h"
#include "services/analytics/statistics/forecast/history.h"
#include "services/analytics/statistics/forecast/rolling_origin.h"

namespace tidemark::analytics {

struct ForecastFigures {
  std::vector<std::string> periods;
  // By period; both empty when the history is too short.
  std::vector<ForecastPoint> ets;
  std::vector<ForecastPoint> naive;
  // The one used first.
  std::vector<EtsFit> fits;
  BackTest back_test;
};

// The tables of tidemark.analytics.v1.ForecastResponse, whose comments say what is in them.
Table HistoryTable(const History& history);
Table ForecastTable(const History& history, const ForecastFigures& figures);
Table ModelsTable(const History& history, const ForecastFigures& figures);
Table BackTestTable(const ForecastFigures& figures);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_FORECAST_TABLES_H_
