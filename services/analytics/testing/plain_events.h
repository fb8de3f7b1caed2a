#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_EVENTS_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_EVENTS_H_

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/analytics/testing/plain_rows.h"
#include "services/analytics/testing/recount_facts.h"

// Named statistics counted by looping over plain events, each in a file of its own, following
// docs/statistics.md word by word; they share no code with the product.
namespace tidemark::analytics::testing {

// An event that passes the query's filters, in its period.
struct PlainEvent {
  NaivePeriod period;
  const WorldEvent* event = nullptr;
};
// By start and name of the period.
using PeriodKey = std::pair<int64_t, std::string>;

class PlainEvents : protected RecountFacts {
 public:
  // Filters, range and grain of the query.
  PlainEvents(const World& world, const v1::Query& query, uint64_t log_size, std::string scope)
      : RecountFacts(world, query, log_size, std::move(scope)) {
    for (const WorldEvent& event : world_.events) {
      if (!event.IsShown() || !Passes(event)) continue;
      if (event.time_us < start_us_ || end_us_ <= event.time_us) continue;
      events_.push_back({PeriodOf(event), &event});
    }
  }

 protected:
  static PeriodKey KeyOf(const PlainEvent& e) { return {e.period.start_us, e.period.name}; }
  static PlainValue TextOf(const Member& member) {
    return PlainValue::Text(MemberText(member.first, member.second));
  }
  static PlainValue Divided(int64_t part, int64_t whole) {
    return PlainValue::Ratio(static_cast<double>(part), static_cast<double>(whole));
  }
  // A row of a period: it names it where the query has names.
  void Put(const PeriodKey& period, PlainRow row, PlainTable* rows) const {
    if (!all_ || one_) row["period"] = PlainValue::Text(period.second);
    rows->push_back(std::move(row));
  }

  NaivePeriod PeriodOf(const WorldEvent& event) const {
    if (!all_) return calendar_.At(grain_, event.time_us);
    return one_ ? *one_ : NaivePeriod{"", start_us_, end_us_};
  }
  std::vector<Member> MembersOf(const std::vector<v1::Dimension>& dimensions,
                                const WorldEvent& event) const {
    std::vector<Member> members;
    for (const v1::Dimension& dimension : dimensions) members.push_back(MemberOf(dimension, event));
    return members;
  }

  std::vector<PlainEvent> events_;
};

// Which places have data in which periods.
class AvailabilityOracle : public PlainEvents {
 public:
  using PlainEvents::PlainEvents;

  PlainTable Places(const v1::Dimension& place) const {
    struct Seen {
      std::map<int64_t, std::string> periods;
      int64_t events = 0;
    };
    std::map<Member, Seen> places;
    for (const PlainEvent& e : events_) {
      Seen& seen = places[MemberOf(place, *e.event)];
      seen.periods[e.period.start_us] = e.period.name;
      seen.events += e.event->IsCounted() ? 1 : 0;
    }
    PlainTable rows;
    for (const auto& [member, seen] : places) {
      int64_t between = 0;
      for (int64_t at = seen.periods.begin()->first; at <= seen.periods.rbegin()->first; ++between)
        at = calendar_.At(grain_, at).end_us;
      rows.push_back(
          {{place.name(), PlainValue::Text(MemberText(member.first, member.second))},
           {"first_period", PlainValue::Text(seen.periods.begin()->second)},
           {"last_period", PlainValue::Text(seen.periods.rbegin()->second)},
           {"periods", PlainValue::Whole(static_cast<int64_t>(seen.periods.size()))},
           {"gaps", PlainValue::Whole(between - static_cast<int64_t>(seen.periods.size()))},
           {"events", PlainValue::Whole(seen.events)}});
    }
    return rows;
  }

  PlainTable Cells(const v1::Dimension& place) const {
    std::map<std::pair<PeriodKey, Member>, int64_t> cells;
    for (const PlainEvent& e : events_)
      cells[{KeyOf(e), MemberOf(place, *e.event)}] += e.event->IsCounted() ? 1 : 0;
    PlainTable rows;
    for (const auto& [key, events] : cells) {
      Put(key.first, {{place.name(), TextOf(key.second)}, {"events", PlainValue::Whole(events)}},
          &rows);
    }
    return rows;
  }
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_EVENTS_H_
