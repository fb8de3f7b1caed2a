#include "services/catalog/types/check_formula.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "clients/cpp/query/words.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

constexpr int kMostDepth = 16;
constexpr int kMostNodes = 256;
constexpr std::string_view kPlaces[] = {"consumer_region", "provider_region", "place_of_use"};
// Of what the catalog says of an event's category and provider.
constexpr std::string_view kCatalogDimensions[] = {"information_content", "category_nature",
                                                   "provider_size", "provider_kind"};

bool IsMeasure(std::string_view name) {
  return std::any_of(std::begin(query::kMeasureNames), std::end(query::kMeasureNames),
                     [&](const query::MeasureName& measure) { return measure.name == name; });
}

template <size_t n>
bool IsOneOf(std::string_view name, const std::string_view (&names)[n]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

void CheckMeasure(const v1::MeasureNode& measure, const std::string& path, Report& report) {
  if (!IsMeasure(measure.name())) {
    report.AddTyped(absl::StrCat(path, ".name"),
                    absl::StrCat(Quoted(measure.name()),
                                 " is no measure; want one of docs/statistics.md, such as net"),
                    "UNKNOWN_MEASURE");
  }
  if ((measure.name() == "quantile") != (measure.quantile() != 0)) {
    report.AddTyped(absl::StrCat(path, ".quantile"),
                    measure.quantile() == 0 ? "missing; want ten-thousandths, 1 to 10,000"
                                            : "only with the measure quantile; leave it out");
  }
  if (!measure.place().empty() && !IsOneOf(measure.place(), kPlaces)) {
    report.AddTyped(absl::StrCat(path, ".place"),
                    absl::StrCat(Quoted(measure.place()),
                                 ", want consumer_region, provider_region or place_of_use"));
  }
  for (int i = 0; i < measure.filters_size(); ++i) {
    const v1::FormulaFilter& filter = measure.filters(i);
    const std::string at = absl::StrCat(path, ".filters[", i, "]");
    if (!IsOneOf(filter.dimension(), query::kDimensionNames) &&
        !IsOneOf(filter.dimension(), kCatalogDimensions)) {
      report.AddTyped(absl::StrCat(at, ".dimension"),
                      absl::StrCat(Quoted(filter.dimension()),
                                   " is no dimension; want one of queries, such as category, or "
                                   "information_content, category_nature, provider_size, "
                                   "provider_kind"),
                      "UNKNOWN_DIMENSION");
    }
    if (filter.codes().empty() && !filter.unknown()) {
      report.AddTyped(absl::StrCat(at, ".codes"), "missing; required unless `unknown`");
    }
  }
}

// A field that some kinds need and the others refuse.
void CheckNeeded(bool is_needed, bool is_there, const std::string& path, Report& report) {
  if (is_needed == is_there) return;
  report.AddTyped(path, is_needed ? "missing; this kind of comparison needs it"
                                  : "does not go with this kind of comparison; leave it out");
}

void CheckComparison(const v1::ComparisonNode& node, const std::string& path, Report& report) {
  const v1::ComparisonKind kind = node.kind();
  CheckNeeded(kind == v1::COMPARISON_KIND_PREV || kind == v1::COMPARISON_KIND_YOY ||
                  kind == v1::COMPARISON_KIND_YTD_YOY,
              node.form() != v1::COMPARISON_FORM_UNSPECIFIED, absl::StrCat(path, ".form"), report);
  CheckNeeded(kind == v1::COMPARISON_KIND_CAGR, node.intervals() != 0,
              absl::StrCat(path, ".intervals"), report);
  CheckNeeded(kind == v1::COMPARISON_KIND_INDEX, node.has_base(), absl::StrCat(path, ".base"),
              report);
  CheckNeeded(kind == v1::COMPARISON_KIND_SHARE || kind == v1::COMPARISON_KIND_CONTRIBUTION ||
                  kind == v1::COMPARISON_KIND_CONTRIBUTION_RATE,
              node.has_whole(), absl::StrCat(path, ".whole"), report);
  if (node.has_population() && kind != v1::COMPARISON_KIND_PER_CAPITA) {
    CheckNeeded(false, true, absl::StrCat(path, ".population"), report);
  }
  if (!node.has_whole()) return;
  const v1::ComparisonWhole& whole = node.whole();
  const bool level = whole.level() != v1::REGION_LEVEL_UNSPECIFIED;
  if (!level && whole.region().empty() && whole.over().empty()) {
    report.AddTyped(absl::StrCat(path, ".whole"), "want level, region or over");
  }
  if (level && !whole.region().empty()) {
    report.AddTyped(absl::StrCat(path, ".whole.region"), "not with level; leave one out");
  }
  for (int i = 0; i < whole.over_size(); ++i) {
    if (IsOneOf(whole.over(i), query::kDimensionNames) ||
        IsOneOf(whole.over(i), kCatalogDimensions)) {
      continue;
    }
    report.AddTyped(absl::StrCat(path, ".whole.over[", i, "]"),
                    absl::StrCat(Quoted(whole.over(i)), " is no dimension"), "UNKNOWN_DIMENSION");
  }
}

// Counts nodes as it goes; false once the formula is too large.
class ShapeCheck {
 public:
  explicit ShapeCheck(Report& report) : report_(report) {}

  bool Check(const v1::Formula& formula, const std::string& path, int depth) {
    if (++nodes_ > kMostNodes || depth > kMostDepth) {
      report_.AddTyped(
          path,
          absl::StrCat("the formula has more than ", kMostNodes, " nodes, or ", kMostDepth,
                       " one inside the other; make parts of it indicators"),
          "FORMULA_TOO_LARGE");
      return false;
    }
    switch (formula.node_case()) {
      case v1::Formula::NODE_NOT_SET:
        report_.AddTyped(path, "missing; want one node");
        return true;
      case v1::Formula::kMeasure:
        CheckMeasure(formula.measure(), absl::StrCat(path, ".measure"), report_);
        return true;
      case v1::Formula::kOperation:
        return CheckOperation(formula.operation(), absl::StrCat(path, ".operation"), depth);
      case v1::Formula::kComparison: {
        const std::string at = absl::StrCat(path, ".comparison");
        CheckComparison(formula.comparison(), at, report_);
        return Check(formula.comparison().of(), absl::StrCat(at, ".of"), depth + 1);
      }
      default:
        return true;
    }
  }

 private:
  bool CheckOperation(const v1::OperationNode& node, const std::string& path, int depth) {
    const bool two =
        node.kind() == v1::OPERATION_KIND_SUBTRACT || node.kind() == v1::OPERATION_KIND_DIVIDE;
    if (node.operands_size() < 2 || (two && node.operands_size() > 2)) {
      report_.AddTyped(absl::StrCat(path, ".operands"),
                       absl::StrCat(node.operands_size(), ", want ", two ? "2" : "2 to 64"));
    }
    for (int i = 0; i < node.operands_size(); ++i) {
      if (!Check(node.operands(i), absl::StrCat(path, ".operands[", i, "]"), depth + 1)) {
        return false;
      }
    }
    return true;
  }

  Report& report_;
  int nodes_ = 0;
};

}  // namespace

void CheckFormulaShape(const v1::Formula& formula, const std::string& path, Report& report) {
  ShapeCheck(report).Check(formula, path, 1);
}

bool HasMeasure(const v1::Formula& formula) {
  if (formula.has_measure()) return true;
  if (formula.has_comparison()) return HasMeasure(formula.comparison().of());
  return formula.has_operation() && std::any_of(formula.operation().operands().begin(),
                                                formula.operation().operands().end(), HasMeasure);
}

}  // namespace tidemark::catalog
