#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_FACTS_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_FACTS_H_

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/analytics/testing/naive_calendar.h"
#include "services/analytics/testing/world.h"
#include "tidemark/analytics/v1/query.pb.h"

// What a recount knows of single events and cells: which count, where they belong, what a measure
// of them is. Part of recount.cc, apart only for its length.
namespace tidemark::analytics::testing {

enum RecountNull {
  kThere = 0,
  kNoBase = 1,
  kZeroBase = 2,
  kNegativeBase = 3,
  kPartial = 4,
  kNotReported = 5,
  kZeroDenominator = 6,
  kNotRanked = 7,
  kNoData = 8,
  kNoMatchedSource = 9,
  kNoChange = 10,
  kNotPositive = 14
};
enum RecountKind { kCode = 0, kUnallocated = 1, kUnknown = 2 };

inline const std::set<std::string> kRegionDimensions = {"consumer_region", "provider_region",
                                                        "place_of_use"};
inline const std::vector<std::string> kLevels = {"",         "world", "supranational", "nation",
                                                 "province", "city",  "county",        "township"};

// A member of a dimension: (kind, code), so that tuples of them sort as rows do.
using Member = std::pair<int, std::string>;
struct Cell {
  NaivePeriod period;
  std::vector<Member> members;
  std::vector<const WorldEvent*> events;
};
// By start of the period and members.
using CellKey = std::pair<int64_t, std::vector<Member>>;

struct Number {
  bool real = false;
  int64_t integer = 0;
  double value = 0;
  int null = kThere;
};

class RecountFacts {
 public:
  RecountFacts(const World& world, const v1::Query& query, uint64_t log_size, std::string scope)
      : world_(world),
        query_(query),
        size_(log_size),
        scope_(std::move(scope)),
        now_us_(world.NowAt(log_size)),
        calendar_(world.zone) {
    all_ = query.grain() == v1::GRAIN_UNSPECIFIED || query.grain() == v1::GRAIN_ALL;
    if (!all_) grain_ = static_cast<NaiveGrain>(query.grain() - 1);
    const v1::PeriodRange& range = query.range();
    if (all_ && !range.first().empty() && range.first() == range.last()) {
      one_ = calendar_.Named(range.first());
      grain_ = GrainOf(range.first());
    }
    if (query.geography() == v1::GEOGRAPHY_FIXED) {
      const auto& day = query.fixed_on();
      fixed_day_ = DayNumber({static_cast<int>(day.year()), static_cast<int>(day.month()),
                              static_cast<int>(day.day())});
    }
    if (!query.range().first().empty()) start_us_ = calendar_.Named(query.range().first()).start_us;
    if (!query.range().last().empty()) end_us_ = calendar_.Named(query.range().last()).end_us;
  }

 protected:
  // Of a period's name; anything for a cumulative one.
  static NaiveGrain GrainOf(const std::string& name) {
    if (absl::StrContains(name, 'T')) return NaiveGrain::kHour;
    if (absl::StrContains(name, 'W')) return NaiveGrain::kWeek;
    if (absl::StrContains(name, 'Q')) return NaiveGrain::kQuarter;
    if (absl::StrContains(name, 'H')) return NaiveGrain::kHalfYear;
    return name.size() == 4   ? NaiveGrain::kYear
           : name.size() == 7 ? NaiveGrain::kMonth
                              : NaiveGrain::kDay;
  }
  // The period that another one is compared with.
  std::optional<NaivePeriod> BasePeriod(int comparison, const NaivePeriod& period) const {
    if (comparison == v1::COMPARISON_PREV) return calendar_.At(grain_, period.start_us - 1);
    if (!absl::StrContains(period.name, "..")) return calendar_.YearEarlier(grain_, period);
    const int year = std::stoi(period.name.substr(0, 4)) - 1;
    return calendar_.Named(absl::StrCat(year, period.name.substr(4)));
  }

  // --- who reports

