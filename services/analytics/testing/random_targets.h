#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_RANDOM_TARGETS_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_RANDOM_TARGETS_H_

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cpp/catalog/period_text.h"
#include "services/analytics/testing/indicator_oracle.h"
#include "services/analytics/testing/random_formula.h"
#include "services/analytics/testing/target_oracle.h"

namespace tidemark::analytics::testing {

// A goal that people judge.
struct PlainWork {
  std::string name, region, due, english, chinese, status;
  int evidence = 0;
};

// Random targets of `programmes/p`, with indicators and figures, in the catalog and as plain
// values.
class TargetWriter {
 public:
  // Nothing is owned.
  TargetWriter(const World& world, std::mt19937_64* random, FormulaWriter* formulas,
               PlainCatalog* catalog)
      : world_(world),
        random_(*random),
        spans_(world_.zone, world_.fiscal_start_month),
        first_month_(world_.observatory_start.year * 12),
        formulas_(*formulas),
        reader_(*catalog) {
    reader_.Put("programmes/p").mutable_programme();
    for (int i = 0; i < 24; ++i) MakeGoal(i);
    for (int i = 0; i < 3; ++i) MakeWork(i);
  }

  const std::vector<PlainGoal>& goals() const { return goals_; }
  const std::vector<PlainWork>& works() const { return works_; }
  GoalSpan Months(int64_t first, int months) const {
    return GoalSpan(MonthsFrom(static_cast<int>(first / 12), static_cast<int>(first % 12), months));
  }
  GoalSpan SomeSpan(bool days) {
    if (days) {
      const int64_t time = Pick(world_.events).time_us;
      const NaivePeriod period =
          spans_.calendar().At(Chance(50) ? NaiveGrain::kDay : NaiveGrain::kWeek, time);
      return GoalSpan({period.name, spans_.calendar().DayAt(period.start_us),
                       spans_.calendar().DayAt(period.end_us)});
    }
    // Financial years too.
    constexpr int kMonths[] = {12, 12, 12, 12, 3, 6, 1, 9, 2, 12};
    const int months = kMonths[Below(10)];
    auto first = static_cast<int64_t>(Below(60));
    first -= months == 9 || months == 2 ? first % 12 : first % months;
    if (months == 12 && Chance(15)) first += 3;
    return Months(first_month_ + first, months);
  }

 private:
  static constexpr catalog::v1::ObservationStatus kStatuses[] = {
      catalog::v1::OBSERVATION_STATUS_NORMAL,  catalog::v1::OBSERVATION_STATUS_PROVISIONAL,
      catalog::v1::OBSERVATION_STATUS_REVISED, catalog::v1::OBSERVATION_STATUS_ESTIMATED,
      catalog::v1::OBSERVATION_STATUS_IMPUTED, catalog::v1::OBSERVATION_STATUS_LOW_RELIABILITY};

  uint64_t Below(uint64_t n) { return random_() % n; }
  bool Chance(uint64_t percent) { return Below(100) < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& list) {
    return list[Below(list.size())];
  }

  // A period like it, some of them before.
  GoalSpan LikeBefore(const GoalSpan& due) {
    const auto back = static_cast<int64_t>(1 + Below(4));
    if (due.in_months) {
      const GoalSpan next = Months(due.end, static_cast<int>(due.length()));
      const int64_t step = next.IsLike(due) ? due.length() : 12;
      return Months(due.first - back * step, static_cast<int>(due.length()));
    }
    const int64_t first = due.first - back * due.length();
    const NaiveGrain grain = due.length() == 7 ? NaiveGrain::kWeek : NaiveGrain::kDay;
    const NaiveCalendar& calendar = spans_.calendar();
    const NaivePeriod period = calendar.At(grain, calendar.StartOfDay(first));
    return GoalSpan({period.name, calendar.DayAt(period.start_us), calendar.DayAt(period.end_us)});
  }

  // --- targets

  catalog::v1::Unit UnitOf(int kind) {
    catalog::v1::Unit unit;
    if (kind == 0) {
      unit.set_kind(catalog::v1::UNIT_KIND_MONEY);
      unit.set_currency(world_.currency);
      unit.set_power_of_ten(static_cast<int>(Below(3)) * 4);
    } else if (kind == 1) {
      unit.set_kind(Chance(50) ? catalog::v1::UNIT_KIND_PERCENT : catalog::v1::UNIT_KIND_RATIO);
    } else {
      unit.set_kind(catalog::v1::UNIT_KIND_COUNT);
      unit.set_per(static_cast<catalog::v1::UnitPer>(1 + Below(3)));
    }
    return unit;
  }
  static std::string NameOfUnit(const catalog::v1::Unit& unit) {
    if (unit.kind() == catalog::v1::UNIT_KIND_PERCENT) return "percent";
    if (unit.kind() == catalog::v1::UNIT_KIND_RATIO) return "ratio";
    if (unit.kind() == catalog::v1::UNIT_KIND_COUNT) {
      return absl::StrCat("count per ", unit.per() == catalog::v1::UNIT_PER_PERSON ? "person"
                                        : unit.per() == catalog::v1::UNIT_PER_HUNDRED_PERSONS
                                            ? "hundred_persons"
                                            : "thousand_persons");
    }
    return absl::StrCat(
        unit.power_of_ten() == 0 ? "" : absl::StrCat("10^", unit.power_of_ten(), " "),
        unit.currency());
  }
  static Exact PlainScale(const catalog::v1::Unit& unit) {
    const Exact scale = ScaleOfUnit(unit);
    if (unit.per() == catalog::v1::UNIT_PER_HUNDRED_PERSONS) return scale / 100;
    return unit.per() == catalog::v1::UNIT_PER_THOUSAND_PERSONS ? Exact(scale / 1000) : scale;
  }
  Exact SetNumber(int64_t digits, int decimals, type::v1::Decimal* decimal) {
    decimal->set_value(DecimalText(digits, decimals));
    return ExactOf(digits) * TenTo(-decimals);
  }

