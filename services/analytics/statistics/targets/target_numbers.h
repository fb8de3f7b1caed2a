#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_NUMBERS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_NUMBERS_H_

#include <optional>

#include "common/base/rational.h"
#include "tidemark/catalog/v1/unit.pb.h"

namespace tidemark::analytics {

// What numbers in unit `from` are to be multiplied by to be in unit `to`: powers of ten, RATIO and
// PERCENT, per head or household and per hundred or thousand of them. Nothing where they count
// different things, or an average per day would have to become one per month.
std::optional<base::Rational> UnitFactor(const catalog::v1::Unit& from,
                                         const catalog::v1::Unit& to);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_NUMBERS_H_
