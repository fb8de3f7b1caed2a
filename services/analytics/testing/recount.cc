#include "services/analytics/testing/recount.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/analytics/testing/recount_facts.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::analytics::testing {
namespace {

using Type = RecountValue::Type;

struct Covered {
  int64_t complete = 0;
  int64_t expected = 0;
  bool partial = true;
};

class Recounter : private RecountFacts {
 public:
  using RecountFacts::RecountFacts;

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
    for (const auto& share : query_.shares()) AddShare(share);
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
    for (const int comparison : query_.comparisons()) {
      const std::optional<NaivePeriod> base = BasePeriod(comparison, *one_);
      if (base && base->start_us <= event.time_us && event.time_us < base->end_us) return *base;
    }
    return *one_;
  }

  void FindCells() {
    for (const WorldEvent& event : world_.events) {
      if (event.IsShown() && Passes(event)) AddToCells(event);
    }
    for (const WorldEvent& event : world_.events) {
      if (!event.IsShown() && Passes(event)) AddToCells(event);
    }
    AddRowsWithoutEvents();
  }

  void AddToCells(const WorldEvent& event) {
    const bool in_range = start_us_ <= event.time_us && event.time_us < end_us_;
    const NaivePeriod period = PeriodOf(event);
    std::vector<Member> members;
    for (const auto& dimension : query_.dimensions()) {
      members.push_back(MemberOf(dimension, event));
    }
    const auto add = [&](std::map<CellKey, Cell>* cells) {
      const CellKey key = {period.start_us, members};
      // What shows nothing makes no cell.
      if (!event.IsShown() && !cells->contains(key)) return;
      Cell& cell = (*cells)[key];
      cell.period = period;
      cell.members = members;
      cell.events.push_back(&event);
    };
    if (in_range) add(&shown_);
    // A period that the range cuts is known as far as it was asked for.
    if (!Touches(period) || in_range) add(&known_);
  }

  void AddRowsWithoutEvents() {
    const auto add = [&](const NaivePeriod& period, const std::vector<Member>& members) {
      shown_.try_emplace({period.start_us, members}, Cell{period, members, {}});
    };
    const bool total = query_.dimensions_size() == 0;
    if (total && all_) return add(one_ ? *one_ : NaivePeriod{"", start_us_, end_us_}, {});
    if (!total && query_.comparisons_size() == 0) return;
    for (const NaivePeriod& period : PeriodsInReach()) {
      if (total) add(period, {});
      for (const int comparison : query_.comparisons()) {
        const std::optional<NaivePeriod> base = BasePeriod(comparison, period);
        if (!base) continue;
        for (auto it = known_.lower_bound({base->start_us, {}});
             it != known_.end() && it->first.first == base->start_us; ++it) {
          add(period, it->second.members);
        }
      }
    }
  }

  // The value of a row: nothing happened is not the same as nobody told.
  Number Compute(const v1::Measure& measure, const Cell& cell) const {
    Number number = RecountFacts::Compute(measure, cell);
    if (cell.events.empty() && !Reported(cell.period, SourceOf(cell))) number.null = kNotReported;
    return number;
  }

  // The one source that a row is about; empty: all that are asked for.
  std::string SourceOf(const Cell& cell) const {
    for (int d = 0; d < query_.dimensions_size(); ++d) {
      if (query_.dimensions(d).name() == "source")
        return cell.members[static_cast<size_t>(d)].second;
    }
    return "";
  }

  // --- columns

