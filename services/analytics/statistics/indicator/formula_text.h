#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_FORMULA_TEXT_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_FORMULA_TEXT_H_

#include <string>

#include "tidemark/catalog/v1/formula.pb.h"

namespace tidemark::analytics {

// A formula as people read it, such as `yoy(net where category = games) + 0.5`;
// docs/statistics.md (Indicators) has the forms. Equal formulas have equal texts.
std::string FormulaText(const catalog::v1::Formula& formula);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_FORMULA_TEXT_H_
