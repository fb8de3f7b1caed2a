#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_CONCENTRATION_ORACLE_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_CONCENTRATION_ORACLE_H_

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

// Whether few holdings have much of the gross.
class ConcentrationOracle : public PlainEvents {
 public:
  using PlainEvents::PlainEvents;

  PlainTable Count(const std::vector<v1::Dimension>& dimensions) const {
    struct Parts {
      int64_t gross = 0;
      std::map<std::string, int64_t> of;
    };
    std::map<std::pair<PeriodKey, std::vector<Member>>, Parts> cells;
    for (const PlainEvent& e : events_) {
      Parts& parts = cells[{KeyOf(e), MembersOf(dimensions, *e.event)}];
      const int64_t gross = Gross(*e.event);
      parts.gross += gross;
      const auto provider = FieldOf(*e.event, "provider");
      if (provider && gross != 0) {
        parts.of[HoldingOf(e.event->fields.at("source"), *provider,
                           calendar_.DayAt(e.event->time_us))] += gross;
      }
    }
    PlainTable rows;
    for (const auto& [key, parts] : cells) {
      int64_t known = 0, largest = 0;
      for (const auto& [holding, gross] : parts.of) {
        known += gross;
        largest = std::max(largest, gross);
      }
      long double index = 0;
      for (const auto& [holding, gross] : parts.of) {
        const long double share = static_cast<long double>(gross) / static_cast<long double>(known);
        index += share * share;
      }
      PlainRow row = {{"gross", PlainValue::Whole(parts.gross)},
                      {"with_provider", PlainValue::Whole(known)},
                      {"holdings", PlainValue::Whole(static_cast<int64_t>(parts.of.size()))},
                      {"largest_share", Divided(largest, known)},
                      {"hhi", known == 0 ? PlainValue::Null(NullReason::kZeroDenominator)
                                         : PlainValue::Real(static_cast<double>(index))}};
      for (size_t d = 0; d < dimensions.size(); ++d)
        row[dimensions[d].name()] = TextOf(key.second[d]);
      Put(key.first, std::move(row), &rows);
    }
    return rows;
  }

 private:
  // Who has what a provider sells on a day; a code that nobody registered stands for itself.
  std::string HoldingOf(const std::string& source, const std::string& code, int64_t day) const {
    const WorldProvider* found = nullptr;
    const auto search = [&](auto is_it) {
      for (const WorldProvider& provider : world_.providers) {
        if (found == nullptr && is_it(provider)) found = &provider;
      }
    };
    for (const std::string& of : {source, std::string()}) {
      search([&](const WorldProvider& provider) {
        return std::any_of(provider.codes.begin(), provider.codes.end(),
                           [&](const auto& c) { return c.source == of && c.code == code; });
      });
    }
    search([&](const WorldProvider& provider) { return provider.id == code; });
    if (found == nullptr) return " " + code;
    std::string name = "providers/" + found->id;
    while (found != nullptr) {
      std::string above;
      for (const WorldMember& holding : found->holdings) {
        if (holding.start && day < DayNumber(*holding.start)) continue;
        if (holding.end && day >= DayNumber(*holding.end)) continue;
        above = holding.member;
      }
      if (above.empty()) {
        if (!found->organisation.empty()) name = found->organisation;
        break;
      }
      name = above;
      found = nullptr;
      search([&](const WorldProvider& provider) { return "providers/" + provider.id == name; });
    }
    return name;
  }
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_CONCENTRATION_ORACLE_H_
