#include "services/analytics/testing/recount.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/analytics/testing/recount_growth.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::analytics::testing {
namespace {

using Type = RecountValue::Type;

class Recounter : private RecountGrowth {
 public:
  using RecountGrowth::RecountGrowth;

  RecountTable Make() {
    FindCells();
    for (const auto& measure : query_.measures()) {
      measures_.push_back(measure);
      const bool asked = std::any_of(query_.measures().begin(), query_.measures().end(),
                                     [](const auto& m) { return m.name() == "identified_share"; });
      if (measure.name() == "consumers" && !asked) {
        v1::Measure beside;
        beside.set_name("identified_share");
        measures_.push_back(beside);
        added_ = static_cast<int>(measures_.size()) - 1;
      }
    }
    for (const auto& [key, cell] : shown_) {
      rows_of_[key.first].push_back(rows_.size());
      rows_.push_back(&cell);
    }
    table_.rows.resize(rows_.size());
    if (HasPeriods()) AddPeriod();
    for (int d = 0; d < query_.dimensions_size(); ++d) AddDimension(d);
    for (const auto& measure : measures_) AddMeasure(measure);
    AddComparisons();
    for (const auto& contribution : query_.contributions()) AddContribution(contribution);
    for (const auto& share : query_.shares()) AddShare(share);
    for (const auto& quotient : query_.location_quotients()) AddQuotient(quotient);
    for (const auto& rank : query_.ranks()) AddRank(rank);
    AddCoverage();
    SortAndCut();
    return std::move(table_);
  }

 private:
  bool HasPeriods() const { return !all_ || one_; }

  // The period that an event counts in.
  NaivePeriod PeriodOf(const WorldEvent& event) const {
    if (!all_) return calendar_.At(grain_, event.time_us);
    if (!one_) return {"", start_us_, end_us_};
    if (one_->start_us <= event.time_us && event.time_us < one_->end_us) return *one_;
    for (const auto& base : BasesOf(*one_)) {
      if (base && base->start_us <= event.time_us && event.time_us < base->end_us) return *base;
    }
    // In none of them.
    return {"", event.time_us, event.time_us};
  }

  void FindCells() {
    for (const WorldEvent& event : world_.events) {
      const NaivePeriod period = PeriodOf(event);
      Happened& happened = happened_[period.start_us];
      happened.period = period;
      happened.events.push_back(&event);
    }
    for (const auto& [start_us, happened] : happened_) {
      if (!Touches(happened.period)) continue;
      for (const auto& [members, cell] : KnownIn(happened.period, GeographyOf(happened.period))) {
        shown_.emplace(CellKey{start_us, members}, cell);
      }
    }
    AddRowsWithoutEvents();
  }

  const Cells& KnownIn(const NaivePeriod& period, std::optional<int64_t> fixed) const override {
    const auto [found, fresh] = known_.try_emplace({period.start_us, fixed});
    const auto happened = happened_.find(period.start_us);
    if (!fresh || happened == happened_.end()) return found->second;
    for (const bool shown : {true, false}) {
      for (const WorldEvent* event : happened->second.events) {
        if (event->IsShown() != shown || !Passes(*event, fixed)) continue;
        // A period that the range cuts is known as far as it was asked for.
        const bool in_range = start_us_ <= event->time_us && event->time_us < end_us_;
        if (Touches(happened->second.period) && !in_range) continue;
        std::vector<Member> members;
        for (const auto& dimension : query_.dimensions()) {
          members.push_back(MemberOf(dimension, *event, fixed));
        }
        // What shows nothing makes no cell.
        if (!shown && !found->second.contains(members)) continue;
        Cell& cell = found->second[members];
        cell.period = happened->second.period;
        cell.members = members;
        cell.events.push_back(event);
      }
    }
    return found->second;
  }

