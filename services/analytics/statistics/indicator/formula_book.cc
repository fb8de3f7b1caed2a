#include "services/analytics/statistics/indicator/formula_book.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/vocabulary.h"
#include "services/analytics/statistics/indicator/unit_scale.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// As the catalog allows; a bound should it ever let more.
constexpr int kMostIndicators = 16;

pb::Unit Of(pb::UnitKind kind) {
  pb::Unit unit;
  unit.set_kind(kind);
  return unit;
}

pb::Unit PerPerson(pb::Unit unit) {
  unit.set_per(pb::UNIT_PER_PERSON);
  return unit;
}

bool IsRatio(const pb::Unit& unit) { return unit.kind() == pb::UNIT_KIND_RATIO; }

pb::Unit UnitOfMeasure(const pb::MeasureNode& node, const std::string& currency) {
  const MeasureWord* const word = FindMeasure(node.name());
  switch (word == nullptr ? Unit::kRatio : word->unit) {
    case Unit::kMoney: {
      pb::Unit unit = Of(pb::UNIT_KIND_MONEY);
      unit.set_currency(currency);
      return unit;
    }
    case Unit::kCount:
    case Unit::kItems:
    case Unit::kOrders:
      return Of(pb::UNIT_KIND_COUNT);
    case Unit::kPseudonyms:
      return Of(pb::UNIT_KIND_PSEUDONYMS);
    default:
      return Of(pb::UNIT_KIND_RATIO);
  }
}

bool IsDifference(const pb::ComparisonNode& node) {
  return node.form() == pb::COMPARISON_FORM_DIFFERENCE;
}

}  // namespace

absl::StatusOr<FormulaBook> FormulaBook::Read(const StatisticContext& context,
                                              std::string_view indicator) {
  FormulaBook book;
  book.context_ = &context;
  TM_RETURN_IF_ERROR(book.AddIndicator(indicator, 0));
  book.root_ = book.indicators_.find(indicator)->second;
  return book;
}

absl::Status FormulaBook::AddIndicator(std::string_view name, int depth) {
  if (depth > kMostIndicators) {
    return status::WithReason(
        absl::FailedPreconditionError(absl::StrCat(name, ": more than ", kMostIndicators,
                                                   " indicators one inside the other")),
        "TOO_DEEP");
  }
  if (indicators_.contains(name)) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(auto resource,
                      context_->catalog->Get(name, context_->snapshot.catalog_version));
  if (!resource->indicator().has_formula()) {
    return status::WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            name, " has no formula: it is only reported; ask for its observations, or reconcile")),
        "NO_FORMULA");
  }
  const pb::Formula& formula = resource->indicator().formula();
  indicators_.emplace(name, std::move(resource));
  return Add(formula, depth);
}

absl::Status FormulaBook::AddSeries(std::string_view name) {
  if (series_.contains(name)) return absl::OkStatus();
  const uint64_t version = context_->snapshot.catalog_version;
  TM_ASSIGN_OR_RETURN(auto resource, context_->catalog->Get(name, version));
  const std::string& stated = resource->observation_series().indicator();
  if (!stated_.contains(stated)) {
    TM_ASSIGN_OR_RETURN(auto indicator, context_->catalog->Get(stated, version));
    stated_.emplace(stated, std::move(indicator));
  }
  series_.emplace(name, std::move(resource));
  return absl::OkStatus();
}

absl::Status FormulaBook::Add(const pb::Formula& formula, int depth) {
  switch (formula.node_case()) {
    case pb::Formula::kMeasure:
      reads_events_ = true;
      break;
    case pb::Formula::kSeries:
      TM_RETURN_IF_ERROR(AddSeries(formula.series().series()));
      break;
    case pb::Formula::kIndicator:
      TM_RETURN_IF_ERROR(AddIndicator(formula.indicator().indicator(), depth + 1));
      break;
    case pb::Formula::kOperation:
      for (const pb::Formula& operand : formula.operation().operands())
        TM_RETURN_IF_ERROR(Add(operand, depth));
      break;
    case pb::Formula::kComparison:
      TM_RETURN_IF_ERROR(Add(formula.comparison().of(), depth));
      break;
    default:
      break;
  }
  units_.emplace(&formula, MakeUnit(formula));
  additive_.emplace(&formula, AddsUp(formula));
  return absl::OkStatus();
}

const pb::Indicator& FormulaBook::FindIndicator(std::string_view name) const {
  return indicators_.find(name)->second->indicator();
}

const pb::ObservationSeries& FormulaBook::FindSeries(std::string_view name) const {
  return series_.find(name)->second->observation_series();
}

const pb::Unit& FormulaBook::UnitOf(const pb::Formula& formula) const {
  return units_.at(&formula);
}

