#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_SETTLE_ORACLE_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_SETTLE_ORACLE_H_

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "services/analytics/testing/exact.h"
#include "services/analytics/testing/plain_events.h"

namespace tidemark::analytics::testing {

// Days are since 1970-01-01; none: since ever, for ever.
struct PlainShare {
  std::string holder;
  int64_t weight = 1;
  std::optional<int64_t> start, end;
};
struct PlainProduct {
  std::string id;
  std::vector<WorldProviderCode> codes;
  std::vector<PlainShare> rights;
};

// Who gets which part of what products made.
class SettleOracle : public PlainEvents {
 public:
  using PlainEvents::PlainEvents;

  struct SettleRows {
    PlainTable holders, parts, subjects;
  };
  // `subjects`: names of products, empty: all with rights; `holders`: empty: all.
  SettleRows Count(const std::vector<PlainProduct>& products,
                   const std::vector<std::string>& subjects,
                   const std::vector<std::string>& holders) const {
    std::map<std::string, PlainProduct> asked;
    for (const PlainProduct& product : products) {
      const std::string name = "products/" + product.id;
      const bool named = std::find(subjects.begin(), subjects.end(), name) != subjects.end();
      if (subjects.empty() ? !product.rights.empty() : named) asked[name] = product;
    }
    std::map<std::string, std::pair<int64_t, int64_t>> by_holder;  // amount, subjects
    for (const std::string& holder : holders) by_holder[holder] = {0, 0};
    SettleRows rows;
    for (const auto& [name, product] : asked) {
      int64_t gross = 0, refunds = 0, unsettled = 0;
      bool any = false;
      // By what everyone's fraction is.
      std::map<std::map<std::string, Exact>, int64_t> revenues;
      for (const PlainEvent& e : events_) {
        const int64_t plus = Gross(*e.event), minus = Refund(*e.event);
        if ((plus == 0 && minus == 0) || IdOf(products, *e.event) != product.id) continue;
        any = true;
        gross += plus, refunds += minus;
        const auto fractions = FractionsOn(product, DayOfShares(*e.event));
        if (fractions.empty())
          unsettled += plus - minus;
        else
          revenues[fractions] += plus - minus;
      }
      if (!any && subjects.empty()) continue;
      std::map<std::string, int64_t> parts;
      for (const auto& [fractions, revenue] : revenues) {
        for (const auto& [holder, part] : Split(revenue, fractions)) parts[holder] += part;
      }
      const int64_t net = gross - refunds;
      rows.subjects.push_back({{"subject", PlainValue::Text(name)},
                               {"gross", PlainValue::Whole(gross)},
                               {"refunds", PlainValue::Whole(refunds)},
                               {"net", PlainValue::Whole(net)},
                               {"settled", PlainValue::Whole(net - unsettled)},
                               {"unsettled", PlainValue::Whole(unsettled)},
                               {"holders", PlainValue::Whole(static_cast<int64_t>(parts.size()))}});
      for (const auto& [holder, part] : parts) {
        if (!holders.empty() && std::find(holders.begin(), holders.end(), holder) == holders.end())
          continue;
        rows.parts.push_back({{"subject", PlainValue::Text(name)},
                              {"holder", PlainValue::Text(holder)},
                              {"amount", PlainValue::Whole(part)}});
        by_holder[holder].first += part;
        ++by_holder[holder].second;
      }
    }
    for (const auto& [holder, of] : by_holder) {
      rows.holders.push_back({{"holder", PlainValue::Text(holder)},
                              {"amount", PlainValue::Whole(of.first)},
                              {"subjects", PlainValue::Whole(of.second)}});
    }
    return rows;
  }

  // Refunds that were charged to shares of another day than their own.
  int64_t refunds_of_other_days() const { return refunds_of_other_days_; }
  int64_t ties() const { return ties_; }
  int64_t losses() const { return losses_; }

 private:
  static std::string IdOf(const std::vector<PlainProduct>& products, const WorldEvent& event) {
    const auto code = event.fields.find("product");
    if (code == event.fields.end()) return "";
    for (const std::string& source : {event.fields.at("source"), std::string()}) {
      for (const PlainProduct& product : products) {
        for (const WorldProviderCode& of : product.codes) {
          if (of.source == source && of.code == code->second) return product.id;
        }
      }
    }
    for (const PlainProduct& product : products) {
      if (product.id == code->second) return product.id;
    }
    return "";
  }

  int64_t DayOfShares(const WorldEvent& event) const {
    const int64_t own = calendar_.DayAt(event.time_us);
    if (event.kind != WorldKind::kLinkedRefund || event.original == 0) return own;
    for (const WorldEvent& other : world_.events) {
      if (other.leaf != event.original || other.kind != WorldKind::kPurchase) continue;
      const int64_t day = calendar_.DayAt(other.time_us);
      refunds_of_other_days_ += day != own ? 1 : 0;
      return day;
    }
    return own;
  }

  static std::map<std::string, Exact> FractionsOn(const PlainProduct& product, int64_t day) {
    std::map<std::string, Exact> fractions;
    int64_t all = 0;
    for (const PlainShare& share : product.rights) {
      if ((share.start && day < *share.start) || (share.end && *share.end <= day)) continue;
      fractions[share.holder] = ExactOf(share.weight);
      all += share.weight;
    }
    for (auto& [holder, fraction] : fractions) fraction /= ExactOf(all);
    return fractions;
  }

  // Everyone the exact part of the absolute value rounded down; then one unit each to the largest
  // remainders.
  std::map<std::string, int64_t> Split(int64_t revenue,
                                       const std::map<std::string, Exact>& fractions) const {
    const int64_t size = std::abs(revenue), sign = revenue < 0 ? -1 : 1;
    losses_ += revenue < 0 ? 1 : 0;
    std::map<std::string, int64_t> parts;
    std::vector<std::pair<Exact, std::string>> remainders;
    int64_t left = size;
    for (const auto& [holder, fraction] : fractions) {
      const Exact exact = ExactOf(size) * fraction;
      parts[holder] = FloorOf(exact).get_si();
      left -= parts[holder];
      remainders.push_back({Exact(exact - ExactOf(parts[holder])), holder});
    }
    std::sort(remainders.begin(), remainders.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    const auto units = static_cast<size_t>(left);
    if (units > 0 && remainders[units - 1].first == remainders[units].first) ++ties_;
    for (size_t i = 0; i < units; ++i) ++parts[remainders[i].second];
    for (auto& [holder, part] : parts) part *= sign;
    return parts;
  }

  mutable int64_t refunds_of_other_days_ = 0, ties_ = 0, losses_ = 0;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_SETTLE_ORACLE_H_