  void MakeGoal(int number) {
    PlainGoal goal{.name = absl::StrFormat("targets/t-%02d", number)};
    goal.region = formulas_.SomePlace();
    const bool days = Chance(12);
    goal.due = SomeSpan(days);
    goal.indicator = absl::StrCat("indicators/goal-", number);
    goal.additive = Chance(75);
    const bool by_formula = !days && Chance(30);
    const int kind = by_formula ? static_cast<int>(Below(2)) : static_cast<int>(Below(3));
    const catalog::v1::Unit unit = UnitOf(kind), stated_unit = UnitOf(kind);
    goal.unit_name = NameOfUnit(unit);
    goal.to_goal = PlainScale(stated_unit) / PlainScale(unit);
    catalog::v1::Indicator& indicator = *reader_.Put(goal.indicator).mutable_indicator();
    indicator.set_additivity(goal.additive ? catalog::v1::ADDITIVITY_FLOW
                                           : catalog::v1::ADDITIVITY_STOCK);
    indicator.set_frequency(type::v1::PERIOD_GRAIN_DAY);
    *indicator.mutable_unit() = stated_unit;
    catalog::v1::Target& target = *reader_.Put(goal.name).mutable_target();
    catalog::v1::QuantitativeGoal& stated = *target.mutable_quantitative();
    if (by_formula) {
      if (!Chance(15)) *indicator.mutable_formula() = SomeFormula(kind == 1);
    } else {
      goal.series = absl::StrCat("observationSeries/goal-", number);
      catalog::v1::ObservationSeries& series =
          *reader_.Put(goal.series).mutable_observation_series();
      series.set_indicator(goal.indicator);
      *series.mutable_unit() = stated_unit;
      StateFigures(goal);
      stated.set_series(goal.series);
    }
    target.set_parent("programmes/p");
    target.set_region(goal.region);
    *target.mutable_due() = *catalog_client::ParsePeriod(goal.due.days.name);
    stated.set_indicator(goal.indicator);
    *stated.mutable_unit() = unit;
    goal.kind = static_cast<catalog::v1::GoalKind>(1 + Below(3));
    stated.set_kind(goal.kind);
    const auto number_of = [&] { return static_cast<int64_t>(Below(2'000'000)) - 100'000; };
    goal.value = SetNumber(number_of(), static_cast<int>(Below(3)), stated.mutable_value());
    if (goal.kind == catalog::v1::GOAL_KIND_ABOUT)
      goal.tolerance =
          SetNumber(1 + static_cast<int64_t>(Below(500'000)), 0, stated.mutable_tolerance());
    goal.qualified = Chance(20);
    if (goal.qualified) stated.set_qualifier(catalog::v1::QUALIFIER_ABOUT);
    if (Chance(70)) {
      goal.baseline.emplace(LikeBefore(goal.due), goal.value);
      catalog::v1::PathPoint& point = *stated.mutable_baseline();
      *point.mutable_period() = *catalog_client::ParsePeriod(goal.baseline->first.days.name);
      *point.mutable_value() = stated.value();
      if (!Chance(10)) goal.baseline->second = SetNumber(number_of(), 1, point.mutable_value());
    }
    for (uint64_t i = Below(3); i > 0; --i) {
      catalog::v1::PathPoint& point = *stated.add_path();
      const GoalSpan span = LikeBefore(goal.due);
      *point.mutable_period() = *catalog_client::ParsePeriod(span.days.name);
      goal.path.push_back({span, SetNumber(number_of(), 1, point.mutable_value())});
    }
    goals_.push_back(std::move(goal));
  }

  catalog::v1::Formula SomeFormula(bool ratio) {
    const catalog::v1::Formula events = formulas_.Events();
    catalog::v1::Formula formula = events;
    if (ratio) {
      catalog::v1::OperationNode& node = *formula.mutable_operation();
      node.set_kind(catalog::v1::OPERATION_KIND_DIVIDE);
      *node.add_operands() = events;
      *node.add_operands() = formulas_.Events();
    } else if (Chance(40)) {
      catalog::v1::ComparisonNode& node = *formula.mutable_comparison();
      node.set_kind(Chance(50) ? catalog::v1::COMPARISON_KIND_PER_CAPITA
                               : catalog::v1::COMPARISON_KIND_YOY);
      node.set_form(catalog::v1::COMPARISON_FORM_DIFFERENCE);
      *node.mutable_of() = events;
    }
    return formula;
  }

  // Whatever adds up to a period gives the same number, and the same is said of all figures.
  void StateFigures(const PlainGoal& goal) {
    const auto status = kStatuses[Below(6)];
    const bool qualified = Chance(20), breaks = Chance(30);
    const int decimals = static_cast<int>(Below(3));
    std::vector<int64_t> months;
    for (int i = 0; i < 72; ++i)
      months.push_back(Chance(4) ? -5 : static_cast<int64_t>(Below(150'000)));
    const auto state = [&](int first, int count) {
      PlainFigure figure{.series = goal.series, .place = goal.region};
      figure.period = Months(first_month_ + first, count).days;
      figure.digits = 0;
      for (int i = first; i < first + count; ++i) *figure.digits += months[static_cast<size_t>(i)];
      figure.decimals = decimals;
      figure.qualified = qualified, figure.break_before = breaks, figure.status = status;
      figure.vintage = "vintages/" + goal.name.substr(8);
      if (Chance(10))
        figure.status = catalog::v1::OBSERVATION_STATUS_MISSING, figure.digits.reset();
      if (Chance(7))
        figure.status = catalog::v1::OBSERVATION_STATUS_SUPPRESSED, figure.digits.reset();
      if (count == 12 && Chance(25)) {
        figure.status = catalog::v1::OBSERVATION_STATUS_FORECAST;
        figure.digits = static_cast<int64_t>(Below(2'000'000));
      }
      reader_.State(figure);
    };
    const bool yearly = Chance(65), cumulative = Chance(45), quarterly = Chance(35),
               halves = Chance(15), monthly = Chance(20), fiscal = Chance(15);
    const uint64_t until = 2 + Below(4);
    for (int year = 0; year < static_cast<int>(until); ++year) {
      const int january = 12 * year;
      if (yearly && Chance(80)) state(january, 12);
      if (fiscal && Chance(80)) state(january + 3, 12);
      for (int quarter = 0; quarter < 4; ++quarter) {
        if (cumulative && quarter > 0 && Chance(70)) state(january, 3 * quarter + 3);
        if (quarterly && Chance(80)) state(january + 3 * quarter, 3);
        if (halves && quarter % 2 == 0 && Chance(80)) state(january + 3 * quarter, 6);
      }
      for (int month = 0; monthly && month < 12; ++month) {
        if (Chance(90)) state(january + month, 1);
      }
      if (Chance(20)) state(january, 2);
    }
    if (goal.due.in_months) return;
    for (int i = 0; i < 4; ++i) {
      PlainFigure figure{.series = goal.series, .place = goal.region};
      figure.period = (Chance(25) ? goal.due : LikeBefore(goal.due)).days;
      figure.digits = static_cast<int64_t>(Below(2'000'000));
      figure.status = status, figure.qualified = qualified, figure.break_before = breaks;
      reader_.State(figure);
    }
  }

  void MakeWork(int number) {
    PlainWork work{.name = absl::StrCat("targets/w-", number), .region = formulas_.SomePlace()};
    const GoalSpan due = SomeSpan(false);
    work.due = due.days.name;
    work.english = absl::StrCat("Work ", number);
    if (Chance(60)) work.chinese = absl::StrCat("工作", number);
    work.evidence = static_cast<int>(Below(3));
    catalog::v1::Target& target = *reader_.Put(work.name).mutable_target();
    target.set_parent("programmes/p");
    target.set_region(work.region);
    *target.mutable_due() = *catalog_client::ParsePeriod(work.due);
    catalog::v1::QualitativeGoal& goal = *target.mutable_qualitative();
    (*goal.mutable_statement()->mutable_texts())["en"] = work.english;
    if (!work.chinese.empty()) (*goal.mutable_statement()->mutable_texts())["zh"] = work.chinese;
    const auto at = static_cast<size_t>(Below(4));
    goal.set_status(static_cast<catalog::v1::WorkStatus>(1 + at));
    work.status = std::vector<std::string>{"PLANNED", "ACTIVE", "DONE", "DROPPED"}[at];
    for (int i = 0; i < work.evidence; ++i) goal.add_evidence();
    works_.push_back(work);
  }
  const World& world_;
  std::mt19937_64& random_;
  const PlainSpans spans_;
  const int64_t first_month_;
  FormulaWriter& formulas_;
  PlainCatalog& reader_;
  std::vector<PlainGoal> goals_;
  std::vector<PlainWork> works_;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_RANDOM_TARGETS_H_
