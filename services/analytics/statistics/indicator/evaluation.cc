#include "services/analytics/statistics/indicator/evaluation.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/table_builder.h"
#include "services/analytics/statistics/indicator/evaluator.h"
#include "services/analytics/statistics/indicator/formula_text.h"
#include "services/analytics/statistics/indicator/named_periods.h"
#include "services/analytics/statistics/indicator/unit_scale.h"

namespace tidemark::analytics {
namespace {

constexpr size_t kMostRows = 100'000, kMostNodes = 20'000;

absl::Status CheckQuestion(const StatisticContext& context, const FormulaBook& book, size_t regions,
                           std::span<const Period> periods,
                           std::span<const Query::Filter> filters) {
  if (regions * periods.size() > kMostRows) {
    return status::WithReason(absl::ResourceExhaustedError(absl::StrCat(
                                  regions, " places in ", periods.size(), " periods; want at most ",
                                  kMostRows, " values together")),
                              "TOO_MANY_ROWS");
  }
  if (!filters.empty() && book.reads_series()) {
    return status::InvalidArgument(
        "filters",
        absl::StrCat(book.root().name(),
                     " reads reported figures, which cannot be filtered; leave the filters out"),
        "FILTERS_NOT_APPLICABLE");
  }
  const auto frequency = static_cast<Grain>(book.indicator().frequency());
  for (const Period& period : periods) {
    if (HoldsOne(*context.calendar, period, frequency)) continue;
    return status::InvalidArgument(
        "grain",
        absl::StrCat(PeriodName(*context.calendar, period), " is shorter than a ",
                     GrainName(frequency), ", the shortest period that ", book.root().name(),
                     " has values for"),
        "GRAIN_TOO_SHORT");
  }
  return absl::OkStatus();
}

class Explainer {
 public:
  Explainer(const FormulaBook& book, Evaluator& evaluator) : book_(book), evaluator_(evaluator) {}

  ExplainedNode Explain(const NodeTrace& trace) {
    ExplainedNode node;
    node.region = evaluator_.places()[trace.spot.place].name;
    node.period = evaluator_.periods()[trace.spot.period];
    node.path = trace.path;
    std::string& text = texts_[trace.formula];
    if (text.empty()) text = FormulaText(*trace.formula);
    node.text = text;
    node.value = {trace.value.value.ToDouble(), trace.value.null};
    node.unit = book_.UnitOf(*trace.formula);
    if (trace.formula->has_series()) {
      for (const uint32_t source : trace.value.sources)
        node.sources.push_back(evaluator_.figures().sources()[source]);
    }
    node.query = trace.query;
    return node;
  }