  static std::string ColumnOf(const v1::Measure& measure) {
    if (measure.name() != "quantile") return measure.name();
    return absl::StrCat("quantile(", measure.quantile(), ")");
  }
  static bool IsRatio(const v1::Measure& measure) {
    return measure.name() == "refund_rate" || measure.name() == "refund_rate_cohort" ||
           measure.name() == "identified_share";
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

  // What of a cell is in a part of its period, and of one of the sources if they are given.
  static Cell Restricted(const Cell& cell, const NaivePeriod& part,
                         const std::set<std::string>* sources) {
    Cell kept = {part, cell.members, {}};
    for (const WorldEvent* event : cell.events) {
      if (event->time_us < part.start_us || part.end_us <= event->time_us) continue;
      if (sources != nullptr && !sources->contains(event->fields.at("source"))) continue;
      kept.events.push_back(event);
    }
    return kept;
  }
  Number Compare(const v1::Measure& measure, int comparison, bool ratio, const Cell& cell) const {
    Number number;
    number.real = ratio || Compute(measure, cell).real;
    const std::optional<NaivePeriod> base = BasePeriod(comparison, cell.period);
    if (!base) return number.null = kNoBase, number;
    const auto it = known_.find({base->start_us, cell.members});
    const std::string only = SourceOf(cell);
    if (it == known_.end() && !Reported(*base, only)) return number.null = kNoBase, number;
    const auto parts = ToDate(comparison, cell.period, *base);
    const NaivePeriod value_part = parts ? parts->first : cell.period;
    const NaivePeriod base_part = parts ? parts->second : *base;
    const bool matched = query_.panel() == v1::PANEL_MATCHED;
    std::set<std::string> sources;
    if (matched) {
      const bool whole = parts || (!IsCut(cell.period) && !IsCut(*base) &&
                                   cell.period.end_us <= now_us_ && base->end_us <= now_us_);
      if (!whole) return number.null = kPartial, number;
      for (const WorldSource& source : world_.sources) {
        if (!SourceCounts(source) || (!only.empty() && source.id != only)) continue;
        if (Coverage(value_part, source.id).partial || Coverage(base_part, source.id).partial)
          continue;
        sources.insert(source.id);
      }
      if (sources.empty()) return number.null = kNoMatchedSource, number;
    } else if (Coverage(value_part, only).partial || Coverage(base_part, only).partial) {
      return number.null = kPartial, number;
    }
    const Cell nothing = {*base, cell.members, {}};
    const Cell& base_cell = it == known_.end() ? nothing : it->second;
    Number now = Compute(measure, cell), then = Compute(measure, base_cell);
    if (matched || parts) {
      const auto* of = matched ? &sources : nullptr;
      now = RecountFacts::Compute(measure, Restricted(cell, value_part, of));
      then = RecountFacts::Compute(measure, Restricted(base_cell, base_part, of));
    }
    if (now.null != kThere) return number.null = now.null, number;
    if (then.null != kThere) return number.null = then.null, number;
    if (!ratio) {
      number.integer = now.integer - then.integer;
      number.value = (now.value - then.value) * (IsRatio(measure) ? 100 : 1);
      return number;
    }
    const double x = now.real ? now.value : static_cast<double>(now.integer);
    const double y = then.real ? then.value : static_cast<double>(then.integer);
    if (y == 0) return number.null = kZeroBase, number;
    if (y < 0) return number.null = kNegativeBase, number;
    number.value = x / y - 1;
    // Without the cancellation of the line above.
    number.value = (x - y) / y;
    return number;
  }
  void AddComparisons() {
    for (const int comparison : {v1::COMPARISON_PREV, v1::COMPARISON_YOY}) {
      if (std::find(query_.comparisons().begin(), query_.comparisons().end(), comparison) ==
          query_.comparisons().end()) {
        continue;
      }
      const std::string name = comparison == v1::COMPARISON_PREV ? "prev" : "yoy";
      for (size_t m = 0; m < measures_.size(); ++m) {
        if (static_cast<int>(m) == added_) continue;
        const v1::Measure& measure = measures_[m];
        AddColumn(absl::StrCat(name, "_diff(", ColumnOf(measure), ")"), [&](const Cell& cell) {
          return Value(Compare(measure, comparison, false, cell));
        });
        if (IsRatio(measure)) continue;
        AddColumn(absl::StrCat(name, "(", ColumnOf(measure), ")"), [&](const Cell& cell) {
          return Value(Compare(measure, comparison, true, cell));
        });
      }
    }
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
      const std::string up = AtLevel(share.dimension(), x.second, share.level());
      if (up.empty() || up != AtLevel(share.dimension(), y.second, share.level())) return false;
    }
    return true;
  }
  void AddShare(const v1::Share& share) {
    v1::Measure measure;
    measure.set_name(share.measure());
    const std::string of = share.dimension().empty()
                               ? ""
                               : absl::StrCat(" of ", share.dimension(),
                                              share.level().empty() ? "" : "@", share.level());
    AddColumn(absl::StrCat("share(", share.measure(), of, ")"), [&](const Cell& cell) {
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

  // Of all sources that count, or of one.
  Covered Coverage(const NaivePeriod& period, const std::string& only) const {
    const std::tuple key(period.start_us, period.end_us, only);
    const auto found = covered_.find(key);
    if (found != covered_.end()) return found->second;
    Covered covered;
    const bool open_start = period.start_us == INT64_MIN, open_end = period.end_us == INT64_MAX;
    bool over = open_end || period.end_us <= now_us_;
    for (const WorldSource& source : world_.sources) {
      if (!SourceCounts(source) || (!only.empty() && source.id != only)) continue;
      const int64_t from = DayNumber(source.start);
      const int64_t to = source.end ? DayNumber(*source.end) : DayNumber({2100, 1, 1});
      const int64_t window_end = source.end ? calendar_.StartOfDay(to) : INT64_MAX;
      if (calendar_.StartOfDay(from) >= period.end_us || window_end <= period.start_us) continue;
      if (open_end && window_end > now_us_) over = false;
      const int64_t first = open_start ? from : calendar_.DayAt(period.start_us);
      const int64_t last = open_end ? std::min(to - 1, calendar_.DayAt(now_us_))
                                    : calendar_.DayAt(period.end_us - 1);
      for (int64_t day = first; day <= last; ++day) {
        const int64_t start = calendar_.StartOfDay(day), end = calendar_.StartOfDay(day + 1);
        if (start == end) continue;
        if (open_end && end > now_us_) continue;
        ++covered.expected;
        const bool in_window = from <= day && day < to;
        // The day's part of the period must have been asked for.
        const bool asked = !Touches(period) || (std::max(start, period.start_us) >= start_us_ &&
                                                std::min(end, period.end_us) <= end_us_);
        covered.complete += in_window && end <= now_us_ && asked;
      }
    }
    covered.partial = covered.expected == 0 || covered.complete < covered.expected || !over;
    return covered_[key] = covered;
  }
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

  // What is asked for, and what it can be compared with.
  std::map<CellKey, Cell> shown_;
  std::map<CellKey, Cell> known_;
  std::vector<v1::Measure> measures_;
  int added_ = -1;
  std::vector<const Cell*> rows_;
  // Rows by start of their period.
  std::map<int64_t, std::vector<size_t>> rows_of_;
  mutable std::map<std::tuple<int64_t, int64_t, std::string>, Covered> covered_;
  RecountTable table_;
};

}  // namespace

RecountTable Recount(const World& world, const v1::Query& query, uint64_t log_size,
                     const std::string& region_scope) {
  return Recounter(world, query, log_size, region_scope).Make();
}

}  // namespace tidemark::analytics::testing
