#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_UNIT_SCALE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_UNIT_SCALE_H_

#include <string>

#include "common/base/rational.h"
#include "services/analytics/query/crosswalk.h"
#include "tidemark/catalog/v1/observations.pb.h"
#include "tidemark/catalog/v1/unit.pb.h"
#include "tidemark/type/v1/decimal.pb.h"

namespace tidemark::analytics {

// Formulas compute in plain units: without power of ten, and in RATIO where PERCENT is written.
catalog::v1::Unit PlainUnit(catalog::v1::Unit unit);

// A number in `unit`, times this, is in the plain unit.
base::Rational ScaleOf(const catalog::v1::Unit& unit);

// `10^8 CNY`, `percent`, `count per hundred_persons`: as columns name units.
std::string UnitName(const catalog::v1::Unit& unit);

// A decimal that the catalog has checked.
base::Rational ValueOf(const type::v1::Decimal& decimal);
// Its digits after the point.
int DecimalsOf(const type::v1::Decimal& decimal);

// The number of an observation that has one, in the unit as published.
base::Rational PublishedValue(const catalog::v1::Observation& observation);

// By which weights figures in the unit are divided; `adds_up`: parts of them are added.
FigureKind KindOfFigure(const catalog::v1::Unit& unit, bool adds_up);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_UNIT_SCALE_H_