// The rules are those by which the catalog has checked the formula.
pb::Unit FormulaBook::MakeUnit(const pb::Formula& formula) const {
  switch (formula.node_case()) {
    case pb::Formula::kConstant:
      return formula.constant().has_unit() ? PlainUnit(formula.constant().unit())
                                           : Of(pb::UNIT_KIND_RATIO);
    case pb::Formula::kMeasure:
      return UnitOfMeasure(formula.measure(), context_->currency());
    case pb::Formula::kSeries:
      return PlainUnit(FindSeries(formula.series().series()).unit());
    case pb::Formula::kIndicator:
      return PlainUnit(FindIndicator(formula.indicator().indicator()).unit());
    case pb::Formula::kOperation: {
      const pb::OperationNode& node = formula.operation();
      const pb::Unit& first = UnitOf(node.operands(0));
      if (node.kind() == pb::OPERATION_KIND_DIVIDE) {
        const pb::Unit& second = UnitOf(node.operands(1));
        if (IsRatio(second)) return first;
        const bool people = second.kind() == pb::UNIT_KIND_PERSONS &&
                            (first.kind() != pb::UNIT_KIND_PERSONS || first.per() != second.per());
        return people ? PerPerson(first) : Of(pb::UNIT_KIND_RATIO);
      }
      if (node.kind() != pb::OPERATION_KIND_MULTIPLY) return first;
      for (const pb::Formula& operand : node.operands()) {
        if (!IsRatio(UnitOf(operand))) return UnitOf(operand);
      }
      return first;
    }
    case pb::Formula::kComparison: {
      const pb::ComparisonNode& node = formula.comparison();
      const pb::Unit& of = UnitOf(node.of());
      switch (node.kind()) {
        case pb::COMPARISON_KIND_PREV:
        case pb::COMPARISON_KIND_YOY:
        case pb::COMPARISON_KIND_YTD_YOY:
          if (!IsDifference(node)) return Of(pb::UNIT_KIND_RATIO);
          return IsRatio(of) ? Of(pb::UNIT_KIND_PERCENTAGE_POINTS) : of;
        case pb::COMPARISON_KIND_YTD:
          return of;
        case pb::COMPARISON_KIND_CONTRIBUTION:
          return Of(pb::UNIT_KIND_PERCENTAGE_POINTS);
        case pb::COMPARISON_KIND_PER_CAPITA:
          return PerPerson(of);
        case pb::COMPARISON_KIND_INDEX:
          return Of(pb::UNIT_KIND_INDEX);
        default:
          return Of(pb::UNIT_KIND_RATIO);
      }
    }
    default:
      return Of(pb::UNIT_KIND_RATIO);
  }
}

bool FormulaBook::IsAdditive(const pb::Formula& formula) const {
  const auto found = additive_.find(&formula);
  return found != additive_.end() && found->second;
}

bool FormulaBook::AddsUp(const pb::Formula& formula) const {
  switch (formula.node_case()) {
    case pb::Formula::kMeasure: {
      const MeasureWord* const word = FindMeasure(formula.measure().name());
      return word != nullptr && word->additive;
    }
    case pb::Formula::kSeries: {
      const pb::ObservationSeries& series = FindSeries(formula.series().series());
      return series.form() == pb::SERIES_FORM_LEVEL &&
             stated_.find(series.indicator())->second->indicator().additivity() !=
                 pb::ADDITIVITY_NONE;
    }
    case pb::Formula::kIndicator:
      return IsAdditive(FindIndicator(formula.indicator().indicator()).formula());
    case pb::Formula::kOperation: {
      // Sums of what adds up, and that times or divided by numbers.
      const pb::OperationNode& node = formula.operation();
      const auto additive =
          std::count_if(node.operands().begin(), node.operands().end(),
                        [this](const pb::Formula& operand) { return IsAdditive(operand); });
      if (node.kind() == pb::OPERATION_KIND_ADD || node.kind() == pb::OPERATION_KIND_SUBTRACT)
        return additive == node.operands_size();
      const auto constant =
          std::count_if(node.operands().begin(), node.operands().end(),
                        [](const pb::Formula& operand) { return operand.has_constant(); });
      if (additive != 1 || constant != node.operands_size() - 1) return false;
      return node.kind() == pb::OPERATION_KIND_MULTIPLY || !node.operands(0).has_constant();
    }
    case pb::Formula::kComparison: {
      const pb::ComparisonNode& node = formula.comparison();
      return (node.kind() == pb::COMPARISON_KIND_YTD || IsDifference(node)) &&
             IsAdditive(node.of());
    }
    default:
      return false;
  }
}

}  // namespace tidemark::analytics
