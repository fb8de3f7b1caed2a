#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_REFERENCE_TEST_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_REFERENCE_TEST_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/testing/golden.h"
#include "services/analytics/statistics/forecast/ets_model.h"

// What statsmodels says: tests/data/ets_reference.tsv, whose script describes the lines.
namespace tidemark::analytics {

struct ReferenceSeries {
  int season = 1;
  std::vector<double> values;
};

struct ReferenceLine {
  std::string what;
  std::string series;
  EtsForm form;
  // Of likelihood and forecast.
  EtsSmoothing smoothing;
  std::vector<double> initial;
  // What follows.
  std::vector<double> numbers;
};

struct Reference {
  std::map<std::string, ReferenceSeries> series;
  std::vector<ReferenceLine> lines;
};

inline Reference ReadReference() {
  Reference reference;
  std::ifstream file(tidemark::testing::RepositoryPath("tests/data/ets_reference.tsv"));
  EXPECT_TRUE(file.is_open());
  for (std::string text; std::getline(file, text);) {
    const std::vector<std::string> cells = absl::StrSplit(text, '\t');
    std::vector<double> numbers;
    for (size_t i = cells[0] == "series" ? 2 : 3; i < cells.size(); ++i)
      numbers.push_back(std::strtod(cells[i].c_str(), nullptr));
    if (cells[0] == "series") {
      reference.series[cells[1]] = {static_cast<int>(numbers[0]),
                                    {numbers.begin() + 1, numbers.end()}};
      continue;
    }
    ReferenceLine line{.what = cells[0], .series = cells[1]};
    for (const EtsForm& form : EtsForms(reference.series[cells[1]].season, true)) {
      if (EtsName(form) == cells[2]) line.form = form;
    }
    EXPECT_EQ(EtsName(line.form), cells[2]);
    if (line.what != "fit") {
      line.smoothing = {numbers[0], numbers[1], numbers[2], numbers[3]};
      const auto first = numbers.begin() + 4, end = first + InitialCount(line.form);
      line.initial.assign(first, end);
      numbers.erase(numbers.begin(), end);
    }
    line.numbers = std::move(numbers);
    reference.lines.push_back(std::move(line));
  }
  return reference;
}

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_REFERENCE_TEST_H_
