#include "services/catalog/types/check_indicators.h"

#include "absl/strings/str_cat.h"
#include "services/catalog/types/check_formula.h"
#include "services/catalog/types/observatory_currency.h"

namespace tidemark::catalog {
namespace {

constexpr char kFormula[] = "formula";

}  // namespace

void CheckIndicator(const v1::Indicator& indicator, Report& report) {
  if (!indicator.has_formula()) return;
  const size_t before = report.count();
  CheckFormulaShape(indicator.formula(), kFormula, report);
  if (report.count() != before) return;
  if (indicator.official_concept() == v1::OFFICIAL_CONCEPT_CORE_DIGITAL_VALUE_ADDED &&
      HasMeasure(indicator.formula())) {
    report.AddTyped(kFormula,
                    "value added of core digital industries is production and cannot be computed "
                    "from events of consumption; use a series, or another official_concept",
                    "CONCEPT_REPORTED_ONLY");
  }
}

void CheckIndicatorChange(const v1::Indicator& before, const v1::Indicator& after, Report& report) {
  const v1::Unit& was = before.unit();
  const v1::Unit& is = after.unit();
  if (was.kind() == is.kind() && was.currency() == is.currency() && was.per() == is.per()) return;
  report.AddTyped("unit",
                  absl::StrCat("is ", UnitText(was),
                               " for ever, but for the power of ten; apply an indicator with "
                               "another id"),
                  "IMMUTABLE_FIELD");
}

void CheckChangedIndicators(std::span<const Change> changes, const NewestState& before,
                            const ResourceLookup& after, Problems& problems) {
  for (size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    if (change.kind == ChangeKind::kNone || change.after == nullptr ||
        change.after->type() != Type::kIndicator) {
      continue;
    }
    v1::Indicator indicator;
    if (!indicator.ParseFromString(std::get<Document>(change.after->content).bytes) ||
        !indicator.has_formula()) {
      continue;
    }
    Report report(&problems, static_cast<int>(i), change.name, "indicator");
    const auto unit =
        UnitOfFormula(indicator.formula(), kFormula, CurrencyOf(changes, before), after, report);
    if (!unit || SameUnit(*unit, PlainUnit(indicator.unit()))) continue;
    report.AddTyped(kFormula,
                    absl::StrCat("is ", UnitText(*unit), ", and the indicator's unit is ",
                                 UnitText(indicator.unit())),
                    "UNIT_MISMATCH");
  }
}

}  // namespace tidemark::catalog
