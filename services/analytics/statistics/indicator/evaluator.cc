#include "services/analytics/statistics/indicator/evaluator.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/geographies.h"
#include "services/analytics/query/ratios.h"
#include "services/analytics/statistics/indicator/unit_scale.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// Some two hundred bytes each.
constexpr size_t kMostValues = 500'000;
constexpr size_t kValuesPerCheck = 4'096;

std::string_view NameOf(const pb::Formula& formula) {
  switch (formula.node_case()) {
    case pb::Formula::kConstant:
      return "constant";
    case pb::Formula::kMeasure:
      return "measure";
    case pb::Formula::kSeries:
      return "series";
    case pb::Formula::kIndicator:
      return "indicator";
    case pb::Formula::kOperation:
      return "operation";
    default:
      return "comparison";
  }
}

}  // namespace

Evaluator::Evaluator(const StatisticContext& context, const FormulaBook& book,
                     std::span<const Query::Filter> filters)
    : context_(context),
      book_(book),
      places_(context),
      figures_(context),
      crossed_figures_(context, &figures_),
      denominators_(context, &figures_),
      measures_(context, filters, &places_, &periods_),
      changes_(ChangesOfPlaces(*context.view,
                               LastMomentOf(*context.calendar, context.snapshot, kEndOfTime))) {}

absl::Status Evaluator::Prepare(const std::vector<Spot>& spots) {
  collects_ = true;
  for (const Spot& spot : spots)
    TM_RETURN_IF_ERROR(Value(book_.indicator().formula(), {spot}, "").status());
  collects_ = false;
  values_.clear();
  computed_ = 0;
  TM_RETURN_IF_ERROR(figures_.Read());
  return measures_.Ask();
}

absl::StatusOr<NodeValue> Evaluator::Evaluate(const Spot& spot) {
  return Value(book_.indicator().formula(), {spot}, "");
}

absl::StatusOr<NodeValue> Evaluator::Evaluate(const Spot& spot, std::vector<NodeTrace>* trace) {
  trace_ = trace;
  absl::StatusOr<NodeValue> value = Evaluate(spot);
  trace_ = nullptr;
  return value;
}

absl::StatusOr<NodeValue> Evaluator::Value(const pb::Formula& formula, const At& at,
                                           const std::string& path) {
  const Key key(&formula, at);
  const auto known = values_.find(key);
  if (known != values_.end()) return known->second;
  if (++computed_ > kMostValues) {
    return status::WithReason(absl::ResourceExhaustedError(
                                  absl::StrCat("the formula has more than ", kMostValues,
                                               " values to compute; name fewer places or periods")),
                              "TOO_MANY_VALUES");
  }
  if (computed_ % kValuesPerCheck == 0 && context_.stop) TM_RETURN_IF_ERROR(context_.stop());
  std::string node =
      trace_ == nullptr ? "" : absl::StrCat(path, path.empty() ? "" : ".", NameOf(formula));
  // Before its parts, though it is known behind them.
  const size_t row = trace_ == nullptr ? 0 : trace_->size();
  if (trace_ != nullptr) {
    trace_->push_back({&formula, node, at.spot, {}, std::nullopt});
    if (formula.has_measure()) {
      trace_->back().query =
          measures_.QueryOf(measures_.NumberOf(formula.measure(), overs_[at.over]), at.spot);
    }
  }
  TM_ASSIGN_OR_RETURN(NodeValue value, Compute(formula, at, node));
  if (trace_ != nullptr) (*trace_)[row].value = value;
  values_.emplace(key, value);
  return value;
}