  bool SourceCounts(const WorldSource& source) const {
    if (!source.live) return false;
    for (const auto& filter : query_.filters()) {
      if (filter.dimension() != "source") continue;
      const bool named = std::find(filter.codes().begin(), filter.codes().end(), source.id) !=
                         filter.codes().end();
      if (named == filter.exclude()) return false;
    }
    return true;
  }
  int64_t WindowStart(const WorldSource& source) const {
    return calendar_.StartOfDay(DayNumber(source.start));
  }
  int64_t WindowEnd(const WorldSource& source) const {
    return source.end ? calendar_.StartOfDay(DayNumber(*source.end)) : INT64_MAX;
  }
  // Whether a source, `only` if it is named, reports in what was asked of the period and has
  // passed.
  bool Reported(const NaivePeriod& period, const std::string& only = "") const {
    int64_t start = period.start_us, end = std::min(period.end_us, now_us_);
    if (Touches(period)) start = std::max(start, start_us_), end = std::min(end, end_us_);
    for (const WorldSource& source : world_.sources) {
      if (!SourceCounts(source) || (!only.empty() && source.id != only)) continue;
      if (std::max(start, WindowStart(source)) < std::min(end, WindowEnd(source))) return true;
    }
    return false;
  }
  // The periods asked for, from the first to the last that a source reports in.
  std::vector<NaivePeriod> PeriodsInReach() const {
    int64_t from = INT64_MAX, to = INT64_MIN;
    for (const WorldSource& source : world_.sources) {
      if (!SourceCounts(source)) continue;
      from = std::min(from, WindowStart(source));
      to = std::max(to, WindowEnd(source));
    }
    from = std::max(from, start_us_);
    to = std::min({to, end_us_, now_us_});
    std::vector<NaivePeriod> periods;
    size_t kept = 0;
    while (from < to) {
      const NaivePeriod period = one_ ? *one_ : calendar_.At(grain_, from);
      const bool reported = Reported(period);
      if (reported || kept > 0) periods.push_back(period);
      if (reported) kept = periods.size();
      from = period.end_us;
    }
    periods.resize(kept);
    return periods;
  }

  // --- places and categories

  const WorldRegion* Region(const std::string& id) const {
    for (const WorldRegion& region : world_.regions) {
      if (region.id == id) return &region;
    }
    return nullptr;
  }
  std::string CategoryParent(const std::string& id) const {
    for (const WorldCategory& category : world_.categories) {
      if (category.id == id) return category.parent;
    }
    return "";
  }
  // As which region one counts where boundaries are those of `fixed`, if they are.
  std::string CountsAs(std::string id, std::optional<int64_t> fixed) const {
    while (fixed && !id.empty()) {
      const WorldRegion* region = Region(id);
      if (region->successor.empty() || DayNumber(*region->succeeded) > *fixed) break;
      id = region->successor;
    }
    return id;
  }
  // From the code itself up to the root.
  std::vector<std::string> Chain(const std::string& dimension, std::string code,
                                 std::optional<int64_t> fixed) const {
    std::vector<std::string> chain;
    if (dimension != "category") code = CountsAs(code, fixed);
    while (!code.empty()) {
      chain.push_back(code);
      code = dimension == "category" ? CategoryParent(code) : CountsAs(Region(code)->parent, fixed);
    }
    return chain;
  }
  // The day by whose regions and groups a row of the period is counted, and what it is compared
  // with; none: the day of each event.
  std::optional<int64_t> GeographyOf(const NaivePeriod& row) const {
    if (query_.geography() == v1::GEOGRAPHY_FIXED) return fixed_day_;
    const bool compares =
        query_.comparisons_size() + query_.cagr_years_size() != 0 || !query_.index_base().empty();
    const bool usual = query_.geography() == v1::GEOGRAPHY_UNSPECIFIED && compares;
    if (!usual && query_.geography() != v1::GEOGRAPHY_PERIOD_END) return std::nullopt;
    int64_t end_us = row.end_us;
    if (!query_.index_base().empty())
      end_us = std::max(end_us, calendar_.Named(query_.index_base()).end_us);
    return calendar_.DayAt(std::min(end_us - 1, now_us_));
  }
  // Empty: none at that level.
  std::string AtLevel(const std::string& dimension, const std::string& code,
                      const std::string& level, std::optional<int64_t> fixed) const {
    std::vector<std::string> chain = Chain(dimension, code, fixed);
    if (dimension == "category") {
      const size_t number = static_cast<size_t>(std::stoi(level));
      return chain.size() < number ? "" : chain[chain.size() - number];
    }
    const auto number = std::find(kLevels.begin(), kLevels.end(), level) - kLevels.begin();
    for (const std::string& id : chain) {
      if (Region(id)->IsOf(static_cast<int>(number))) return id;
    }
    return "";
  }
  bool InGroup(const std::string& id, const std::string& region, int64_t day,
               std::optional<int64_t> fixed) const {
    for (const WorldGroup& group : world_.groups) {
      if (group.id != id) continue;
      for (const WorldMember& member : group.members) {
        if (member.start && day < DayNumber(*member.start)) continue;
        if (member.end && day >= DayNumber(*member.end)) continue;
        if (Within(member.member, region, day, fixed)) return true;
      }
    }
    return false;
  }
  // `place`: `regions/ID` or `regionGroups/ID`; its members on `day`, or on `fixed`.
  bool Within(const std::string& place, const std::string& region, int64_t day,
              std::optional<int64_t> fixed) const {
    if (absl::StartsWith(place, "regionGroups/"))
      return InGroup(place.substr(13), region, fixed.value_or(day), fixed);
    const std::string id = CountsAs(place.substr(8), fixed);
    const std::vector<std::string> chain = Chain("consumer_region", region, fixed);
    return std::find(chain.begin(), chain.end(), id) != chain.end();
  }

