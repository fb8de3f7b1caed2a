#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_EVALUATOR_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_EVALUATOR_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "services/analytics/statistics/indicator/crossed_figures.h"
#include "services/analytics/statistics/indicator/denominators.h"
#include "services/analytics/statistics/indicator/figures.h"
#include "services/analytics/statistics/indicator/formula_book.h"
#include "services/analytics/statistics/indicator/measures_asked.h"
#include "services/analytics/statistics/indicator/places.h"
#include "services/analytics/statistics/indicator/value.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

// A node that was evaluated, for explanations.
struct NodeTrace {
  const catalog::v1::Formula* formula = nullptr;
  // `operation.operands[0].measure`; inside of another indicator `....indicator.formula.measure`.
  std::string path;
  Spot spot;
  NodeValue value;
  // Of a measure.
  std::optional<Query> query;
};

// Evaluator: the value of a formula at spots. Walks every formula twice: first to learn what is
// read of events and figures, so that it is asked for together, then to compute. What is the same
// is computed once.
class Evaluator {
 public:
  // Nothing is owned; `filters` are those of the request.
  Evaluator(const StatisticContext& context, const FormulaBook& book,
            std::span<const Query::Filter> filters);

  EvaluatedPlaces& places() { return places_; }
  Periods& periods() { return periods_; }
  // By whose regions and groups what ends with `end_us` is compared with what was before it: a
  // Spot::moment_us, the same as long as they do not change.
  int64_t MomentOf(int64_t end_us) const;
  const MeasuresAsked& measures() const { return measures_; }
  const Figures& figures() const { return figures_; }

  // Reads what the formula of the book needs there. Once. RESOURCE_EXHAUSTED (TOO_MANY_VALUES).
  // INVALID_ARGUMENT (GRAIN_INVALID): year to date of a period that has none. Errors of
  // MeasuresAsked::Ask, Figures::Read and NodeDenominators.
  absl::Status Prepare(const std::vector<Spot>& spots);
  // One of the spots, in the plain unit.
  absl::StatusOr<NodeValue> Evaluate(const Spot& spot);
  // Also every node, its parts behind it, each formula, spot and set of filters once.
  absl::StatusOr<NodeValue> Evaluate(const Spot& spot, std::vector<NodeTrace>* trace);

 private:
  // What is evaluated: a formula somewhere, without filters on a set of dimensions.
  struct At {
    Spot spot;
    uint32_t over = 0;
    friend bool operator==(const At&, const At&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const At& at) {
      return H::combine(std::move(h), at.spot, at.over);
    }
  };
  using Formula = catalog::v1::Formula;
  using Comparison = catalog::v1::ComparisonNode;
  using Key = std::pair<const Formula*, At>;

  absl::StatusOr<NodeValue> Value(const Formula& formula, const At& at, const std::string& path);
  absl::StatusOr<NodeValue> Compute(const Formula& formula, const At& at, const std::string& path);
  NodeValue OfConstant(const catalog::v1::ConstantNode& node) const;
  NodeValue OfMeasure(const catalog::v1::MeasureNode& node, const At& at);
  // A node that is a figure.
  absl::StatusOr<NodeValue> OfSeries(const Formula& formula, const At& at);
  absl::StatusOr<NodeValue> OfIndicator(const catalog::v1::IndicatorNode& node, const At& at,
                                        const std::string& path);
  absl::StatusOr<NodeValue> OfOperation(const catalog::v1::OperationNode& node, const At& at,
                                        const std::string& path);

  // In comparisons.cc, as all below.
  absl::StatusOr<NodeValue> OfComparison(const Comparison& node, const At& at,
                                         const std::string& path);
  struct Pair {
    NodeValue value, base;
    // Why the two have no comparison.
    NullReason null = NullReason::kNone;
  };
  absl::StatusOr<Pair> Compare(const Formula& of, const At& at, const Period& period,
                               const std::optional<Period>& base, const std::string& path);
  absl::StatusOr<NodeValue> OfChange(const Comparison& node, const At& at, const std::string& path);
  absl::StatusOr<NodeValue> OfFarBase(const Comparison& node, const At& at,
                                      const std::string& path);
  absl::StatusOr<NodeValue> OfWhole(const Comparison& node, const At& at, const std::string& path);
  absl::StatusOr<NodeValue> PerHead(const Comparison& node, const At& at, const std::string& path);
  absl::StatusOr<NodeValue> ToGdp(const Comparison& node, const At& at, const std::string& path);
  absl::StatusOr<Period> ToDate(const Period& period) const;
  // Where the whole is; none: there is no such place.
  absl::StatusOr<std::optional<At>> WholeAt(const catalog::v1::ComparisonWhole& whole,
                                            const At& at);
  uint32_t OverOf(uint32_t over, const catalog::v1::ComparisonWhole& whole);
  At In(const At& at, const Period& period);
  // By the regions and groups of the later of the two, unless an outer comparison goes further.
  At Compared(const At& at, const Period& period, const std::optional<Period>& base) const;

  const StatisticContext& context_;
  const FormulaBook& book_;
  EvaluatedPlaces places_;
  Periods periods_;
  Figures figures_;
  CrossedFigures crossed_figures_;
  NodeDenominators denominators_;
  MeasuresAsked measures_;
  // Times at which regions or members of groups change, up to the snapshot.
  std::vector<int64_t> changes_;
  std::vector<std::set<std::string>> overs_ = {{}};
  // The first walk: leaves say what they want, and have no value.
  bool collects_ = false;
  size_t computed_ = 0;
  absl::flat_hash_map<Key, NodeValue> values_;
  std::vector<NodeTrace>* trace_ = nullptr;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_EVALUATOR_H_
