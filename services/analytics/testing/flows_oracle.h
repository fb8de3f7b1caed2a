#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_FLOWS_ORACLE_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_FLOWS_ORACLE_H_

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "services/analytics/testing/plain_events.h"
#include "services/analytics/testing/plain_groups.h"

namespace tidemark::analytics::testing {

// From where consumers live to where consumption is served.
class FlowsOracle : public PlainEvents {
 public:
  using PlainEvents::PlainEvents;

  struct FlowRows {
    PlainTable flows, places, totals, groups;
  };
  FlowRows Count(const std::string& level, const std::string& to,
                 const std::vector<std::string>& groups) const {
    v1::Dimension from_dimension, to_dimension;
    from_dimension.set_name("consumer_region");
    from_dimension.set_level(level);
    to_dimension.set_name(to);
    to_dimension.set_level(level);
    const bool visits = to == "place_of_use";
    std::map<std::tuple<PeriodKey, Member, Member>, int64_t> flows;
    std::map<std::pair<PeriodKey, Member>, std::set<std::string>> visitors;
    std::map<PeriodKey, std::set<std::string>> all_visitors;
    for (const PlainEvent& e : events_) {
      const PeriodKey period = KeyOf(e);
      const Member i = MemberOf(from_dimension, *e.event), j = MemberOf(to_dimension, *e.event);
      flows[{period, i, j}] += Gross(*e.event);
      if (!Consumes(*e.event) || i.first != kCode || j.first != kCode || i == j) continue;
      visitors[{period, j}].insert(e.event->pseudonym);
      all_visitors[period].insert(e.event->pseudonym);
    }
    struct Sums {
      int64_t total = 0, own = 0, out = 0, total_unplaced = 0, served = 0, in = 0, unplaced = 0;
    };
    std::map<std::pair<PeriodKey, Member>, Sums> places;
    std::map<PeriodKey, Sums> totals;
    for (const auto& [key, gross] : flows) {
      const auto& [period, i, j] = key;
      Sums &a = places[{period, i}], &b = places[{period, j}], &all = totals[period];
      a.total += gross, b.served += gross, all.total += gross;
      if (i.first != kCode || j.first != kCode) {
        a.total_unplaced += gross, b.unplaced += gross, all.total_unplaced += gross;
      } else if (i == j) {
        a.own += gross, all.own += gross;
      } else {
        a.out += gross, b.in += gross, all.out += gross;
      }
    }
    FlowRows rows;
    for (const auto& [key, gross] : flows) {
      const auto& [period, i, j] = key;
      PlainRow row = {{"from", TextOf(i)},
                      {"to", TextOf(j)},
                      {"gross", PlainValue::Whole(gross)},
                      {"share", Divided(gross, places[{period, i}].total)}};
      Put(period, std::move(row), &rows.flows);
    }
    for (const auto& [key, s] : places) {
      const bool code = key.second.first == kCode;
      PlainRow row = {{"region", TextOf(key.second)},
                      {"total", PlainValue::Whole(s.total)},
                      {"own", PlainValue::Whole(s.own)},
                      {"outflow", PlainValue::Whole(s.out)},
                      {"total_unplaced", PlainValue::Whole(s.total_unplaced)},
                      {"served", PlainValue::Whole(s.served)},
                      {"inflow", PlainValue::Whole(s.in)},
                      {"served_unplaced", PlainValue::Whole(s.unplaced)},
                      {"net", PlainValue::Whole(s.in - s.out)},
                      {"self_sufficiency",
                       code ? Divided(s.own, s.total) : PlainValue::Null(NullReason::kNoData)}};
      if (visits) {
        const auto found = visitors.find(key);
        const size_t count = found == visitors.end() ? 0 : found->second.size();
        row["visitors"] = code ? PlainValue::Whole(static_cast<int64_t>(count))
                               : PlainValue::Null(NullReason::kNoData);
      }
      Put(key.first, std::move(row), &rows.places);
    }
    for (const auto& [period, s] : totals) {
      PlainRow row = {{"total", PlainValue::Whole(s.total)},
                      {"own", PlainValue::Whole(s.own)},
                      {"between", PlainValue::Whole(s.out)},
                      {"unplaced", PlainValue::Whole(s.total_unplaced)}};
      if (visits)
        row["visitors"] = PlainValue::Whole(static_cast<int64_t>(all_visitors[period].size()));
      Put(period, std::move(row), &rows.totals);
      for (const std::string& group : groups) rows.groups.push_back(Integration(period, group, to));
    }
    return rows;
  }

 private:
  // The nearest member at or above the place; empty: none.
  std::string NearestMember(const std::set<std::string>& members, const WorldEvent& event,
                            const std::string& place) const {
    const auto code = FieldOf(event, place);
    if (!code) return "";
    for (const std::string& region : Chain("consumer_region", *code, {})) {
      if (members.contains(region)) return region;
    }
    return "";
  }
  PlainRow Integration(const PeriodKey& period, const std::string& group,
                       const std::string& to) const {
    int64_t total = 0, own = 0, within = 0;
    for (const PlainEvent& e : events_) {
      if (KeyOf(e) != period) continue;
      std::set<std::string> members;
      AddGroupMembers(world_, group, calendar_.DayAt(e.event->time_us), &members);
      const std::string from = NearestMember(members, *e.event, "consumer_region");
      if (from.empty()) continue;
      const std::string at = NearestMember(members, *e.event, to);
      const int64_t gross = Gross(*e.event);
      total += gross;
      own += at == from ? gross : 0;
      within += !at.empty() && at != from ? gross : 0;
    }
    PlainTable rows;
    Put(period,
        {{"group", PlainValue::Text("regionGroups/" + group)},
         {"total", PlainValue::Whole(total)},
         {"own", PlainValue::Whole(own)},
         {"within", PlainValue::Whole(within)},
         {"elsewhere", PlainValue::Whole(total - own - within)},
         {"integration", Divided(within, total)}},
        &rows);
    return rows.front();
  }
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_FLOWS_ORACLE_H_