  // --- events

  static std::optional<std::string> FieldOf(const WorldEvent& event, const std::string& name) {
    if (name == "order") return event.order;
    const auto it = event.fields.find(name);
    if (it == event.fields.end()) return std::nullopt;
    return it->second;
  }
  bool Named(const v1::Filter& filter, const WorldEvent& event,
             std::optional<int64_t> fixed) const {
    const std::optional<std::string> code = FieldOf(event, filter.dimension());
    if (!code) return filter.unknown();
    for (const std::string& wanted : filter.codes()) {
      if (kRegionDimensions.count(filter.dimension()) != 0) {
        const bool group = absl::StartsWith(wanted, "regionGroups/");
        if (Within(group ? wanted : "regions/" + wanted, *code, calendar_.DayAt(event.time_us),
                   fixed)) {
          return true;
        }
      } else if (filter.dimension() == "category") {
        const std::vector<std::string> chain = Chain("category", *code, {});
        if (std::find(chain.begin(), chain.end(), wanted) != chain.end()) return true;
      } else if (*code == wanted) {
        return true;
      }
    }
    return false;
  }
  bool IsLive(const std::string& source) const {
    return std::any_of(world_.sources.begin(), world_.sources.end(),
                       [&](const WorldSource& s) { return s.id == source && s.live; });
  }
  bool Passes(const WorldEvent& event, std::optional<int64_t> fixed = {}) const {
    if (!event.CountsAt(size_) || !IsLive(event.fields.at("source"))) return false;
    for (const auto& filter : query_.filters()) {
      if (Named(filter, event, fixed) == filter.exclude()) return false;
    }
    if (scope_.empty()) return true;
    const auto region = FieldOf(event, "consumer_region");
    return region && Within(scope_, *region, calendar_.DayAt(event.time_us), {});
  }
  Member MemberOf(const v1::Dimension& dimension, const WorldEvent& event,
                  std::optional<int64_t> fixed = {}) const {
    const std::optional<std::string> code = FieldOf(event, dimension.name());
    if (!code) return {kUnknown, ""};
    const bool region = kRegionDimensions.count(dimension.name()) != 0;
    const std::string counts_as = region ? CountsAs(*code, fixed) : *code;
    if (dimension.level().empty()) return {kCode, counts_as};
    const std::string at = AtLevel(dimension.name(), *code, dimension.level(), fixed);
    return at.empty() ? Member{kUnallocated, counts_as} : Member{kCode, at};
  }

  bool Touches(const NaivePeriod& period) const {
    return period.start_us < end_us_ && start_us_ < period.end_us;
  }