absl::StatusOr<NodeValue> Evaluator::Compute(const pb::Formula& formula, const At& at,
                                             const std::string& path) {
  switch (formula.node_case()) {
    case pb::Formula::kConstant:
      return OfConstant(formula.constant());
    case pb::Formula::kMeasure:
      return OfMeasure(formula.measure(), at);
    case pb::Formula::kSeries:
      return OfSeries(formula, at);
    case pb::Formula::kIndicator:
      return OfIndicator(formula.indicator(), at, path);
    case pb::Formula::kOperation:
      return OfOperation(formula.operation(), at, path);
    case pb::Formula::kComparison:
      return OfComparison(formula.comparison(), at, path);
    default:
      // Of a later release.
      return status::WithReason(
          absl::FailedPreconditionError(
              "the formula has a node that this release does not know; ask a newer one"),
          "FORMULA_NOT_ANSWERABLE");
  }
}

NodeValue Evaluator::OfConstant(const pb::ConstantNode& node) const {
  NodeValue value;
  value.value = ValueOf(node.value());
  if (node.has_unit()) value.value *= ScaleOf(node.unit());
  return value;
}

NodeValue Evaluator::OfMeasure(const pb::MeasureNode& node, const At& at) {
  const uint32_t measure = measures_.NumberOf(node, overs_[at.over]);
  if (!collects_) return measures_.Find(measure, at.spot);
  measures_.Want(measure, at.spot);
  return NodeValue();
}

absl::StatusOr<NodeValue> Evaluator::OfSeries(const Formula& formula, const At& at) {
  const pb::SeriesNode& node = formula.series();
  uint32_t place = at.spot.place;
  if (!node.region().empty()) {
    TM_ASSIGN_OR_RETURN(place, places_.NumberOf(node.region()));
  }
  const CrossedFigures::Asked asked = {
      .series = node.series(),
      .kind = KindOfFigure(book_.FindSeries(node.series()).unit(), book_.IsAdditive(formula)),
      .carried = node.carried()};
  const Period& period = periods_[at.spot.period];
  if (!collects_) return crossed_figures_.Find(asked, places_[place], period, at.spot.moment_us);
  crossed_figures_.Want(asked, places_[place], period, at.spot.moment_us);
  return NodeValue();
}

absl::StatusOr<NodeValue> Evaluator::OfIndicator(const pb::IndicatorNode& node, const At& at,
                                                 const std::string& path) {
  At there = at;
  if (!node.region().empty()) {
    TM_ASSIGN_OR_RETURN(there.spot.place, places_.NumberOf(node.region()));
  }
  return Value(book_.FindIndicator(node.indicator()).formula(), there,
               absl::StrCat(path, ".formula"));
}

absl::StatusOr<NodeValue> Evaluator::OfOperation(const pb::OperationNode& node, const At& at,
                                                 const std::string& path) {
  std::vector<NodeValue> operands;
  for (int i = 0; i < node.operands_size(); ++i) {
    TM_ASSIGN_OR_RETURN(operands.emplace_back(),
                        Value(node.operands(i), at, absl::StrCat(path, ".operands[", i, "]")));
  }
  NodeValue result = operands.front();
  for (size_t i = 1; i < operands.size(); ++i) {
    const NodeValue& operand = operands[i];
    result.Follow(operand);
    if (result.null == NullReason::kNone && operand.null != NullReason::kNone)
      result.SetNull(operand.null, operand.unknown);
  }
  if (result.null != NullReason::kNone) return result;
  for (size_t i = 1; i < operands.size(); ++i) {
    const base::Rational& operand = operands[i].value;
    switch (node.kind()) {
      case pb::OPERATION_KIND_ADD:
        result.value += operand;
        break;
      case pb::OPERATION_KIND_SUBTRACT:
        result.value -= operand;
        break;
      case pb::OPERATION_KIND_MULTIPLY:
        result.value *= operand;
        break;
      default: {
        const ExactNumber quotient = Quotient(result.value, operand, NullReason::kZeroDenominator);
        result.value = quotient.value;
        if (quotient.null != NullReason::kNone) result.SetNull(quotient.null);
      }
    }
  }
  return result;
}

}  // namespace tidemark::analytics