  void AddRowsWithoutEvents() {
    const auto add = [&](const NaivePeriod& period, const std::vector<Member>& members) {
      shown_.try_emplace({period.start_us, members}, Cell{period, members, {}});
    };
    const bool total = query_.dimensions_size() == 0;
    if (total && all_) return add(one_ ? *one_ : NaivePeriod{"", start_us_, end_us_}, {});
    if (!total && !Compares()) return;
    for (const NaivePeriod& period : PeriodsInReach()) {
      if (total) add(period, {});
      for (const int years_before : {0, 1}) {
        const bool asked = years_before == 1
                               ? Asks(v1::COMPARISON_YTD_YOY)
                               : Asks(v1::COMPARISON_YTD) || Asks(v1::COMPARISON_YTD_YOY);
        if (!asked || total) continue;
        for (const auto& members :
             years_.MembersIn(years_.ToDateOf(period, years_before), GeographyOf(period))) {
          add(period, members);
        }
      }
      for (const auto& base : BasesOf(period)) {
        if (!base) continue;
        for (const auto& [members, cell] : KnownIn(*base, GeographyOf(period))) {
          add(period, members);
        }
      }
    }
  }

  // --- columns

  static std::string ColumnOf(const v1::Measure& measure) {
    if (measure.name() != "quantile") return measure.name();
    return absl::StrCat("quantile(", measure.quantile(), ")");
  }
  static RecountValue Value(const Number& number) {
    RecountValue value;
    value.type = number.real ? Type::kReal : Type::kInteger;
    value.null = number.null;
    if (number.null == kThere) value.integer = number.integer, value.real = number.value;
    return value;
  }
  static RecountValue Text(std::string text, int kind = 0, int64_t order = 0) {
    RecountValue value;
    value.type = Type::kText;
    value.text = std::move(text);
    value.member_kind = kind;
    value.order = order;
    return value;
  }
  template <typename F>
  void AddColumn(const std::string& name, F value_of_row) {
    table_.columns.push_back(name);
    for (size_t r = 0; r < rows_.size(); ++r) table_.rows[r].push_back(value_of_row(*rows_[r]));
  }
  void AddPeriod() {
    AddColumn("period",
              [](const Cell& cell) { return Text(cell.period.name, 0, cell.period.start_us); });
  }
  void AddDimension(int d) {
    AddColumn(query_.dimensions(d).name(), [d](const Cell& cell) {
      const Member& member = cell.members[static_cast<size_t>(d)];
      return Text(member.second, member.first);
    });
  }
  void AddMeasure(const v1::Measure& measure) {
    AddColumn(ColumnOf(measure), [&](const Cell& cell) { return Value(Compute(measure, cell)); });
  }

