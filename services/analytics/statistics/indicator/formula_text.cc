#include "services/analytics/statistics/indicator/formula_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cpp/catalog/enum_word.h"
#include "clients/cpp/catalog/period_text.h"
#include "clients/cpp/query/canonical.h"
#include "services/analytics/statistics/indicator/unit_scale.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// How tightly a node holds together: what binds less than its surroundings gets parentheses.
enum Binding { kSum = 0, kProduct = 1, kWhole = 2 };

std::string Word(const google::protobuf::EnumDescriptor* type, int number) {
  return absl::AsciiStrToLower(catalog_client::EnumWord(*type, number));
}

// As the query language has filters.
std::string FilterText(const pb::FormulaFilter& filter) {
  std::vector<std::string> codes(filter.codes().begin(), filter.codes().end());
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  for (std::string& code : codes) code = query::QuotedCode(code);
  if (codes.empty())
    return absl::StrCat(filter.dimension(), filter.exclude() ? " is not unknown" : " is unknown");
  if (codes.size() == 1 && !filter.unknown())
    return absl::StrCat(filter.dimension(), filter.exclude() ? " != " : " = ", codes.front());
  if (filter.unknown()) codes.push_back("unknown");
  return absl::StrCat(filter.dimension(), filter.exclude() ? " not in (" : " in (",
                      absl::StrJoin(codes, ", "), ")");
}

// `net where category = games and channel = ONLINE by provider_region`.
std::string MeasureText(const pb::MeasureNode& node, Binding* binding) {
  std::string text =
      node.quantile() == 0 ? node.name() : absl::StrCat(node.name(), "(", node.quantile(), ")");
  if (!node.filters().empty()) {
    absl::StrAppend(&text, " where ",
                    absl::StrJoin(node.filters(), " and ",
                                  [](std::string* out, const pb::FormulaFilter& filter) {
                                    out->append(FilterText(filter));
                                  }));
    *binding = kSum;
  }
  if (!node.place().empty() && node.place() != "consumer_region") {
    absl::StrAppend(&text, " by ", node.place());
    *binding = kSum;
  }
  return text;
}

std::string WholeText(const pb::ComparisonWhole& whole) {
  std::vector<std::string> parts;
  if (whole.level() != pb::REGION_LEVEL_UNSPECIFIED)
    parts.push_back(absl::StrCat("@", Word(pb::RegionLevel_descriptor(), whole.level())));
  if (!whole.region().empty()) parts.push_back(whole.region());
  if (!whole.over().empty())
    parts.push_back(absl::StrCat("all ", absl::StrJoin(whole.over(), " and ")));
  return absl::StrCat(" of ", absl::StrJoin(parts, ", "));
}

std::string ComparisonText(const pb::ComparisonNode& node) {
  std::string name = Word(pb::ComparisonKind_descriptor(), node.kind());
  if (node.form() == pb::COMPARISON_FORM_DIFFERENCE) name += "_diff";
  std::string inner = FormulaText(node.of());
  if (node.has_whole()) absl::StrAppend(&inner, WholeText(node.whole()));
  if (node.intervals() != 0) absl::StrAppend(&inner, ", ", node.intervals());
  if (node.has_base())
    absl::StrAppend(&inner, ", ", catalog_client::PeriodText(node.base()).value_or("?"));
  const pb::PopulationBasis& basis = node.population();
  if (basis.kind() == pb::POPULATION_KIND_REGISTERED) inner += ", registered";
  if (basis.time() == pb::POPULATION_TIME_YEAR_END) inner += ", year_end";
  return absl::StrCat(name, "(", inner, ")");
}

std::string Text(const pb::Formula& formula, Binding* binding);

// `least`: what an operand must bind at least, not to need parentheses.
std::string Operand(const pb::Formula& formula, Binding least) {
  Binding binding = kWhole;
  std::string text = Text(formula, &binding);
  return binding < least ? absl::StrCat("(", text, ")") : text;
}

std::string OperationText(const pb::OperationNode& node, Binding* binding) {
  const bool sum =
      node.kind() == pb::OPERATION_KIND_ADD || node.kind() == pb::OPERATION_KIND_SUBTRACT;
  *binding = sum ? kSum : kProduct;
  const char* const sign = node.kind() == pb::OPERATION_KIND_ADD        ? " + "
                           : node.kind() == pb::OPERATION_KIND_SUBTRACT ? " - "
                           : node.kind() == pb::OPERATION_KIND_MULTIPLY ? " * "
                                                                        : " / ";
  std::vector<std::string> operands;
  for (int i = 0; i < node.operands_size(); ++i) {
    // Behind - and / equal binding is not enough; a sum of sums is told as the tree has it.
    const Binding least = sum || i == 0 ? kProduct : kWhole;
    operands.push_back(Operand(node.operands(i), least));
  }
  return absl::StrJoin(operands, sign);
}

std::string Named(std::string_view name, std::string_view region, bool carried) {
  std::string text(name);
  if (!region.empty()) absl::StrAppend(&text, " of ", region);
  if (carried) absl::StrAppend(&text, " carried");
  return text;
}

std::string Text(const pb::Formula& formula, Binding* binding) {
  switch (formula.node_case()) {
    case pb::Formula::kConstant: {
      const pb::ConstantNode& node = formula.constant();
      if (!node.has_unit() || UnitName(node.unit()) == "ratio") return node.value().value();
      return absl::StrCat(node.value().value(), " [", UnitName(node.unit()), "]");
    }
    case pb::Formula::kMeasure:
      return MeasureText(formula.measure(), binding);
    case pb::Formula::kSeries: {
      const pb::SeriesNode& node = formula.series();
      if (!node.region().empty() || node.carried()) *binding = kSum;
      return Named(node.series(), node.region(), node.carried());
    }
    case pb::Formula::kIndicator: {
      const pb::IndicatorNode& node = formula.indicator();
      if (!node.region().empty()) *binding = kSum;
      return Named(node.indicator(), node.region(), false);
    }
    case pb::Formula::kOperation:
      return OperationText(formula.operation(), binding);
    case pb::Formula::kComparison:
      return ComparisonText(formula.comparison());
    default:
      return "?";
  }
}

}  // namespace

std::string FormulaText(const pb::Formula& formula) {
  Binding binding = kWhole;
  return Text(formula, &binding);
}

}  // namespace tidemark::analytics
