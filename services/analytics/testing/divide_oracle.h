#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_DIVIDE_ORACLE_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_DIVIDE_ORACLE_H_

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "services/analytics/testing/plain_events.h"

namespace tidemark::analytics::testing {

// How unequal groups of the population consume.
class DivideOracle : public PlainEvents {
 public:
  using PlainEvents::PlainEvents;

  using Populations = std::map<std::vector<std::string>, int64_t>;
  struct DivideRows {
    PlainTable groups, indices;
  };
  // `apart`: position of a dimension, -1: none.
  DivideRows Count(const std::vector<v1::Dimension>& dimensions, const Populations& populations,
                   int apart) const {
    Periods periods;
    for (const PlainEvent& e : events_) {
      Value& value = periods[KeyOf(e)][MembersOf(dimensions, *e.event)];
      value.gross += Gross(*e.event);
      if (Consumes(*e.event)) value.consumers.insert(e.event->pseudonym);
    }
    AddReported(&periods);
    DivideRows rows;
    for (auto& [period, groups] : periods) {
      for (const auto& [codes, population] : populations) {
        std::vector<Member> members;
        for (const std::string& code : codes) members.push_back({kCode, code});
        groups[members].population = population;
      }
      struct Group {
        long double x, n;
        std::string part;
      };
      std::vector<Group> counted;
      int64_t people = 0, gross = 0, left_out = 0;
      for (const auto& [members, value] : groups) {
        const auto n = static_cast<double>(value.population);
        constexpr NullReason kNone = NullReason::kNoDenominator;
        PlainRow row = {
            {"gross", PlainValue::Whole(value.gross)},
            {"consumers", PlainValue::Whole(static_cast<int64_t>(value.consumers.size()))},
            {"population",
             value.population == 0 ? PlainValue::Null(kNone) : PlainValue::Whole(value.population)},
            {"per_head", PlainValue::Ratio(static_cast<double>(value.gross), n * Unit(), kNone)},
            {"participation",
             PlainValue::Ratio(static_cast<double>(value.consumers.size()), n, kNone)}};
        for (size_t d = 0; d < dimensions.size(); ++d)
          row[dimensions[d].name()] = TextOf(members[d]);
        Put(period, std::move(row), &rows.groups);
        if (value.population == 0) {
          left_out += value.gross;
          continue;
        }
        people += value.population;
        gross += value.gross;
        counted.push_back({static_cast<long double>(value.gross),
                           static_cast<long double>(value.population),
                           apart < 0 ? "" : members[static_cast<size_t>(apart)].second});
      }
      const auto total = static_cast<long double>(gross), all = static_cast<long double>(people);
      long double gini = 0, theil = 0, between = 0;
      std::map<std::string, std::pair<long double, long double>> parts;
      for (const Group& g : counted) {
        for (const Group& h : counted)
          gini += g.n * h.n * std::fabs(g.x / g.n - h.x / h.n) / (2 * all * total);
        if (g.x > 0) theil += g.x / total * std::log(g.x / g.n / (total / all));
        parts[g.part].first += g.x, parts[g.part].second += g.n;
      }
      for (const auto& [name, part] : parts) {
        if (part.first > 0)
          between += part.first / total * std::log(part.first / part.second / (total / all));
      }
      const auto real = [&](long double value) {
        return gross == 0 ? PlainValue::Null(NullReason::kZeroDenominator)
                          : PlainValue::Real(static_cast<double>(value));
      };
      PlainRow row = {{"population", PlainValue::Whole(people)},
                      {"gross", PlainValue::Whole(gross)},
                      {"gross_left_out", PlainValue::Whole(left_out)},
                      {"per_head", PlainValue::Ratio(static_cast<double>(gross),
                                                     static_cast<double>(people) * Unit())},
                      {"gini", real(gini)},
                      {"theil", real(theil)}};
      if (apart >= 0) {
        row["theil_between"] = real(between);
        row["theil_within"] = real(theil - between);
      }
      Put(period, std::move(row), &rows.indices);
    }
    return rows;
  }

 private:
  struct Value {
    int64_t gross = 0, population = 0;
    std::set<std::string> consumers;
  };
  using Periods = std::map<PeriodKey, std::map<std::vector<Member>, Value>>;

  double Unit() const { return std::pow(10, world_.scale); }

  // Periods without events that somebody reports in.
  void AddReported(Periods* periods) const {
    std::vector<NaivePeriod> reach;
    if (all_) {
      reach = {one_ ? *one_ : NaivePeriod{"", start_us_, end_us_}};
    } else {
      reach = PeriodsInReach();
    }
    for (const NaivePeriod& period : reach) {
      if (Reported(period)) (*periods)[{period.start_us, period.name}];
    }
  }
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_DIVIDE_ORACLE_H_