  void AddComparison(int comparison, const std::string& name) {
    if (!Asks(comparison)) return;
    for (size_t m = 0; m < measures_.size(); ++m) {
      if (static_cast<int>(m) == added_) continue;
      const v1::Measure& measure = measures_[m];
      AddColumn(absl::StrCat(name, "_diff(", ColumnOf(measure), ")"),
                [&](const Cell& cell) { return Value(Compare(measure, comparison, false, cell)); });
      if (IsRatio(measure)) continue;
      AddColumn(absl::StrCat(name, "(", ColumnOf(measure), ")"),
                [&](const Cell& cell) { return Value(Compare(measure, comparison, true, cell)); });
    }
  }
  // A column per measure.
  template <typename F>
  void AddPerMeasure(const std::string& name, const std::string& end, F value_of_row) {
    for (size_t m = 0; m < measures_.size(); ++m) {
      if (static_cast<int>(m) == added_) continue;
      const v1::Measure& measure = measures_[m];
      AddColumn(absl::StrCat(name, "(", ColumnOf(measure), end, ")"),
                [&](const Cell& cell) { return Value(value_of_row(measure, cell)); });
    }
  }
  void AddComparisons() {
    AddComparison(v1::COMPARISON_PREV, "prev");
    AddComparison(v1::COMPARISON_YOY, "yoy");
    if (Asks(v1::COMPARISON_YTD)) {
      AddPerMeasure("ytd", "", [&](const v1::Measure& measure, const Cell& cell) {
        return years_.YearToDate(measure, cell, SourceOf(cell));
      });
    }
    AddComparison(v1::COMPARISON_YTD_YOY, "ytd_yoy");
    for (const uint32_t years : query_.cagr_years()) {
      AddPerMeasure("cagr", absl::StrCat(",", years),
                    [&](const v1::Measure& measure, const Cell& cell) {
                      const auto sides = FarSides(measure, FarBase(years, cell.period), cell);
                      if (NullOf(sides) != kThere)
                        return Number{.real = true, .null = NullOf(sides)};
                      const double x = Real(sides.first), y = Real(sides.second);
                      if (y <= 0 || x < 0) return Number{.real = true, .null = kNotPositive};
                      return Number{.real = true, .value = std::pow(x / y, 1.0 / years) - 1};
                    });
    }
    if (!query_.index_base().empty()) {
      AddPerMeasure("index", "", [&](const v1::Measure& measure, const Cell& cell) {
        const auto sides = FarSides(measure, FarBase(0, cell.period), cell);
        if (NullOf(sides) != kThere) return Number{.real = true, .null = NullOf(sides)};
        const double y = Real(sides.second);
        if (y == 0) return Number{.real = true, .null = kZeroBase};
        if (y < 0) return Number{.real = true, .null = kNegativeBase};
        return Number{.real = true, .value = Real(sides.first) * 100 / y};
      });
    }
  }
  void AddContribution(const v1::Contribution& contribution) {
    v1::Measure measure;
    measure.set_name(contribution.measure());
    v1::Share whole;
    whole.set_dimension(contribution.dimension());
    whole.set_level(contribution.level());
    const bool prev = contribution.comparison() == v1::COMPARISON_PREV;
    const int comparison = prev ? v1::COMPARISON_PREV : v1::COMPARISON_YOY;
    const std::string of = OfWhole(contribution.measure(), whole);
    for (const bool rate : {false, true}) {
      AddColumn(absl::StrCat(prev ? "prev" : "yoy", rate ? "_contribution_rate(" : "_contribution(",
                             of, ")"),
                [&](const Cell& cell) {
                  const auto own = Sides(measure, comparison, cell);
                  Number number = {.real = true, .null = NullOf(own)};
                  int64_t base = 0, change = 0;
                  for (const size_t other : rows_of_.at(cell.period.start_us)) {
                    if (!SharesAncestor(whole, cell, *rows_[other])) continue;
                    const auto sides = Sides(measure, comparison, *rows_[other]);
                    if (number.null == kThere) number.null = NullOf(sides);
                    base += sides.second.integer;
                    change += sides.first.integer - sides.second.integer;
                  }
                  if (number.null != kThere) return Value(number);
                  const auto part = static_cast<double>(own.first.integer - own.second.integer);
                  if (rate) {
                    return Value(Ratio(part, static_cast<double>(change), kNoChange));
                  }
                  if (base == 0) return Value({.real = true, .null = kZeroBase});
                  if (base < 0) return Value({.real = true, .null = kNegativeBase});
                  return Value(Ratio(part * 100, static_cast<double>(base), kZeroBase));
                });
    }
  }

  void AddQuotient(const v1::LocationQuotient& quotient) {
    v1::Measure measure;
    measure.set_name(quotient.measure());
    AddColumn(
        absl::StrCat("location_quotient(", quotient.measure(), " of ", quotient.dimension(), ")"),
        [&](const Cell& cell) {
          const Number own = Compute(measure, cell);
          if (own.null != kThere) return Value({.real = true, .null = own.null});
          int64_t of_place = 0, of_others = 0, all = 0;
          for (const size_t other : rows_of_.at(cell.period.start_us)) {
            const int64_t x = Compute(measure, *rows_[other]).integer;
            bool same_place = true, same_others = true;
            for (int d = 0; d < query_.dimensions_size(); ++d) {
              const auto i = static_cast<size_t>(d);
              if (cell.members[i] == rows_[other]->members[i]) continue;
              (query_.dimensions(d).name() == quotient.dimension() ? same_place : same_others) =
                  false;
            }
            all += x;
            if (same_place) of_place += x;
            if (same_others) of_others += x;
          }
          if (of_place == 0 || of_others == 0 || all == 0) {
            return Value({.real = true, .null = kZeroDenominator});
          }
          const double here = static_cast<double>(own.integer) / static_cast<double>(of_place);
          const double everywhere = static_cast<double>(of_others) / static_cast<double>(all);
          return Value({.real = true, .value = here / everywhere});
        });
  }

