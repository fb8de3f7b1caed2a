#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_HISTORY_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_HISTORY_H_

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "services/analytics/testing/naive_calendar.h"
#include "services/analytics/testing/recount.h"
#include "services/analytics/testing/world.h"
#include "tidemark/analytics/v1/query.pb.h"

// What of a measure a forecast can go on from.
namespace tidemark::analytics::testing {

struct PlainMonth {
  std::string period;
  double value = 0;
  bool partial = false, null = false;
};

// Without partial periods at either end and what is before a gap; `join`: January and February as
// one.
inline std::vector<PlainMonth> HistoryOf(const World& world, const v1::Query& query, uint64_t size,
                                         const std::string& scope, bool join) {
  const RecountTable table = Recount(world, query, size, scope);
  const auto column = [&](const std::string& name) {
    size_t at = 0;
    while (table.columns[at] != name) ++at;
    return at;
  };
  const std::string& measure = query.measures(0).name();
  const bool money = measure == "gross" || measure == "net" || measure == "voucher";
  std::vector<PlainMonth> months;
  for (const auto& row : table.rows) {
    const RecountValue& value = row[column(measure)];
    PlainMonth month{.period = row[column("period")].text};
    month.null = value.null != 0;
    month.value =
        value.type == RecountValue::Type::kReal
            ? value.real
            : static_cast<double>(value.integer) / (money ? std::pow(10.0, world.scale) : 1.0);
    month.partial = absl::StartsWith(row[column("flags")].text, "PARTIAL");
    months.push_back(month);
  }
  while (!months.empty() && (months.back().partial || months.back().null)) months.pop_back();
  std::vector<PlainMonth> kept;
  for (const PlainMonth& month : months) {
    if (month.null) {
      kept.clear();
    } else {
      kept.push_back(month);
    }
  }
  while (!kept.empty() && kept.front().partial) kept.erase(kept.begin());
  if (!join) return kept;
  std::vector<PlainMonth> joined;
  for (const PlainMonth& month : kept) {
    if (!absl::EndsWith(month.period, "-02")) {
      joined.push_back(month);
      continue;
    }
    if (joined.empty() || !absl::EndsWith(joined.back().period, "-01")) continue;
    joined.back().period += "..02";
    joined.back().value += month.value;
    joined.back().partial |= month.partial;
  }
  // Its other half is to come.
  if (!joined.empty() && absl::EndsWith(joined.back().period, "-01")) joined.pop_back();
  return joined;
}

inline std::vector<std::string> NextPeriodsOf(const NaiveCalendar& calendar, const v1::Query& query,
                                              const std::string& last, bool join, size_t count) {
  NaivePeriod period = calendar.Named(last);
  std::vector<std::string> names;
  while (names.size() < count) {
    period = calendar.At(static_cast<NaiveGrain>(query.grain() - 1), period.end_us);
    if (join && absl::EndsWith(period.name, "-01")) period = calendar.Named(period.name + "..02");
    names.push_back(period.name);
  }
  return names;
}

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_HISTORY_H_
