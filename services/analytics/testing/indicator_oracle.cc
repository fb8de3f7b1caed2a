#include "services/analytics/testing/indicator_oracle.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/analytics/testing/plain_groups.h"
#include "services/analytics/testing/recount_coverage.h"

namespace tidemark::analytics::testing {
namespace {

namespace pb = catalog::v1;

const std::set<std::string> kAdditive = {
    "gross",    "refunds", "unlinked_refunds", "net",         "events", "purchases", "uses",
    "quantity", "voucher", "pending_refunds",  "void_refunds"};
const std::set<std::string> kMoney = {"gross",   "refunds",         "unlinked_refunds", "net",
                                      "voucher", "pending_refunds", "void_refunds",     "quantile"};
const std::set<std::string> kRatios = {"refund_rate", "refund_rate_cohort", "identified_share"};

Exact NumberOf(const type::v1::Decimal& decimal) {
  const std::string& text = decimal.value();
  const size_t point = text.find('.');
  std::string digits = text;
  if (point != std::string::npos) digits.erase(point, 1);
  const int decimals = point == std::string::npos ? 0 : static_cast<int>(text.size() - point - 1);
  return Exact(mpz_class(digits, 10)) * TenTo(-decimals);
}

bool IsRatioUnit(const pb::Unit& unit) {
  return unit.kind() == pb::UNIT_KIND_RATIO || unit.kind() == pb::UNIT_KIND_PERCENT;
}

}  // namespace

void PlainNode::Follow(const PlainNode& from) {
  partial |= from.partial;
  status = std::max(status, from.status);
  carried |= from.carried, qualified |= from.qualified;
  breaks |= from.breaks, part_year |= from.part_year;
  sources.insert(from.sources.begin(), from.sources.end());
}

std::string PlainNode::Status() const { return {"ARPE"[status]}; }

std::string PlainNode::Flags() const {
  std::vector<std::string> flags;
  if (carried) flags.push_back("CARRIED");
  if (partial) flags.push_back("PARTIAL");
  if (qualified) flags.push_back("QUALIFIED");
  if (breaks) flags.push_back("BREAK");
  if (part_year) flags.push_back("PART_YEAR");
  return absl::StrJoin(flags, " ");
}

Exact ScaleOfUnit(const pb::Unit& unit) {
  return TenTo(unit.kind() == pb::UNIT_KIND_PERCENT ? -2 : unit.power_of_ten());
}

PlainNode NodeOfFigure(const PlainFigure& figure, const pb::Unit& unit) {
  PlainNode node;
  node.status = RankOfStatus(figure.status);
  node.qualified = figure.qualified, node.breaks = figure.break_before;
  node.sources = {{figure.series, figure.vintage}};
  if (figure.digits) {
    node.value = figure.Value() * ScaleOfUnit(unit);
  } else if (figure.status == pb::OBSERVATION_STATUS_SUPPRESSED) {
    node.SetNull(NullReason::kSuppressed);
  } else {
    node.SetNull(NullReason::kNoData, /*is_unknown=*/true);
  }
  return node;
}

// Events that pass some filters.
class IndicatorOracle::Events : private RecountCoverage {
 public:
  Events(const World& world, std::unique_ptr<v1::Query> query, std::vector<v1::Filter> natures,
         uint64_t size, const std::string& scope)
      : RecountCoverage(world, *query, size, scope),
        owned_(std::move(query)),
        natures_(std::move(natures)) {
    for (const WorldEvent& event : world_.events) {
      if (Passes(event) && PassesNatures(event)) passing_.push_back(&event);
    }
  }

  PlainNode Count(const pb::MeasureNode& node, const std::string& place,
                  const NaivePeriod& period) const {
    const std::string dimension = node.place().empty() ? "consumer_region" : node.place();
    Cell cell{period, {}, {}};
    bool any = false;
    for (const WorldEvent* const event : passing_) {
      if (event->time_us < period.start_us || period.end_us <= event->time_us) continue;
      const auto at = FieldOf(*event, dimension);
      if (!at || !Within(place, *at, calendar_.DayAt(event->time_us), {})) continue;
      cell.events.push_back(event);
      any |= event->IsShown();
    }
    PlainNode value;
    const Covered covered = Coverage(period, "");
    value.partial = covered.partial;
    if (covered.partial) value.status = 2;
    if (!any) cell.events.clear();
    if (!any && !Reported(period)) {
      value.SetNull(NullReason::kNotReported, /*is_unknown=*/true);
      return value;
    }
    v1::Measure measure;
    measure.set_name(node.name());
    measure.set_quantile(node.quantile());
    const Number number = Compute(measure, cell);
    value.null = static_cast<NullReason>(number.null);
    if (number.null != kThere) return value;
    if (absl::StartsWith(node.name(), "average_")) {
      // One division.
      const int64_t count =
          node.name() == "average_order" ? Orders(cell) : Sum(cell, RecountFacts::Purchases);
      value.value = Exact(Nearest(ExactOf(Sum(cell, RecountFacts::Gross)) /
                                  (ExactOf(count) * TenTo(world_.scale))));
    } else if (number.real) {
      value.value = Exact(number.value);
    } else {
      value.value =
          ExactOf(number.integer) * TenTo(kMoney.contains(node.name()) ? -world_.scale : 0);
    }
    return value;
  }

