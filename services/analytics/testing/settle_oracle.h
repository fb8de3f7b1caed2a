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

// What is owed for the use under one grant on a day for one purpose: digits ÷ 10^decimals.
struct PlainUse {
  int64_t day = 0;
  int64_t digits = 0;
  int decimals = 0;
  std::string currency;
};
struct PlainAsset {
  std::string id;
  std::vector<PlainShare> rights;
  std::vector<PlainUse> uses;
};

// Who gets which part of what products made, and of what assets that are named are owed.
class SettleOracle : public PlainEvents {
 public:
  using PlainEvents::PlainEvents;

  struct SettleRows {
    PlainTable holders, parts, subjects;
  };
  // `subjects`: names, empty: all products with rights; `holders`: empty: all. Of assets the days
  // [first_day, end_day) and the currency.
  SettleRows Count(const std::vector<PlainProduct>& products,
                   const std::vector<std::string>& subjects,
                   const std::vector<std::string>& holders,
                   const std::vector<PlainAsset>& assets = {}, int64_t first_day = 0,
                   int64_t end_day = 0, const std::string& currency = "") const {
    std::vector<Revenue> revenues;
    for (const PlainAsset& asset : assets) {
      const std::string name = "dataAssets/" + asset.id;
      if (std::find(subjects.begin(), subjects.end(), name) == subjects.end()) continue;
      revenues.push_back(OfAsset(asset, first_day, end_day, currency));
    }
    std::map<std::string, PlainProduct> asked;
    for (const PlainProduct& product : products) {
      const std::string name = "products/" + product.id;
      const bool named = std::find(subjects.begin(), subjects.end(), name) != subjects.end();
      if (subjects.empty() ? !product.rights.empty() : named) asked[name] = product;
    }
    for (const auto& [name, product] : asked) {
      Revenue revenue = OfProduct(products, product);
      if (!revenue.any && subjects.empty()) continue;
      revenues.push_back(std::move(revenue));
    }
    return Rows(std::move(revenues), holders);
  }

  // Refunds that were charged to shares of another day than their own.
  int64_t refunds_of_other_days() const { return refunds_of_other_days_; }
  int64_t ties() const { return ties_; }
  int64_t losses() const { return losses_; }

 private:
  // Amounts are units of 10^-decimals.
  struct Revenue {
    std::string name;
    int decimals = 0;
    bool any = false;
    int64_t gross = 0, refunds = 0, unsettled = 0;
    // By what everyone's fraction is.
    std::map<std::map<std::string, Exact>, int64_t> sets;

    void Add(const std::map<std::string, Exact>& fractions, int64_t amount) {
      if (fractions.empty())
        unsettled += amount;
      else
        sets[fractions] += amount;
    }
  };

  Revenue OfProduct(const std::vector<PlainProduct>& products, const PlainProduct& product) const {
    Revenue revenue{.name = "products/" + product.id, .decimals = world_.scale};
    for (const PlainEvent& e : events_) {
      const int64_t plus = Gross(*e.event), minus = Refund(*e.event);
      if ((plus == 0 && minus == 0) || IdOf(products, *e.event) != product.id) continue;
      revenue.any = true;
      revenue.gross += plus, revenue.refunds += minus;
      revenue.Add(FractionsOn(product.rights, DayOfShares(*e.event)), plus - minus);
    }
    return revenue;
  }

  Revenue OfAsset(const PlainAsset& asset, int64_t first_day, int64_t end_day,
                  const std::string& currency) const {
    Revenue revenue{.name = "dataAssets/" + asset.id, .decimals = world_.scale};
    std::vector<PlainUse> uses;
    for (const PlainUse& use : asset.uses) {
      if (use.day < first_day || end_day <= use.day || use.digits == 0) continue;
      if (use.currency != currency) continue;
      uses.push_back(use);
      revenue.decimals = std::max(revenue.decimals, use.decimals);
    }
    for (const PlainUse& use : uses) {
      const int64_t amount = Units(use.digits, revenue.decimals - use.decimals);
      revenue.gross += amount;
      revenue.Add(FractionsOn(asset.rights, use.day), amount);
    }
    return revenue;
  }

  static int64_t Units(int64_t amount, int more_decimals) {
    return Exact(ExactOf(amount) * TenTo(more_decimals)).get_num().get_si();
  }

  SettleRows Rows(std::vector<Revenue> revenues, const std::vector<std::string>& holders) const {
    int decimals = world_.scale;
    for (const Revenue& revenue : revenues) decimals = std::max(decimals, revenue.decimals);
    std::map<std::string, std::pair<int64_t, int64_t>> by_holder;  // amount, subjects
    for (const std::string& holder : holders) by_holder[holder] = {0, 0};
    SettleRows rows;
    for (const Revenue& revenue : revenues) {
      const auto whole = [&](int64_t amount) {
        return PlainValue::Whole(Units(amount, decimals - revenue.decimals));
      };
      std::map<std::string, int64_t> parts;
      for (const auto& [fractions, amount] : revenue.sets) {
        for (const auto& [holder, part] : Split(amount, fractions)) parts[holder] += part;
      }
      const int64_t net = revenue.gross - revenue.refunds;
      rows.subjects.push_back({{"subject", PlainValue::Text(revenue.name)},
                               {"gross", whole(revenue.gross)},
                               {"refunds", whole(revenue.refunds)},
                               {"net", whole(net)},
                               {"settled", whole(net - revenue.unsettled)},
                               {"unsettled", whole(revenue.unsettled)},
                               {"holders", PlainValue::Whole(static_cast<int64_t>(parts.size()))}});
      for (const auto& [holder, part] : parts) {
        if (!holders.empty() && std::find(holders.begin(), holders.end(), holder) == holders.end())
          continue;
        rows.parts.push_back({{"subject", PlainValue::Text(revenue.name)},
                              {"holder", PlainValue::Text(holder)},
                              {"amount", whole(part)}});
        by_holder[holder].first += Units(part, decimals - revenue.decimals);
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

  static std::map<std::string, Exact> FractionsOn(const std::vector<PlainShare>& rights,
                                                  int64_t day) {
    std::map<std::string, Exact> fractions;
    int64_t all = 0;
    for (const PlainShare& share : rights) {
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
