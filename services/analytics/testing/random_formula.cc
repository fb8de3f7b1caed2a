#include "services/analytics/testing/random_formula.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/analytics/testing/naive_calendar.h"

namespace tidemark::analytics::testing {
namespace {

namespace pb = catalog::v1;

constexpr pb::ObservationStatus kStatuses[] = {
    pb::OBSERVATION_STATUS_NORMAL,    pb::OBSERVATION_STATUS_PROVISIONAL,
    pb::OBSERVATION_STATUS_ESTIMATED, pb::OBSERVATION_STATUS_REVISED,
    pb::OBSERVATION_STATUS_IMPUTED,   pb::OBSERVATION_STATUS_LOW_RELIABILITY};

}  // namespace

FormulaWriter::FormulaWriter(const World& world, std::mt19937_64* random, PlainCatalog* catalog)
    : world_(world), random_(*random), catalog_(*catalog) {
  StateFigures();
  for (int i = 0; i < 4; ++i) {
    const std::string name = absl::StrCat("indicators/part-", i);
    figures_ = i % 2 == 0;
    WriteIndicator(name, 1, figures_);
    indicators_.push_back(name);
  }
}

void FormulaWriter::StateFigures() {
  constexpr pb::Additivity kAdditivities[] = {pb::ADDITIVITY_FLOW, pb::ADDITIVITY_STOCK,
                                              pb::ADDITIVITY_NONE};
  for (int i = 0; i < 4; ++i) {
    const bool rate = i == 3;
    const std::string indicator = absl::StrCat("indicators/stated-", i);
    catalog_.Put(indicator).mutable_indicator()->set_additivity(kAdditivities[i % 3]);
    const std::string name = absl::StrCat("observationSeries/stated-", i);
    pb::ObservationSeries& series = *catalog_.Put(name).mutable_observation_series();
    series.set_indicator(indicator);
    series.set_form(rate ? pb::SERIES_FORM_SHARE : pb::SERIES_FORM_LEVEL);
    pb::Unit& unit = *series.mutable_unit();
    unit.set_kind(rate ? pb::UNIT_KIND_PERCENT : pb::UNIT_KIND_MONEY);
    if (!rate) unit.set_currency(world_.currency);
    if (!rate) unit.set_power_of_ten(static_cast<int>(Below(3)) * 2);
    (rate ? rates_ : levels_).push_back(name);
    for (const WorldRegion& region : world_.regions) {
      if (!Chance(60)) continue;
      for (int n = 0; n < 40; ++n) {
        constexpr int kMonths[] = {1, 3, 6, 12, 2, 9};
        const int months = kMonths[Below(6)];
        int first = static_cast<int>(Below(60));
        if (months <= 12 && 12 % months == 0) first -= first % months;
        if (months == 2 || months == 9) first -= first % 12;
        PlainFigure figure{.series = name, .place = "regions/" + region.id};
        figure.period = MonthsFrom(world_.observatory_start.year, first, months);
        figure.digits = Chance(5) ? 0 : static_cast<int64_t>(Below(1'000'000)) - 100'000;
        figure.decimals = static_cast<int>(Below(4));
        if (Chance(5)) figure.divisor = 7;
        figure.status = kStatuses[Chance(60) ? 0 : Below(6)];
        figure.qualified = Chance(10);
        figure.break_before = Chance(10);
        figure.vintage = absl::StrCat("vintages/v", Below(2));
        if (Chance(12)) {
          figure.digits.reset();
          figure.status =
              Chance(50) ? pb::OBSERVATION_STATUS_MISSING : pb::OBSERVATION_STATUS_SUPPRESSED;
        }
        catalog_.State(figure);
      }
    }
  }
}

std::string FormulaWriter::SomePlace() {
  return Chance(80) ? "regions/" + Pick(world_.regions).id
                    : "regionGroups/" + Pick(world_.groups).id;
}

std::string FormulaWriter::SomePeriod(bool short_ones) {
  const NaiveCalendar calendar(world_.zone);
  const int64_t time_us = Pick(world_.events).time_us;
  if (short_ones)
    return calendar.At(Chance(50) ? NaiveGrain::kDay : NaiveGrain::kWeek, time_us).name;
  if (Chance(25)) {
    const std::string year = calendar.At(NaiveGrain::kYear, time_us).name;
    return year + Pick<std::string>({"-01..02", "-Q1..Q3", "-01..05", "-04..08"});
  }
  return calendar.At(static_cast<NaiveGrain>(3 + Below(4)), time_us).name;
}

void FormulaWriter::WriteIndicator(const std::string& name, int depth, bool figures) {
  figures_ = figures;
  pb::Indicator& made = *catalog_.Put(name).mutable_indicator();
  const bool ratio = Chance(50);
  *made.mutable_formula() = Make(depth, ratio);
  made.set_frequency(type::v1::PERIOD_GRAIN_DAY);
  made.set_additivity(ratio ? pb::ADDITIVITY_NONE : pb::ADDITIVITY_FLOW);
  pb::Unit& unit = *made.mutable_unit();
  unit.set_kind(!ratio       ? pb::UNIT_KIND_MONEY
                : Chance(50) ? pb::UNIT_KIND_PERCENT
                             : pb::UNIT_KIND_RATIO);
  if (!ratio) unit.set_currency(world_.currency);
  if (!ratio) unit.set_power_of_ten(static_cast<int>(Below(3)) * 4);
}

void FormulaWriter::AddFilter(pb::MeasureNode* node) {
  pb::FormulaFilter& filter = *node->add_filters();
  const auto of = [&](const char* dimension, std::initializer_list<std::string> codes) {
    filter.set_dimension(dimension);
    for (const std::string& code : codes) filter.add_codes(code);
  };
  switch (Below(7)) {
    case 0:
      of("category", {Pick(world_.categories).id, Pick(world_.categories).id});
      break;
    case 1:
      of("category_nature", {Pick<std::string>({"GOODS", "SERVICES", "MIXED"})});
      break;
    case 2:
      of("channel", {Pick<std::string>({"ONLINE", "OFFLINE"})});
      break;
    case 3:
      of("source", {Pick(world_.sources).id});
      break;
    case 4:
      of("scenario", {Pick<std::string>({"travel", "smart-home", "nobody-has-it"})});
      break;
    case 5:
      of("provider_region",
         {Chance(50) ? Pick(world_.regions).id : "regionGroups/" + Pick(world_.groups).id});
      break;
    default:
      of("age_band", {Pick<std::string>({"0-17", "60+"})});
  }
  if (filter.codes_size() == 2 && filter.codes(0) == filter.codes(1))
    filter.mutable_codes()->RemoveLast();
  if (filter.dimension() != "source") filter.set_unknown(Chance(20));
  filter.set_exclude(Chance(25));
}

pb::Formula FormulaWriter::Events() {
  static const std::vector<std::string> kNames = {
      "gross",  "net",       "refunds", "unlinked_refunds", "voucher",
      "events", "purchases", "uses",    "quantity"};
  Formula formula;
  pb::MeasureNode& node = *formula.mutable_measure();
  node.set_name(Pick(kNames));
  if (Chance(40)) AddFilter(&node);
  if (Chance(15)) AddFilter(&node);
  if (Chance(30)) node.set_place(Pick<std::string>({"provider_region", "place_of_use"}));
  return formula;
}

pb::Formula FormulaWriter::Leaf(bool ratio) {
  Formula formula;
  const uint64_t kind = Below(100);
  if (kind < 10) {
    pb::ConstantNode& node = *formula.mutable_constant();
    node.mutable_value()->set_value(
        Pick<std::string>({"2", "0.5", "-3.25", "100", "0", "0.001", "7"}));
    if (!ratio) {
      node.mutable_unit()->set_kind(pb::UNIT_KIND_MONEY);
      node.mutable_unit()->set_currency(world_.currency);
      node.mutable_unit()->set_power_of_ten(static_cast<int>(Below(3)));
    } else if (Chance(50)) {
      node.mutable_unit()->set_kind(pb::UNIT_KIND_PERCENT);
    }
  } else if (kind < 40 && figures_) {
    pb::SeriesNode& node = *formula.mutable_series();
    node.set_series(Pick(ratio ? rates_ : levels_));
    if (Chance(25)) node.set_region("regions/" + Pick(world_.regions).id);
    node.set_carried(Chance(40));
  } else {
    if (!ratio && Chance(70)) return Events();
    pb::MeasureNode& node = *formula.mutable_measure();
    node.set_name(ratio ? Pick<std::string>({"refund_rate", "identified_share"})
                        : Pick<std::string>({"consumers", "orders", "average_line", "average_order",
                                             "quantile", "pending_refunds"}));
    if (node.name() == "quantile") node.set_quantile(5'000);
    if (Chance(30)) AddFilter(&node);
  }
  return formula;
}

// What can be a part of a whole.
pb::Formula FormulaWriter::Adding(int depth) {
  if (Chance(12)) return Make(depth, false);
  if (figures_ && Chance(30)) {
    Formula formula;
    formula.mutable_series()->set_series(levels_[Below(2)]);
    return formula;
  }
  if (Chance(70)) return Events();
  Formula formula;
  pb::OperationNode& node = *formula.mutable_operation();
  const bool times = Chance(40);
  node.set_kind(times ? (Chance(50) ? pb::OPERATION_KIND_MULTIPLY : pb::OPERATION_KIND_DIVIDE)
                : Chance(50) ? pb::OPERATION_KIND_ADD
                             : pb::OPERATION_KIND_SUBTRACT);
  *node.add_operands() = Events();
  *node.add_operands() = Events();
  if (times) node.mutable_operands(1)->mutable_constant()->mutable_value()->set_value("1.5");
  return formula;
}

void FormulaWriter::AddWhole(pb::ComparisonNode* node) {
  pb::ComparisonWhole& whole = *node->mutable_whole();
  const uint64_t kind = Below(100);
  if (kind < 45) whole.set_level(static_cast<pb::RegionLevel>(10 * (1 + Below(6))));
  if (kind >= 45 && kind < 75) whole.set_region(SomePlace());
  if (kind < 75 && Chance(70)) return;
  for (const char* const dimension : {"category", "category_nature", "channel", "source"}) {
    if (Chance(60)) whole.add_over(dimension);
  }
  if (whole.over().empty()) whole.add_over("scenario");
}

pb::Formula FormulaWriter::RatioComparison(int depth) {
  Formula formula;
  pb::ComparisonNode& node = *formula.mutable_comparison();
  const std::vector<pb::ComparisonKind> kinds = {
      pb::COMPARISON_KIND_PREV,  pb::COMPARISON_KIND_YOY,
      pb::COMPARISON_KIND_CAGR,  pb::COMPARISON_KIND_YTD_YOY,
      pb::COMPARISON_KIND_SHARE, pb::COMPARISON_KIND_CONTRIBUTION_RATE,
      pb::COMPARISON_KIND_SHARE, pb::COMPARISON_KIND_RATIO_TO_GDP};
  node.set_kind(Pick(kinds));
  *node.mutable_of() = Make(depth - 1, false);
  switch (node.kind()) {
    case pb::COMPARISON_KIND_CAGR:
      node.set_intervals(static_cast<uint32_t>(1 + Below(3)));
      break;
    case pb::COMPARISON_KIND_SHARE:
    case pb::COMPARISON_KIND_CONTRIBUTION_RATE:
      *node.mutable_of() = Adding(depth - 1);
      AddWhole(&node);
      break;
    case pb::COMPARISON_KIND_RATIO_TO_GDP:
      break;
    default:
      node.set_form(pb::COMPARISON_FORM_GROWTH);
  }
  return formula;
}

pb::Formula FormulaWriter::LevelComparison(int depth) {
  Formula formula;
  pb::ComparisonNode& node = *formula.mutable_comparison();
  const std::vector<pb::ComparisonKind> kinds = {
      pb::COMPARISON_KIND_YTD,          pb::COMPARISON_KIND_PREV,  pb::COMPARISON_KIND_YOY,
      pb::COMPARISON_KIND_YTD_YOY,      pb::COMPARISON_KIND_INDEX, pb::COMPARISON_KIND_PER_CAPITA,
      pb::COMPARISON_KIND_CONTRIBUTION, pb::COMPARISON_KIND_INDEX, pb::COMPARISON_KIND_PER_CAPITA};
  node.set_kind(Pick(kinds));
  *node.mutable_of() = Make(depth - 1, false);
  switch (node.kind()) {
    case pb::COMPARISON_KIND_INDEX: {
      const int year = world_.observatory_start.year + static_cast<int>(Below(2));
      type::v1::Period& base = *node.mutable_base();
      base.mutable_start()->set_year(year);
      base.mutable_start()->set_month(1);
      base.mutable_start()->set_day(1);
      base.set_grain(Chance(50)   ? type::v1::PERIOD_GRAIN_YEAR
                     : Chance(50) ? type::v1::PERIOD_GRAIN_QUARTER
                                  : type::v1::PERIOD_GRAIN_MONTH);
      if (base.grain() == type::v1::PERIOD_GRAIN_QUARTER && Chance(40)) base.set_count(3);
      if (base.grain() == type::v1::PERIOD_GRAIN_MONTH && Chance(40)) base.set_count(2);
      break;
    }
    case pb::COMPARISON_KIND_PER_CAPITA:
      if (Chance(40)) node.mutable_population()->set_kind(pb::POPULATION_KIND_REGISTERED);
      if (Chance(40)) node.mutable_population()->set_time(pb::POPULATION_TIME_YEAR_END);
      break;
    case pb::COMPARISON_KIND_CONTRIBUTION:
      *node.mutable_of() = Adding(depth - 1);
      AddWhole(&node);
      break;
    case pb::COMPARISON_KIND_YTD:
      break;
    default:
      // Of ratios there is only the difference.
      if (Chance(40)) *node.mutable_of() = Make(depth - 1, true);
      node.set_form(pb::COMPARISON_FORM_DIFFERENCE);
  }
  return formula;
}

pb::Formula FormulaWriter::Operation(int depth, bool ratio) {
  Formula formula;
  pb::OperationNode& node = *formula.mutable_operation();
  node.set_kind(static_cast<pb::OperationKind>(1 + Below(4)));
  const bool many =
      node.kind() == pb::OPERATION_KIND_ADD || node.kind() == pb::OPERATION_KIND_MULTIPLY;
  const int operands = many && Chance(30) ? 3 : 2;
  for (int i = 0; i < operands; ++i) {
    // Products have at most one level; a ratio is the quotient of two levels or of two ratios.
    bool of_ratios = ratio;
    if (node.kind() == pb::OPERATION_KIND_MULTIPLY) of_ratios = ratio || i > 0;
    if (node.kind() == pb::OPERATION_KIND_DIVIDE) of_ratios = !ratio && i > 0;
    *node.add_operands() = Make(depth - 1, of_ratios);
  }
  return formula;
}

pb::Formula FormulaWriter::Make(int depth, bool ratio) {
  if (depth <= 0) return Leaf(ratio);
  const uint64_t kind = Below(100);
  if (kind < 15) return Leaf(ratio);
  if (kind < 45) return Operation(depth, ratio);
  if (kind < 60 && !indicators_.empty()) {
    std::vector<std::string> fitting;
    for (size_t i = 0; i < indicators_.size(); ++i) {
      const bool is_level =
          catalog_.At(indicators_[i]).indicator().unit().kind() == pb::UNIT_KIND_MONEY;
      if (is_level != ratio && (figures_ || i % 2 == 1)) fitting.push_back(indicators_[i]);
    }
    if (!fitting.empty()) {
      Formula formula;
      formula.mutable_indicator()->set_indicator(Pick(fitting));
      if (Chance(30)) formula.mutable_indicator()->set_region(SomePlace());
      return formula;
    }
  }
  return ratio ? RatioComparison(depth) : LevelComparison(depth);
}

}  // namespace tidemark::analytics::testing
