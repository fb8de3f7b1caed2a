#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_FORMULA_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_FORMULA_H_

#include <optional>
#include <string>

#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/problems.h"
#include "tidemark/catalog/v1/formula.pb.h"

namespace tidemark::catalog {

// The shape of a formula that stands at `path`: FORMULA_TOO_LARGE, UNKNOWN_MEASURE,
// UNKNOWN_DIMENSION, INVALID_RESOURCE.
void CheckFormulaShape(const v1::Formula& formula, const std::string& path, Report& report);

// Whether a measure stands anywhere in it. Of a formula whose shape is right.
bool HasMeasure(const v1::Formula& formula);

// The unit of a formula whose shape is right, without power of ten, PERCENT as RATIO; nothing when
// it has none, which has been reported as UNIT_MISMATCH naming the node. `currency`: the
// observatory's; empty: there is none yet, and money of events is of any.
std::optional<v1::Unit> UnitOfFormula(const v1::Formula& formula, const std::string& path,
                                      const std::string& currency, const ResourceLookup& after,
                                      Report& report);

// Without power of ten, PERCENT as RATIO.
v1::Unit PlainUnit(v1::Unit unit);
bool SameUnit(const v1::Unit& a, const v1::Unit& b);
// "MONEY CNY per PERSON"
std::string UnitText(const v1::Unit& unit);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_FORMULA_H_
