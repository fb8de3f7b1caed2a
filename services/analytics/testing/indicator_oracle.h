#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_INDICATOR_ORACLE_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_INDICATOR_ORACLE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/analytics/query/table.h"
#include "services/analytics/testing/exact.h"
#include "services/analytics/testing/official_figures.h"
#include "services/analytics/testing/plain_catalog.h"
#include "services/analytics/testing/plain_spans.h"
#include "services/analytics/testing/world.h"
#include "tidemark/analytics/v1/query.pb.h"
#include "tidemark/catalog/v1/formula.pb.h"

namespace tidemark::analytics::testing {

// A value of a formula, in the plain unit of its node.
struct PlainNode {
  Exact value;
  NullReason null = NullReason::kNone;
  // Nobody told; as a base it is none.
  bool unknown = false;
  bool partial = false;
  // Place in A, R, P, E.
  int status = 0;
  bool carried = false, qualified = false, breaks = false, part_year = false;
  // Series and vintage.
  std::set<std::pair<std::string, std::string>> sources;

  void Follow(const PlainNode& from);
  void SetNull(NullReason why, bool is_unknown = false) { null = why, unknown = is_unknown; }
  // As answers have them.
  std::string Status() const;
  std::string Flags() const;
};

// 10^power, or a hundredth of percentages.
Exact ScaleOfUnit(const catalog::v1::Unit& unit);
// A figure as it is stated, in the plain unit of its series.
PlainNode NodeOfFigure(const PlainFigure& figure, const catalog::v1::Unit& unit);

// The values of formulas, by walking them and looping over plain events and figures.
class IndicatorOracle {
 public:
  // Nothing is owned. `filters`: of the request.
  IndicatorOracle(const World& world, const PlainCatalog& catalog, const OfficialFigures& figures,
                  uint64_t size, std::string scope, std::vector<v1::Filter> filters);
  ~IndicatorOracle();

  // In the plain unit. `place`: a name.
  PlainNode Value(const std::string& indicator, const std::string& place, const PlainSpan& span);
  // A year to date was asked of a period that has none.
  bool lacks_year_to_date() const { return lacks_year_to_date_; }
  bool ReadsFigures(const catalog::v1::Formula& formula) const;

 private:
  class Events;
  struct Where {
    std::string place;
    PlainSpan span;
    // Dimensions whose filters are left out.
    std::set<std::string> over;
  };
  struct Pair {
    PlainNode value, base;
    NullReason null = NullReason::kNone;
  };
  using Formula = catalog::v1::Formula;
  using Comparison = catalog::v1::ComparisonNode;

  const catalog::v1::Indicator& IndicatorAt(const std::string& name) const {
    return catalog_.At(name).indicator();
  }
  PlainNode Value(const Formula& formula, const Where& at);
  PlainNode OfMeasure(const catalog::v1::MeasureNode& node, const Where& at);
  PlainNode OfSeries(const catalog::v1::SeriesNode& node, const Where& at) const;
  PlainNode OfOperation(const catalog::v1::OperationNode& node, const Where& at);
  PlainNode OfComparison(const Comparison& node, const Where& at);
  PlainNode OfChange(const Comparison& node, const Where& at);
  PlainNode OfFarBase(const Comparison& node, const Where& at);
  PlainNode OfWhole(const Comparison& node, const Where& at);
  PlainNode OfDenominator(const Comparison& node, const Where& at);
  Pair Compare(const Formula& of, const Where& at, const std::optional<PlainSpan>& base);
  std::optional<PlainSpan> ToDate(const PlainSpan& span);
  std::optional<Where> WholeOf(const catalog::v1::ComparisonWhole& whole, const Where& at) const;
  bool IsRatio(const Formula& formula) const;
  bool AddsUp(const Formula& formula) const;

  const World& world_;
  const PlainCatalog& catalog_;
  const OfficialFigures& figures_;
  const uint64_t size_;
  const std::string scope_;
  const std::vector<v1::Filter> filters_;
  const PlainSpans spans_;
  bool lacks_year_to_date_ = false;
  // By the filters that they pass.
  std::map<std::string, std::unique_ptr<Events>> events_;
  std::map<std::string, PlainNode> known_;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_INDICATOR_ORACLE_H_