 private:
  bool PassesNatures(const WorldEvent& event) const {
    std::string nature;
    for (const WorldCategory& category : world_.categories) {
      if (FieldOf(event, "category") == category.id) nature = category.nature;
    }
    return std::all_of(natures_.begin(), natures_.end(), [&](const v1::Filter& filter) {
      const auto& codes = filter.codes();
      const bool named = nature.empty()
                             ? filter.unknown()
                             : std::find(codes.begin(), codes.end(), nature) != codes.end();
      return named != filter.exclude();
    });
  }

  const std::unique_ptr<v1::Query> owned_;
  const std::vector<v1::Filter> natures_;
  std::vector<const WorldEvent*> passing_;
};

IndicatorOracle::IndicatorOracle(const World& world, const PlainCatalog& catalog,
                                 const OfficialFigures& figures, uint64_t size, std::string scope,
                                 std::vector<v1::Filter> filters)
    : world_(world),
      catalog_(catalog),
      figures_(figures),
      size_(size),
      scope_(std::move(scope)),
      filters_(std::move(filters)),
      spans_(world.zone, world.fiscal_start_month) {}

IndicatorOracle::~IndicatorOracle() = default;

PlainNode IndicatorOracle::Value(const std::string& indicator, const std::string& place,
                                 const PlainSpan& span) {
  return Value(IndicatorAt(indicator).formula(), {place, span, {}});
}

PlainNode IndicatorOracle::Value(const Formula& formula, const Where& at) {
  switch (formula.node_case()) {
    case Formula::kConstant: {
      const pb::ConstantNode& node = formula.constant();
      return {.value = NumberOf(node.value()) * ScaleOfUnit(node.unit())};
    }
    case Formula::kMeasure:
      return OfMeasure(formula.measure(), at);
    case Formula::kSeries:
      return OfSeries(formula.series(), at);
    case Formula::kIndicator: {
      Where there = at;
      if (!formula.indicator().region().empty()) there.place = formula.indicator().region();
      return Value(IndicatorAt(formula.indicator().indicator()).formula(), there);
    }
    case Formula::kOperation:
      return OfOperation(formula.operation(), at);
    default:
      return OfComparison(formula.comparison(), at);
  }
}

PlainNode IndicatorOracle::OfMeasure(const pb::MeasureNode& node, const Where& at) {
  auto query = std::make_unique<v1::Query>();
  std::vector<v1::Filter> natures;
  for (const v1::Filter& filter : filters_) {
    if (!at.over.contains(filter.dimension())) *query->add_filters() = filter;
  }
  std::string key;
  for (const pb::FormulaFilter& filter : node.filters()) {
    if (at.over.contains(filter.dimension())) continue;
    v1::Filter made;
    made.set_dimension(filter.dimension());
    for (const std::string& code : filter.codes()) {
      // Words of lists are capitals in the catalog.
      const bool word = filter.dimension() == "channel" || filter.dimension() == "category_nature";
      made.add_codes(word ? absl::AsciiStrToLower(code) : code);
    }
    made.set_unknown(filter.unknown());
    made.set_exclude(filter.exclude());
    if (filter.dimension() == "category_nature") {
      natures.push_back(made);
      absl::StrAppend(&key, "nature ", made.SerializeAsString());
    } else {
      *query->add_filters() = made;
    }
  }
  absl::StrAppend(&key, "|", query->SerializeAsString());
  std::unique_ptr<Events>& events = events_[key];
  if (events == nullptr) {
    events = std::make_unique<Events>(world_, std::move(query), std::move(natures), size_, scope_);
  }
  const std::string of = absl::StrCat(key, "|", node.name(), node.quantile(), node.place(), "|",
                                      at.place, at.span.period.start_us, at.span.period.end_us);
  const auto known = known_.find(of);
  if (known != known_.end()) return known->second;
  return known_[of] = events->Count(node, at.place, at.span.period);
}

PlainNode IndicatorOracle::OfSeries(const pb::SeriesNode& node, const Where& at) const {
  const pb::Unit& unit = catalog_.At(node.series()).observation_series().unit();
  const std::string& place = node.region().empty() ? at.place : node.region();
  const auto stated = [&](const PlainSpan& span) {
    PlainNode none;
    none.SetNull(NullReason::kNoData, /*is_unknown=*/true);
    const auto [first, end] = spans_.Days(span);
    const PlainFigure* const figure = catalog_.Find(node.series(), place, first, end);
    return figure == nullptr ? none : NodeOfFigure(*figure, unit);
  };
  const PlainNode own = stated(at.span);
  if (!node.carried() || !own.unknown) return own;
  std::optional<PlainSpan> earlier = at.span;
  for (int years = 0; years < 30 && earlier; ++years) {
    earlier = spans_.YearsBefore(*earlier, 1);
    if (!earlier) break;
    PlainNode before = stated(*earlier);
    if (before.unknown) continue;
    before.carried = true;
    return before;
  }
  return own;
}

PlainNode IndicatorOracle::OfOperation(const pb::OperationNode& node, const Where& at) {
  std::vector<PlainNode> operands;
  for (const Formula& operand : node.operands()) operands.push_back(Value(operand, at));
  PlainNode result;
  for (const PlainNode& operand : operands) {
    result.Follow(operand);
    if (result.null == NullReason::kNone) result.SetNull(operand.null, operand.unknown);
  }
  if (result.null != NullReason::kNone) return result;
  result.value = operands[0].value;
  for (size_t i = 1; i < operands.size(); ++i) {
    const Exact& by = operands[i].value;
    if (node.kind() == pb::OPERATION_KIND_ADD) result.value += by;
    if (node.kind() == pb::OPERATION_KIND_SUBTRACT) result.value -= by;
    if (node.kind() == pb::OPERATION_KIND_MULTIPLY) result.value *= by;
    if (node.kind() != pb::OPERATION_KIND_DIVIDE) continue;
    if (sgn(by) == 0) {
      result.SetNull(NullReason::kZeroDenominator);
      return result;
    }
    result.value /= by;
  }
  return result;
}

bool IndicatorOracle::ReadsFigures(const Formula& formula) const {
  if (formula.has_series()) return true;
  if (formula.has_indicator())
    return ReadsFigures(IndicatorAt(formula.indicator().indicator()).formula());
  if (formula.has_comparison()) return ReadsFigures(formula.comparison().of());
  const auto& operands = formula.operation().operands();
  return std::any_of(operands.begin(), operands.end(),
                     [&](const Formula& operand) { return ReadsFigures(operand); });
}

bool IndicatorOracle::IsRatio(const Formula& formula) const {
  if (formula.has_constant())
    return !formula.constant().has_unit() || IsRatioUnit(formula.constant().unit());
  if (formula.has_measure()) return kRatios.contains(formula.measure().name());
  if (formula.has_series())
    return IsRatioUnit(catalog_.At(formula.series().series()).observation_series().unit());
  if (formula.has_indicator())
    return IsRatioUnit(IndicatorAt(formula.indicator().indicator()).unit());
  if (formula.has_operation()) {
    const auto& operands = formula.operation().operands();
    const bool first = IsRatio(operands[0]);
    if (formula.operation().kind() == pb::OPERATION_KIND_DIVIDE)
      return first || !IsRatio(operands[1]);
    if (formula.operation().kind() != pb::OPERATION_KIND_MULTIPLY) return first;
    return std::all_of(operands.begin(), operands.end(),
                       [&](const Formula& operand) { return IsRatio(operand); });
  }
  const Comparison& node = formula.comparison();
  switch (node.kind()) {
    case pb::COMPARISON_KIND_PREV:
    case pb::COMPARISON_KIND_YOY:
    case pb::COMPARISON_KIND_YTD_YOY:
      // A difference of ratios is in points.
      return node.form() != pb::COMPARISON_FORM_DIFFERENCE;
    case pb::COMPARISON_KIND_YTD:
    case pb::COMPARISON_KIND_PER_CAPITA:
      return IsRatio(node.of());
    case pb::COMPARISON_KIND_CONTRIBUTION:
    case pb::COMPARISON_KIND_INDEX:
      return false;
    default:
      return true;
  }
}

// Sums of additive measures and of figures of flows and stocks, these times or divided by a
// constant, to date, and their differences.
bool IndicatorOracle::AddsUp(const Formula& formula) const {
  if (formula.has_measure()) return kAdditive.contains(formula.measure().name());
  if (formula.has_series()) {
    const pb::ObservationSeries& series =
        catalog_.At(formula.series().series()).observation_series();
    return series.form() == pb::SERIES_FORM_LEVEL &&
           IndicatorAt(series.indicator()).additivity() != pb::ADDITIVITY_NONE;
  }
  if (formula.has_indicator())
    return AddsUp(IndicatorAt(formula.indicator().indicator()).formula());
  if (formula.has_comparison()) {
    const Comparison& node = formula.comparison();
    const bool difference = node.form() == pb::COMPARISON_FORM_DIFFERENCE;
    return (node.kind() == pb::COMPARISON_KIND_YTD || difference) && AddsUp(node.of());
  }
  if (!formula.has_operation()) return false;
  const pb::OperationNode& node = formula.operation();
  int adding = 0, constants = 0;
  for (const Formula& operand : node.operands()) {
    adding += AddsUp(operand) ? 1 : 0;
    constants += operand.has_constant() ? 1 : 0;
  }
  if (node.kind() == pb::OPERATION_KIND_ADD || node.kind() == pb::OPERATION_KIND_SUBTRACT)
    return adding == node.operands_size();
  if (adding != 1 || constants + 1 != node.operands_size()) return false;
  return node.kind() == pb::OPERATION_KIND_MULTIPLY || AddsUp(node.operands(0));
}

}  // namespace tidemark::analytics::testing