  bool IsCut(const NaivePeriod& period) const {
    return Touches(period) && (period.start_us < start_us_ || end_us_ < period.end_us);
  }
  // With `to date`: the days of a period that are over, and as many of its base. None: the period
  // is over, has not begun or has no day that is over; or one of them is cut.
  std::optional<std::pair<NaivePeriod, NaivePeriod>> ToDate(int comparison,
                                                            const NaivePeriod& period,
                                                            const NaivePeriod& base) const {
    if (!query_.to_date() || IsCut(period) || IsCut(base)) return std::nullopt;
    if (now_us_ < period.start_us || period.end_us <= now_us_) return std::nullopt;
    const int64_t today = calendar_.DayAt(now_us_);
    const int64_t days = today - calendar_.DayAt(period.start_us);
    if (days <= 0) return std::nullopt;
    int64_t base_end = calendar_.DayAt(base.start_us) + days;
    if (comparison == v1::COMPARISON_YOY && grain_ != NaiveGrain::kWeek) {
      // The first day that is not compared: after the last of a month comes the first of the next.
      const NaiveDate next = DateOf(today), last = DateOf(today - 1);
      base_end = next.day == 1 ? DayNumber({next.year - 1, next.month, 1})
                               : DayNumber({last.year - 1, last.month, last.day}) + 1;
    }
    return std::pair(NaivePeriod{period.name, period.start_us, calendar_.StartOfDay(today)},
                     NaivePeriod{base.name, base.start_us,
                                 std::min(base.end_us, calendar_.StartOfDay(base_end))});
  }

  // --- measures

