#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/query/words.h"
#include "services/catalog/types/check_formula.h"
#include "services/catalog/types/type_rules.h"
#include "tidemark/catalog/v1/indicators.pb.h"
#include "tidemark/catalog/v1/observations.pb.h"

namespace tidemark::catalog {
namespace {

using Units = std::optional<v1::Unit>;

v1::Unit Of(v1::UnitKind kind) {
  v1::Unit unit;
  unit.set_kind(kind);
  return unit;
}

bool IsRatio(const v1::Unit& unit) { return unit.kind() == v1::UNIT_KIND_RATIO; }
// Whether growth of it would be growth of a ratio.
bool IsRatioLike(const v1::Unit& unit) {
  return IsRatio(unit) || unit.kind() == v1::UNIT_KIND_PERCENTAGE_POINTS;
}

class UnitCheck {
 public:
  UnitCheck(const std::string& currency, const ResourceLookup& after, Report& report)
      : currency_(currency), after_(after), report_(report) {}

  Units Check(const v1::Formula& formula, const std::string& path) {
    switch (formula.node_case()) {
      case v1::Formula::kConstant:
        return formula.constant().has_unit() ? PlainUnit(formula.constant().unit())
                                             : Of(v1::UNIT_KIND_RATIO);
      case v1::Formula::kMeasure:
        return OfMeasure(formula.measure());
      case v1::Formula::kSeries:
        return OfSeries(formula.series(), absl::StrCat(path, ".series"));
      case v1::Formula::kIndicator:
        return OfIndicator(formula.indicator(), absl::StrCat(path, ".indicator"));
      case v1::Formula::kOperation:
        return OfOperation(formula.operation(), absl::StrCat(path, ".operation"));
      case v1::Formula::kComparison:
        return OfComparison(formula.comparison(), absl::StrCat(path, ".comparison"));
      default:
        return std::nullopt;
    }
  }

 private:
  Units Mismatch(const std::string& path, std::string_view message) {
    report_.AddTyped(path, message, "UNIT_MISMATCH");
    return std::nullopt;
  }

  Units OfMeasure(const v1::MeasureNode& node) const {
    const auto measure =
        std::find_if(std::begin(query::kMeasureNames), std::end(query::kMeasureNames),
                     [&](const query::MeasureName& word) { return word.name == node.name(); });
    if (measure == std::end(query::kMeasureNames)) return std::nullopt;
    switch (measure->unit) {
      case query::MeasureUnit::kMoney: {
        v1::Unit unit = Of(v1::UNIT_KIND_MONEY);
        unit.set_currency(currency_);
        return unit;
      }
      case query::MeasureUnit::kCount:
        return Of(v1::UNIT_KIND_COUNT);
      case query::MeasureUnit::kPseudonyms:
        return Of(v1::UNIT_KIND_PSEUDONYMS);
      default:
        return Of(v1::UNIT_KIND_RATIO);
    }
  }

  Units OfSeries(const v1::SeriesNode& node, const std::string& path) {
    const auto series = FindMessage<v1::ObservationSeries>(after_, node.series());
    if (!series) return std::nullopt;
    if (node.carried()) {
      const auto indicator = FindMessage<v1::Indicator>(after_, series->indicator());
      if (indicator && indicator->additivity() != v1::ADDITIVITY_STOCK) {
        report_.AddTyped(absl::StrCat(path, ".carried"),
                         absl::StrCat("only of stocks, and ", series->indicator(), " is none"));
      }
    }
    return PlainUnit(series->unit());
  }

  Units OfIndicator(const v1::IndicatorNode& node, const std::string& path) {
    const auto indicator = FindMessage<v1::Indicator>(after_, node.indicator());
    if (!indicator) return std::nullopt;
    if (!indicator->has_formula()) {
      report_.AddTyped(absl::StrCat(path, ".indicator"),
                       absl::StrCat(node.indicator(), " has no formula; name its series instead"));
    }
    return PlainUnit(indicator->unit());
  }

  Units OfOperation(const v1::OperationNode& node, const std::string& path) {
    std::vector<v1::Unit> units;
    bool whole = true;
    for (int i = 0; i < node.operands_size(); ++i) {
      const Units unit = Check(node.operands(i), absl::StrCat(path, ".operands[", i, "]"));
      if (!unit) {
        whole = false;
      } else {
        units.push_back(*unit);
      }
    }
    if (!whole || units.size() < 2) return std::nullopt;
    if (node.kind() == v1::OPERATION_KIND_DIVIDE) return OfQuotient(units[0], units[1], path);
    if (node.kind() == v1::OPERATION_KIND_MULTIPLY) return OfProduct(units, path);
    for (size_t i = 1; i < units.size(); ++i) {
      if (SameUnit(units[0], units[i])) continue;
      return Mismatch(absl::StrCat(path, ".operands[", i, "]"),
                      absl::StrCat("is ", UnitText(units[i]), ", and the first is ",
                                   UnitText(units[0]), "; a sum is of one unit"));
    }
    return units[0];
  }