 private:
  const FormulaBook& book_;
  Evaluator& evaluator_;
  std::map<const catalog::v1::Formula*, std::string> texts_;
};

IndicatorValue Converted(const NodeValue& node, const catalog::v1::Unit& unit,
                         const Figures& figures) {
  IndicatorValue value;
  value.value = node.value / ScaleOf(unit);
  value.exact = node.exact;
  value.null = node.null;
  value.status = node.status;
  value.flags = node.flags;
  for (const uint32_t source : node.sources) value.sources.push_back(figures.sources()[source]);
  std::sort(value.sources.begin(), value.sources.end(),
            [](const ValueSource& a, const ValueSource& b) {
              return std::tie(a.series, a.vintage) < std::tie(b.series, b.vintage);
            });
  return value;
}

}  // namespace

absl::StatusOr<Evaluation> EvaluateFormula(const StatisticContext& context,
                                           std::string_view indicator,
                                           std::span<const std::string> regions,
                                           std::span<const Period> periods,
                                           std::span<const Query::Filter> filters, bool explain) {
  TM_ASSIGN_OR_RETURN(const FormulaBook book, FormulaBook::Read(context, indicator));
  TM_RETURN_IF_ERROR(CheckQuestion(context, book, regions.size(), periods, filters));
  Evaluator evaluator(context, book, filters);
  std::vector<Spot> spots;
  std::set<uint32_t> numbers;
  for (size_t r = 0; r < regions.size(); ++r) {
    const absl::StatusOr<uint32_t> place = evaluator.places().NumberOf(regions[r]);
    if (!place.ok()) {
      return status::WithFieldViolation(place.status(), absl::StrCat("regions[", r, "]"),
                                        place.status().message());
    }
    for (const Period& period : periods) {
      spots.push_back({*place, evaluator.periods().NumberOf(period)});
      numbers.insert(spots.back().period);
    }
  }
  TM_RETURN_IF_ERROR(evaluator.Prepare(spots));
  Evaluation evaluation;
  evaluation.unit = book.indicator().unit();
  evaluation.indicator_version = book.root().version();
  evaluation.formula = FormulaText(book.indicator().formula());
  std::map<uint32_t, PeriodCoverage> coverage;
  if (book.reads_events()) {
    TM_ASSIGN_OR_RETURN(coverage, evaluator.measures().CoverageOf(numbers));
  }
  Explainer explainer(book, evaluator);
  for (size_t i = 0; i < spots.size(); ++i) {
    std::vector<NodeTrace> trace;
    TM_ASSIGN_OR_RETURN(const NodeValue node,
                        evaluator.Evaluate(spots[i], explain ? &trace : nullptr));
    if (evaluation.nodes.size() + trace.size() > kMostNodes) {
      return status::WithReason(
          absl::ResourceExhaustedError(absl::StrCat("more than ", kMostNodes,
                                                    " nodes to explain; name fewer places or "
                                                    "periods")),
          "TOO_MANY_ROWS");
    }
    for (const NodeTrace& one : trace) evaluation.nodes.push_back(explainer.Explain(one));
    IndicatorValue value = Converted(node, evaluation.unit, evaluator.figures());
    value.region = regions[i / periods.size()];
    value.period = periods[i % periods.size()];
    evaluation.values.push_back(std::move(value));
    const auto covered = coverage.find(spots[i].period);
    evaluation.coverage.push_back(covered == coverage.end() ? PeriodCoverage() : covered->second);
  }
  evaluation.notes = evaluator.measures().notes();
  evaluation.region_role = evaluator.measures().region_role();
  evaluation.effects_scanned = evaluator.measures().effects_scanned();
  return evaluation;
}

absl::StatusOr<EvaluatedIndicator> EvaluateIndicator(const StatisticContext& context,
                                                     std::string_view indicator,
                                                     std::span<const std::string> regions,
                                                     std::span<const Period> periods,
                                                     std::span<const Query::Filter> filters) {
  TM_ASSIGN_OR_RETURN(Evaluation evaluation, EvaluateFormula(context, indicator, regions, periods,
                                                             filters, /*explain=*/false));
  return EvaluatedIndicator{std::move(evaluation.values), std::move(evaluation.notes)};
}

Table ValuesTable(const StatisticContext& context, const Evaluation& evaluation) {
  std::vector<Member> regions, periods, statuses, flags;
  for (const IndicatorValue& value : evaluation.values) {
    regions.push_back({value.region});
    periods.push_back({PeriodName(*context.calendar, value.period)});
    statuses.push_back({std::string(StatusLetter(value.status))});
    flags.push_back({FlagsText(value.flags)});
  }
  TableBuilder builder(evaluation.values.size());
  builder.AddTexts("region", ColumnKind::kDimension, nullptr, regions);
  builder.AddTexts("period", ColumnKind::kPeriod, nullptr, periods);
  Column& values = builder.AddDoubles("value", ColumnKind::kStatistic, UnitName(evaluation.unit));
  Column& complete = builder.AddIntegers("coverage_complete", ColumnKind::kCoverage, "source_days");
  Column& expected = builder.AddIntegers("coverage_expected", ColumnKind::kCoverage, "source_days");
  for (size_t row = 0; row < evaluation.values.size(); ++row) {
    SetNumber(&values, row, evaluation.values[row].ToNumber());
    complete.integers[row] = evaluation.coverage[row].complete;
    expected.integers[row] = evaluation.coverage[row].expected;
  }
  builder.AddTexts("status", ColumnKind::kStatus, nullptr, statuses);
  builder.AddTexts("flags", ColumnKind::kFlags, nullptr, flags);
  Table table = std::move(builder).Build();
  table.notes = evaluation.notes;
  table.region_role = evaluation.region_role;
  return table;
}

Table NodesTable(const StatisticContext& context, const Evaluation& evaluation,
                 const std::function<std::string(const Query&)>& canonical) {
  std::vector<Member> regions, periods, paths, texts, units, sources;
  for (const ExplainedNode& node : evaluation.nodes) {
    regions.push_back({node.region});
    periods.push_back({PeriodName(*context.calendar, node.period)});
    paths.push_back({node.path});
    texts.push_back({node.text});
    units.push_back({UnitName(node.unit)});
    sources.push_back(
        {node.query
             ? canonical(*node.query)
             : absl::StrJoin(node.sources, ", ", [](std::string* out, const ValueSource& source) {
                 absl::StrAppend(out, source.series, " ", source.vintage);
               })});
  }
  TableBuilder builder(evaluation.nodes.size());
  builder.AddTexts("region", ColumnKind::kDimension, nullptr, regions);
  builder.AddTexts("period", ColumnKind::kPeriod, nullptr, periods);
  builder.AddTexts("node", ColumnKind::kStatistic, nullptr, paths);
  builder.AddTexts("text", ColumnKind::kStatistic, nullptr, texts);
  Column& values = builder.AddDoubles("value", ColumnKind::kStatistic, "");
  for (size_t row = 0; row < evaluation.nodes.size(); ++row)
    SetNumber(&values, row, evaluation.nodes[row].value);
  builder.AddTexts("unit", ColumnKind::kStatistic, nullptr, units);
  builder.AddTexts("source", ColumnKind::kStatistic, nullptr, sources);
  return std::move(builder).Build();
}

}  // namespace tidemark::analytics