  static int64_t Sum(const Cell& cell, int64_t (*value)(const WorldEvent&)) {
    int64_t sum = 0;
    for (const WorldEvent* event : cell.events) sum += value(*event);
    return sum;
  }
  static int64_t SumOf(const Cell& cell, WorldKind kind) {
    int64_t sum = 0;
    for (const WorldEvent* event : cell.events) sum += event->kind == kind ? event->amount : 0;
    return sum;
  }
  static int64_t Gross(const WorldEvent& e) {
    return e.kind == WorldKind::kPurchase ? e.amount : 0;
  }
  static int64_t Refund(const WorldEvent& e) {
    return e.kind == WorldKind::kLinkedRefund || e.kind == WorldKind::kUnlinkedRefund ? e.amount
                                                                                      : 0;
  }
  static int64_t Purchases(const WorldEvent& e) { return e.kind == WorldKind::kPurchase ? 1 : 0; }
  static bool Consumes(const WorldEvent& e) {
    return !e.pseudonym.empty() && (e.kind == WorldKind::kPurchase || e.kind == WorldKind::kUse);
  }
  int64_t Orders(const Cell& cell) const {
    std::set<std::pair<std::string, std::string>> orders;
    for (const WorldEvent* e : cell.events) {
      if (e->order && e->IsCounted()) orders.insert({e->fields.at("source"), *e->order});
    }
    return static_cast<int64_t>(orders.size());
  }
  std::set<std::string> Consumers(const Cell& cell) const {
    std::set<std::string> consumers;
    for (const WorldEvent* e : cell.events) {
      if (Consumes(*e)) consumers.insert(e->pseudonym);
    }
    return consumers;
  }
  int64_t FirstTime(const std::string& pseudonym) const {
    int64_t first = INT64_MAX;
    for (const WorldEvent& e : world_.events) {
      if (e.CountsAt(size_) && IsLive(e.fields.at("source")) && Consumes(e) &&
          e.pseudonym == pseudonym) {
        first = std::min(first, e.time_us);
      }
    }
    return first;
  }
  int64_t NewConsumers(const Cell& cell) const {
    // A period that the range cuts begins and ends with the range.
    int64_t start = cell.period.start_us, end = cell.period.end_us;
    if (Touches(cell.period)) start = std::max(start, start_us_), end = std::min(end, end_us_);
    int64_t fresh = 0;
    for (const std::string& pseudonym : Consumers(cell)) {
      const int64_t first = FirstTime(pseudonym);
      fresh += start <= first && first < end;
    }
    return fresh;
  }
  static Number Whole(int64_t integer) { return {.integer = integer}; }
  static Number Ratio(double part, double whole, int null) {
    if (whole == 0) return {.real = true, .null = null};
    return {.real = true, .value = part / whole};
  }
  Number Quantile(const Cell& cell, uint32_t q) const {
    std::vector<int64_t> amounts;
    for (const WorldEvent* e : cell.events) {
      if (e->kind == WorldKind::kPurchase) amounts.push_back(e->amount);
    }
    if (amounts.empty()) return {.null = kNoData};
    std::sort(amounts.begin(), amounts.end());
    size_t rank = 1;
    while (rank * 10'000 < q * amounts.size()) ++rank;
    return Whole(amounts[rank - 1]);
  }
  Number Compute(const v1::Measure& measure, const Cell& cell) const {
    const std::string& name = measure.name();
    const int64_t gross = Sum(cell, Gross), refunds = Sum(cell, Refund);
    if (name == "gross") return Whole(gross);
    if (name == "refunds") return Whole(refunds);
    if (name == "net") return Whole(gross - refunds);
    if (name == "unlinked_refunds") {
      return Whole(Sum(cell, [](const WorldEvent& e) {
        return e.kind == WorldKind::kUnlinkedRefund ? e.amount : 0;
      }));
    }
    if (name == "voucher") {
      return Whole(Sum(cell, [](const WorldEvent& e) {
        return e.kind == WorldKind::kPurchase ? e.voucher : 0;
      }));
    }
    if (name == "pending_refunds") return Whole(SumOf(cell, WorldKind::kPendingRefund));
    if (name == "void_refunds") return Whole(SumOf(cell, WorldKind::kVoidRefund));
    if (name == "events") {
      return Whole(Sum(cell, [](const WorldEvent& e) -> int64_t { return e.IsCounted() ? 1 : 0; }));
    }
    if (name == "purchases") return Whole(Sum(cell, Purchases));
    if (name == "uses") {
      return Whole(Sum(
          cell, [](const WorldEvent& e) -> int64_t { return e.kind == WorldKind::kUse ? 1 : 0; }));
    }
    if (name == "quantity") {
      return Whole(Sum(cell, [](const WorldEvent& e) {
        const bool refund =
            e.kind == WorldKind::kLinkedRefund || e.kind == WorldKind::kUnlinkedRefund;
        return e.kind == WorldKind::kPurchase ? e.quantity : refund ? -e.quantity : 0;
      }));
    }
    if (name == "orders") return Whole(Orders(cell));
    if (name == "consumers") return Whole(static_cast<int64_t>(Consumers(cell).size()));
    if (name == "new_consumers") return Whole(NewConsumers(cell));
    if (name == "quantile") return Quantile(cell, measure.quantile());
    const double money = std::pow(10.0, world_.scale);
    const double g = static_cast<double>(gross);
    if (name == "average_line") {
      return Ratio(g / money, static_cast<double>(Sum(cell, Purchases)), kNoData);
    }
    if (name == "average_order") {
      return Ratio(g / money, static_cast<double>(Orders(cell)), kNoData);
    }
    if (name == "refund_rate") return Ratio(static_cast<double>(refunds), g, kZeroDenominator);
    if (name == "refund_rate_cohort") {
      const double cohort = static_cast<double>(SumOf(cell, WorldKind::kCohort));
      return Ratio(cohort, g, kZeroDenominator);
    }
    const int64_t identified =
        Sum(cell, [](const WorldEvent& e) { return e.pseudonym.empty() ? 0 : Gross(e); });
    return Ratio(static_cast<double>(identified), g, kZeroDenominator);
  }

  const World& world_;
  const v1::Query& query_;
  const uint64_t size_;
  const std::string scope_;
  const int64_t now_us_;
  // With GEOGRAPHY_FIXED: the day.
  std::optional<int64_t> fixed_day_;
  const NaiveCalendar calendar_;
  // One period without a name; or, with one_, the one asked for.
  bool all_ = false;
  std::optional<NaivePeriod> one_;
  NaiveGrain grain_ = NaiveGrain::kDay;
  int64_t start_us_ = INT64_MIN;
  int64_t end_us_ = INT64_MAX;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_FACTS_H_