  // Whether b counts towards the denominator of a.
  bool SharesAncestor(const v1::Share& share, const Cell& a, const Cell& b) const {
    if (a.period.start_us != b.period.start_us) return false;
    if (share.dimension().empty()) return true;
    for (int d = 0; d < query_.dimensions_size(); ++d) {
      const Member& x = a.members[static_cast<size_t>(d)];
      const Member& y = b.members[static_cast<size_t>(d)];
      if (x == y) continue;
      if (query_.dimensions(d).name() != share.dimension()) return false;
      if (share.level().empty()) continue;
      if (x.first == kUnknown || y.first == kUnknown) return false;
      const std::optional<int64_t> fixed = GeographyOf(a.period);
      const std::string up = AtLevel(share.dimension(), x.second, share.level(), fixed);
      if (up.empty() || up != AtLevel(share.dimension(), y.second, share.level(), fixed))
        return false;
    }
    return true;
  }
  static std::string OfWhole(const std::string& measure, const v1::Share& whole) {
    if (whole.dimension().empty()) return measure;
    return absl::StrCat(measure, " of ", whole.dimension(), whole.level().empty() ? "" : "@",
                        whole.level());
  }
  void AddShare(const v1::Share& share) {
    v1::Measure measure;
    measure.set_name(share.measure());
    AddColumn(absl::StrCat("share(", OfWhole(share.measure(), share), ")"), [&](const Cell& cell) {
      const Number own = Compute(measure, cell);
      if (own.null != kThere) return Value({.real = true, .null = own.null});
      int64_t whole = 0;
      for (const size_t other : rows_of_.at(cell.period.start_us)) {
        if (!SharesAncestor(share, cell, *rows_[other])) continue;
        whole += Compute(measure, *rows_[other]).integer;
      }
      return Value(
          Ratio(static_cast<double>(own.integer), static_cast<double>(whole), kZeroDenominator));
    });
  }

  void AddRank(const v1::Rank& rank) {
    size_t column = 0;
    while (table_.columns[column] != rank.column()) ++column;
    const auto ranked = [&](size_t r) {
      return table_.rows[r][column].null == kThere &&
             std::all_of(rows_[r]->members.begin(), rows_[r]->members.end(),
                         [](const Member& m) { return m.first == kCode; });
    };
    std::vector<RecountValue> ranks(rows_.size());
    for (size_t r = 0; r < rows_.size(); ++r) {
      ranks[r].null = kNotRanked;
      if (!ranked(r)) continue;
      ranks[r].null = kThere;
      ranks[r].integer = 1;
      for (const size_t o : rows_of_.at(rows_[r]->period.start_us)) {
        if (!ranked(o)) continue;
        const RecountValue& mine = table_.rows[r][column];
        const RecountValue& other = table_.rows[o][column];
        const bool smaller = other.integer < mine.integer || other.real < mine.real;
        const bool larger = other.integer > mine.integer || other.real > mine.real;
        if (rank.ascending() ? smaller : larger) ++ranks[r].integer;
      }
    }
    table_.columns.push_back(
        absl::StrCat("rank(", rank.column(), rank.ascending() ? " asc)" : ")"));
    for (size_t r = 0; r < rows_.size(); ++r) table_.rows[r].push_back(ranks[r]);
  }

  // --- coverage

