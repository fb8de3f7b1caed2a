#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_YEARS_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_YEARS_H_

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/analytics/testing/recount_coverage.h"

// What a recount knows of years to date: they reach beyond the range asked for. Part of recount.cc,
// apart only for its length.
namespace tidemark::analytics::testing {

// The same query without its range.
class Unbounded {
 protected:
  explicit Unbounded(const v1::Query& query) : unbounded_(query) { unbounded_.clear_range(); }
  v1::Query unbounded_;
};

class RecountYears : private Unbounded, public RecountCoverage {
 public:
  RecountYears(const World& world, const v1::Query& query, uint64_t log_size,
               const std::string& scope)
      : Unbounded(query), RecountCoverage(world, unbounded_, log_size, scope) {}

  // From the start of the fiscal year to the end of the period, or of the same a year before.
  NaivePeriod ToDateOf(const NaivePeriod& period, int years_before) const {
    const NaiveDate first = DateOf(calendar_.DayAt(period.start_us));
    const NaiveDate end = DateOf(calendar_.DayAt(period.end_us));
    const int fiscal = world_.fiscal_start_month;
    const int year = first.year - (first.month < fiscal ? 1 : 0) - years_before;
    return {"", calendar_.StartOfDay(DayNumber({year, fiscal, 1})),
            calendar_.StartOfDay(DayNumber({end.year - years_before, end.month, 1}))};
  }

  // By the regions and groups of a day, as below.
  Cell CellIn(const NaivePeriod& part, const std::vector<Member>& members,
              std::optional<int64_t> fixed, const std::set<std::string>* sources = nullptr) const {
    Cell cell = {part, members, {}};
    bool shown = false;
    for (const WorldEvent* event : OfMembers(members, fixed)) {
      if (event->time_us < part.start_us || part.end_us <= event->time_us) continue;
      if (sources != nullptr && !sources->contains(event->fields.at("source"))) continue;
      cell.events.push_back(event);
      shown |= event->IsShown();
    }
    if (!shown) cell.events.clear();
    return cell;
  }
  std::set<std::vector<Member>> MembersIn(const NaivePeriod& part,
                                          std::optional<int64_t> fixed) const {
    std::set<std::vector<Member>> found;
    for (const auto& [members, events] : ByMembers(fixed)) {
      for (const WorldEvent* event : events) {
        if (event->time_us < part.start_us || part.end_us <= event->time_us) continue;
        if (event->IsShown()) found.insert(members);
      }
    }
    return found;
  }

  Number YearToDate(const v1::Measure& measure, const Cell& row, const std::string& only) const {
    const NaivePeriod part = ToDateOf(row.period, 0);
    const Cell cell = CellIn(part, row.members, GeographyOf(row.period));
    Number number = RecountFacts::Compute(measure, cell);
    if (cell.events.empty() && !Reported(part, only)) number.null = kNotReported;
    return number;
  }

  // Both sides of the comparison; or why there is none, in `first`.
  std::pair<Number, Number> Sides(const v1::Measure& measure, const Cell& row,
                                  const std::string& only) const {
    NaivePeriod value = ToDateOf(row.period, 0), base = ToDateOf(row.period, 1);
    const auto null = [](int why) { return std::pair(Number{.null = why}, Number()); };
    const std::optional<int64_t> fixed = GeographyOf(row.period);
    if (CellIn(base, row.members, fixed).events.empty() && !Reported(base, only))
      return null(kNoBase);
    const auto parts = ToDate(v1::COMPARISON_YOY, value, base);
    if (parts) std::tie(value, base) = *parts;
    std::set<std::string> sources;
    const bool matched = query_.panel() == v1::PANEL_MATCHED;
    if (matched) {
      if (!parts && now_us_ < value.end_us) return null(kPartial);
      for (const WorldSource& source : world_.sources) {
        if (!SourceCounts(source) || (!only.empty() && source.id != only)) continue;
        if (Coverage(value, source.id).partial || Coverage(base, source.id).partial) continue;
        sources.insert(source.id);
      }
      if (sources.empty()) return null(kNoMatchedSource);
    } else if (Coverage(value, only).partial || Coverage(base, only).partial) {
      return null(kPartial);
    }
    const auto* of = matched ? &sources : nullptr;
    return {RecountFacts::Compute(measure, CellIn(value, row.members, fixed, of)),
            RecountFacts::Compute(measure, CellIn(base, row.members, fixed, of))};
  }

 private:
  using Events = std::vector<const WorldEvent*>;

  // All that pass the filters.
  const std::map<std::vector<Member>, Events>& ByMembers(std::optional<int64_t> fixed) const {
    const auto [found, fresh] = by_members_.try_emplace(fixed);
    if (!fresh) return found->second;
    for (const WorldEvent& event : world_.events) {
      if (!Passes(event, fixed)) continue;
      std::vector<Member> members;
      for (const auto& dimension : query_.dimensions()) {
        members.push_back(MemberOf(dimension, event, fixed));
      }
      found->second[members].push_back(&event);
    }
    return found->second;
  }
  const Events& OfMembers(const std::vector<Member>& members, std::optional<int64_t> fixed) const {
    static const Events kNone;
    const auto& all = ByMembers(fixed);
    const auto found = all.find(members);
    return found == all.end() ? kNone : found->second;
  }

  // By the day that places are judged by.
  mutable std::map<std::optional<int64_t>, std::map<std::vector<Member>, Events>> by_members_;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_YEARS_H_
