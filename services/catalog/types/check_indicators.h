#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_INDICATORS_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_INDICATORS_H_

#include <span>

#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/problems.h"
#include "tidemark/catalog/v1/indicators.pb.h"

namespace tidemark::catalog {

// Rules of indicators between fields (indicators.proto), and the shape of their formulas
// (formula.proto): size, depth, words, and what each node needs and refuses.
void CheckIndicator(const v1::Indicator& indicator, Report& report);

// What its values count cannot change; the power of ten that they are shown in can.
void CheckIndicatorChange(const v1::Indicator& before, const v1::Indicator& after, Report& report);

// Units of the formulas of all indicators that a request changes, node by node. Every name in them
// exists in `after`.
void CheckChangedIndicators(std::span<const Change> changes, const NewestState& before,
                            const ResourceLookup& after, Problems& problems);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_INDICATORS_H_
