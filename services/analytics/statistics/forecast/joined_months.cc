#include "services/analytics/statistics/forecast/joined_months.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tidemark::analytics {

std::vector<SeriesPoint> JoinJanuaryFebruary(std::vector<SeriesPoint> months) {
  std::vector<SeriesPoint> joined;
  for (size_t i = 0; i < months.size(); ++i) {
    SeriesPoint& point = months[i];
    if (absl::EndsWith(point.period, "-02")) continue;
    if (absl::EndsWith(point.period, "-01")) {
      if (i + 1 == months.size()) break;
      absl::StrAppend(&point.period, "..02");
      point.value += months[i + 1].value;
      point.partial = point.partial || months[i + 1].partial;
    }
    joined.push_back(std::move(point));
  }
  return joined;
}

std::vector<std::string> NextJoinedMonths(const std::string& last, size_t count) {
  int year = 0, month = 0;
  const bool parsed = absl::SimpleAtoi(last.substr(0, 4), &year) &&
                      absl::SimpleAtoi(last.substr(last.size() - 2), &month);
  std::vector<std::string> names;
  while (parsed && names.size() < count) {
    if (++month > 12) {
      ++year;
      names.push_back(absl::StrFormat("%04d-01..02", year));
      month = 2;
    } else {
      names.push_back(absl::StrFormat("%04d-%02d", year, month));
    }
  }
  return names;
}

}  // namespace tidemark::analytics