  bool Censored(const NaivePeriod& period) const {
    if (std::none_of(measures_.begin(), measures_.end(),
                     [](const v1::Measure& m) { return m.name() == "new_consumers"; })) {
      return false;
    }
    NaiveDate first = {9999, 1, 1};
    for (const WorldSource& source : world_.sources) {
      if (source.live && DayNumber(source.start) < DayNumber(first)) first = source.start;
    }
    ++first.year;
    return period.start_us < calendar_.StartOfDay(DayNumber(first));
  }
  void AddCoverage() {
    const auto integer = [](int64_t value) { return Value(Whole(value)); };
    AddColumn("coverage_complete",
              [&](const Cell& c) { return integer(Coverage(c.period, SourceOf(c)).complete); });
    AddColumn("coverage_expected",
              [&](const Cell& c) { return integer(Coverage(c.period, SourceOf(c)).expected); });
    AddColumn("status", [&](const Cell& c) {
      return Text(Coverage(c.period, SourceOf(c)).partial ? "P" : "A");
    });
    const bool yoy = std::count(query_.comparisons().begin(), query_.comparisons().end(),
                                v1::COMPARISON_YOY) != 0;
    AddColumn("flags", [&](const Cell& c) {
      std::string flags;
      if (Coverage(c.period, SourceOf(c)).partial) flags += " PARTIAL";
      if (yoy && absl::EndsWith(c.period.name, "-W53")) flags += " WEEK_53";
      if (Censored(c.period)) flags += " LEFT_CENSORED";
      return Text(flags.empty() ? flags : flags.substr(1));
    });
  }

  // --- order

  static int Order(const RecountValue& a, const RecountValue& b, bool descending) {
    const int direction = descending ? -1 : 1;
    if (a.type == Type::kText) {
      if (a.member_kind != b.member_kind) return a.member_kind < b.member_kind ? -1 : 1;
      if (a.order != b.order) return a.order < b.order ? -direction : direction;
      return a.text == b.text ? 0 : a.text < b.text ? -direction : direction;
    }
    if ((a.null != 0) != (b.null != 0)) return a.null != 0 ? 1 : -1;
    if (a.null != 0) return 0;
    if (a.integer != b.integer) return a.integer < b.integer ? -direction : direction;
    if (a.real != b.real) return a.real < b.real ? -direction : direction;
    return 0;
  }
  void SortAndCut() {
    std::vector<std::pair<size_t, bool>> keys;
    for (const auto& order : query_.order_by()) {
      const auto it = std::find(table_.columns.begin(), table_.columns.end(), order.column());
      keys.push_back({static_cast<size_t>(it - table_.columns.begin()), order.descending()});
    }
    std::stable_sort(table_.rows.begin(), table_.rows.end(), [&](const auto& a, const auto& b) {
      for (const auto& [column, descending] : keys) {
        const int order = Order(a[column], b[column], descending);
        if (order != 0) return order < 0;
      }
      return false;
    });
    if (query_.limit() != 0 && query_.limit() < table_.rows.size()) {
      table_.rows.resize(query_.limit());
    }
  }

  // Events by the start of the period that they are in.
  struct Happened {
    NaivePeriod period;
    std::vector<const WorldEvent*> events;
  };
  std::map<int64_t, Happened> happened_;
  // By start of the period and the day that places are judged by.
  mutable std::map<std::pair<int64_t, std::optional<int64_t>>, Cells> known_;
  std::map<CellKey, Cell> shown_;
  std::vector<v1::Measure> measures_;
  int added_ = -1;
  std::vector<const Cell*> rows_;
  // Rows by start of their period.
  std::map<int64_t, std::vector<size_t>> rows_of_;
  RecountTable table_;
};

}  // namespace

RecountTable Recount(const World& world, const v1::Query& query, uint64_t log_size,
                     const std::string& region_scope) {
  return Recounter(world, query, log_size, region_scope).Make();
}

}  // namespace tidemark::analytics::testing