  Units OfProduct(const std::vector<v1::Unit>& units, const std::string& path) {
    v1::Unit product = Of(v1::UNIT_KIND_RATIO);
    for (size_t i = 0; i < units.size(); ++i) {
      if (IsRatio(units[i])) continue;
      if (!IsRatio(product)) {
        return Mismatch(absl::StrCat(path, ".operands[", i, "]"),
                        absl::StrCat("is ", UnitText(units[i]), ", and another is ",
                                     UnitText(product), "; at most one factor is not a RATIO"));
      }
      product = units[i];
    }
    return product;
  }

  Units PerPerson(const v1::Unit& unit, const std::string& path) {
    const bool countable = unit.kind() == v1::UNIT_KIND_MONEY ||
                           unit.kind() == v1::UNIT_KIND_PERSONS ||
                           unit.kind() == v1::UNIT_KIND_COUNT;
    if (!countable || unit.per() != v1::UNIT_PER_UNSPECIFIED) {
      return Mismatch(path, absl::StrCat(UnitText(unit), " cannot be counted per person"));
    }
    v1::Unit per = unit;
    per.set_per(v1::UNIT_PER_PERSON);
    return per;
  }

  Units OfQuotient(const v1::Unit& part, const v1::Unit& whole, const std::string& path) {
    if (SameUnit(part, whole)) return Of(v1::UNIT_KIND_RATIO);
    if (IsRatio(whole)) return part;
    if (whole.kind() == v1::UNIT_KIND_PERSONS && whole.per() == v1::UNIT_PER_UNSPECIFIED) {
      return PerPerson(part, path);
    }
    return Mismatch(absl::StrCat(path, ".operands[1]"),
                    absl::StrCat("is ", UnitText(whole), ", which ", UnitText(part),
                                 " cannot be divided by; want the same unit, a RATIO or PERSONS"));
  }

  Units OfComparison(const v1::ComparisonNode& node, const std::string& path) {
    const Units of = Check(node.of(), absl::StrCat(path, ".of"));
    if (!of) return std::nullopt;
    switch (node.kind()) {
      case v1::COMPARISON_KIND_PREV:
      case v1::COMPARISON_KIND_YOY:
      case v1::COMPARISON_KIND_YTD_YOY:
        if (node.form() == v1::COMPARISON_FORM_DIFFERENCE) {
          return IsRatio(*of) ? Of(v1::UNIT_KIND_PERCENTAGE_POINTS) : *of;
        }
        if (IsRatioLike(*of)) {
          return Mismatch(absl::StrCat(path, ".form"),
                          absl::StrCat(UnitText(*of),
                                       " has differences only; want COMPARISON_FORM_DIFFERENCE"));
        }
        return Of(v1::UNIT_KIND_RATIO);
      case v1::COMPARISON_KIND_YTD:
        return of;
      case v1::COMPARISON_KIND_CONTRIBUTION:
        return Of(v1::UNIT_KIND_PERCENTAGE_POINTS);
      case v1::COMPARISON_KIND_PER_CAPITA:
        return PerPerson(*of, absl::StrCat(path, ".of"));
      case v1::COMPARISON_KIND_RATIO_TO_GDP:
        if (of->kind() != v1::UNIT_KIND_MONEY || of->per() != v1::UNIT_PER_UNSPECIFIED) {
          return Mismatch(absl::StrCat(path, ".of"),
                          absl::StrCat("is ", UnitText(*of), "; want MONEY to compare with GDP"));
        }
        return Of(v1::UNIT_KIND_RATIO);
      case v1::COMPARISON_KIND_INDEX:
        return Of(v1::UNIT_KIND_INDEX);
      default:
        return Of(v1::UNIT_KIND_RATIO);
    }
  }

  const std::string& currency_;
  const ResourceLookup& after_;
  Report& report_;
};

}  // namespace

v1::Unit PlainUnit(v1::Unit unit) {
  unit.clear_power_of_ten();
  if (unit.kind() == v1::UNIT_KIND_PERCENT) unit.set_kind(v1::UNIT_KIND_RATIO);
  return unit;
}

bool SameUnit(const v1::Unit& a, const v1::Unit& b) {
  // Money of events is of any currency as long as there is no observatory.
  const bool same_currency =
      a.currency() == b.currency() || a.currency().empty() || b.currency().empty();
  return a.kind() == b.kind() && same_currency && a.per() == b.per();
}

std::string UnitText(const v1::Unit& unit) {
  std::string text(absl::StripPrefix(v1::UnitKind_Name(unit.kind()), "UNIT_KIND_"));
  if (!unit.currency().empty()) absl::StrAppend(&text, " ", unit.currency());
  if (unit.per() != v1::UNIT_PER_UNSPECIFIED) {
    absl::StrAppend(&text, " per ", absl::StripPrefix(v1::UnitPer_Name(unit.per()), "UNIT_PER_"));
  }
  return text;
}

std::optional<v1::Unit> UnitOfFormula(const v1::Formula& formula, const std::string& path,
                                      const std::string& currency, const ResourceLookup& after,
                                      Report& report) {
  return UnitCheck(currency, after, report).Check(formula, path);
}

}  // namespace tidemark::catalog
