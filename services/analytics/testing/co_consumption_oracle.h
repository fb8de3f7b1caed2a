#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_CO_CONSUMPTION_ORACLE_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_CO_CONSUMPTION_ORACLE_H_

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

// Who consumes of several members.
class CoConsumptionOracle : public PlainEvents {
 public:
  using PlainEvents::PlainEvents;

  struct CoRows {
    PlainTable pairs, members;
  };
  // `dimension`: that of the members, or `category_nature`; `within_days` 0: no sequence.
  CoRows Count(const v1::Dimension& dimension, bool goods_and_services,
               uint32_t within_days) const {
    struct Period {
      // By pseudonym and member the first time.
      std::map<std::string, std::map<Member, int64_t>> firsts;
      std::map<Member, int64_t> consumers;
    };
    std::map<PeriodKey, Period> periods;
    for (const PlainEvent& e : events_) {
      if (!Consumes(*e.event)) continue;
      const Member member = dimension.name() == "category_nature" ? NatureOf(*e.event)
                                                                  : MemberOf(dimension, *e.event);
      auto& firsts = periods[KeyOf(e)].firsts[e.event->pseudonym];
      const auto [first, fresh] = firsts.emplace(member, e.event->time_us);
      first->second = std::min(first->second, e.event->time_us);
    }
    CoRows rows;
    for (auto& [key, period] : periods) {
      struct Shared {
        int64_t both = 0, then = 0;
      };
      std::map<std::pair<Member, Member>, Shared> shared;
      for (const auto& [pseudonym, firsts] : period.firsts) {
        for (const auto& [a, a_us] : firsts) {
          ++period.consumers[a];
          for (const auto& [b, b_us] : firsts) {
            if (a == b || a.first != kCode || b.first != kCode) continue;
            if (goods_and_services && !GoodsAndService(a.second, b.second)) continue;
            Shared& pair = shared[{a, b}];
            ++pair.both;
            pair.then += b_us >= a_us && b_us - a_us <= within_days * int64_t{86'400'000'000};
          }
        }
      }
      for (const auto& [member, count] : period.consumers) {
        Put(key, {{"member", TextOf(member)}, {"consumers", PlainValue::Whole(count)}},
            &rows.members);
      }
      const auto all = static_cast<double>(period.firsts.size());
      for (const auto& [members, pair] : shared) {
        const auto& [a, b] = members;
        const auto x = static_cast<double>(period.consumers[a]);
        const auto y = static_cast<double>(period.consumers[b]);
        const auto both = static_cast<double>(pair.both);
        PlainRow row = {{"a", TextOf(a)},
                        {"b", TextOf(b)},
                        {"consumers_a", PlainValue::Whole(period.consumers[a])},
                        {"consumers_b", PlainValue::Whole(period.consumers[b])},
                        {"both", PlainValue::Whole(pair.both)},
                        {"confidence", PlainValue::Real(both / x)},
                        {"lift", PlainValue::Real(both * all / (x * y))},
                        {"jaccard", PlainValue::Real(both / (x + y - both))}};
        if (within_days != 0) {
          row["then_b"] = PlainValue::Whole(pair.then);
          row["sequence"] = PlainValue::Real(static_cast<double>(pair.then) / x);
        }
        Put(key, std::move(row), &rows.pairs);
      }
    }
    return rows;
  }

 private:
  const std::string& NatureOfCategory(const std::string& id) const {
    static const std::string kNone;
    for (const WorldCategory& category : world_.categories) {
      if (category.id == id) return category.nature;
    }
    return kNone;
  }
  Member NatureOf(const WorldEvent& event) const {
    const auto category = FieldOf(event, "category");
    const std::string nature = category ? NatureOfCategory(*category) : "";
    return nature.empty() ? Member{kUnknown, ""} : Member{kCode, nature};
  }
  bool GoodsAndService(const std::string& a, const std::string& b) const {
    const std::string &x = NatureOfCategory(a), &y = NatureOfCategory(b);
    return (x == "goods" && y == "services") || (x == "services" && y == "goods");
  }
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_CO_CONSUMPTION_ORACLE_H_
