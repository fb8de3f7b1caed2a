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

#include "absl/strings/match.h"
#include "services/analytics/testing/plain_events.h"

namespace tidemark::analytics::testing {

// How unequal groups of the population consume.
class DivideOracle : public PlainEvents {
 public:
  using PlainEvents::PlainEvents;

  struct Size {
    int64_t persons = 0;
    bool carried = false;
    bool qualified = false;
  };
  using Populations = std::map<std::vector<std::string>, Size>;
  struct Pair {
    std::string name;
    std::vector<std::string> of, to;
  };
  struct DivideRows {
    PlainTable groups, indices, pairs;
  };
  // `populations_on`: of a period by its last day; `apart`: position of a dimension, -1: none. The
  // only flags are those of populations.
  template <typename PopulationsOn>
  DivideRows Count(const std::vector<v1::Dimension>& dimensions, PopulationsOn populations_on,
                   int apart, const std::vector<Pair>& pairs = {}) const {
    Periods periods;
    for (const PlainEvent& e : events_) {
      Value& value = periods[KeyOf(e)][MembersOf(dimensions, *e.event)];
      value.gross += Gross(*e.event);
      if (Consumes(*e.event)) value.consumers.insert(e.event->pseudonym);
    }
    AddReported(&periods);
    DivideRows rows;
    for (auto& [period, groups] : periods) {
      for (const auto& [codes, size] : populations_on(LastDayOf(period))) {
        Value& value = groups[MembersOfCodes(codes)];
        value.population = size.persons;
        value.flags = FlagsOf(size.carried, size.qualified);
      }
      Value every;
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
             PlainValue::Ratio(static_cast<double>(value.consumers.size()), n, kNone)},
            {"flags", PlainValue::Text(value.flags)}};
        for (size_t d = 0; d < dimensions.size(); ++d)
          row[dimensions[d].name()] = TextOf(members[d]);
        Put(period, std::move(row), &rows.groups);
        if (value.population == 0) {
          left_out += value.gross;
          continue;
        }
        every.flags = Joined(every.flags, value.flags);
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
                                                     static_cast<double>(people) * Unit(),
                                                     NullReason::kNoDenominator)},
                      {"gini", real(gini)},
                      {"theil", real(theil)},
                      {"flags", PlainValue::Text(every.flags)}};
      if (apart >= 0) {
        row["theil_between"] = real(between);
        row["theil_within"] = real(theil - between);
      }
      Put(period, std::move(row), &rows.indices);
      for (const Pair& pair : pairs) {
        Put(period,
            PairRow(pair.name, groups[MembersOfCodes(pair.of)], groups[MembersOfCodes(pair.to)]),
            &rows.pairs);
      }
    }
    return rows;
  }

 private:
  struct Value {
    int64_t gross = 0, population = 0;
    std::set<std::string> consumers;
    std::string flags;
  };
  using Periods = std::map<PeriodKey, std::map<std::vector<Member>, Value>>;

  static std::string FlagsOf(bool carried, bool qualified) {
    return absl::StrCat(carried ? "CARRIED" : "", carried && qualified ? " " : "",
                        qualified ? "QUALIFIED" : "");
  }
  static std::string Joined(const std::string& a, const std::string& b) {
    const auto has = [&](const char* flag) {
      return absl::StrContains(a, flag) || absl::StrContains(b, flag);
    };
    return FlagsOf(has("CARRIED"), has("QUALIFIED"));
  }
  static std::vector<Member> MembersOfCodes(const std::vector<std::string>& codes) {
    std::vector<Member> members;
    for (const std::string& code : codes) members.push_back({kCode, code});
    return members;
  }
  int64_t LastDayOf(const PeriodKey& period) const {
    int64_t end = end_us_;
    if (!all_) end = calendar_.At(grain_, period.first).end_us;
    if (one_) end = one_->end_us;
    return calendar_.DayAt(end == INT64_MAX ? now_us_ : end - 1);
  }

  PlainRow PairRow(const std::string& name, const Value& of, const Value& to) const {
    constexpr NullReason kNone = NullReason::kNoDenominator;
    const auto per_head = [&](const Value& value) {
      return PlainValue::Ratio(static_cast<double>(value.gross),
                               static_cast<double>(value.population) * Unit(), kNone);
    };
    const auto participation = [&](const Value& value) {
      return PlainValue::Ratio(static_cast<double>(value.consumers.size()),
                               static_cast<double>(value.population), kNone);
    };
    PlainRow row = {{"pair", PlainValue::Text(name)},
                    {"per_head_of", per_head(of)},
                    {"per_head_to", per_head(to)},
                    {"ratio", PlainValue::Null(kNone)},
                    {"gap", PlainValue::Null(kNone)},
                    {"participation_of", participation(of)},
                    {"participation_to", participation(to)},
                    {"participation_gap", PlainValue::Null(kNone)},
                    {"flags", PlainValue::Text(Joined(of.flags, to.flags))}};
    if (of.population == 0 || to.population == 0) return row;
    row["ratio"] = PlainValue::Ratio(per_head(of).value, per_head(to).value);
    row["gap"] = PlainValue::Real(per_head(of).value - per_head(to).value);
    row["participation_gap"] =
        PlainValue::Real((participation(of).value - participation(to).value) * 100);
    return row;
  }

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
