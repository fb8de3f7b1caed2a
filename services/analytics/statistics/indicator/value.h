#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_VALUE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_VALUE_H_

#include <cstdint>
#include <vector>

#include "services/analytics/statistics/indicator/indicator_value.h"

namespace tidemark::analytics {

// The value of a node of a formula, in its plain unit.
struct NodeValue {
  base::Rational value;
  // As IndicatorValue::exact.
  bool exact = true;
  NullReason null = NullReason::kNone;
  // Null because nobody told: no source reports, no figure is stated. As a base it is none.
  bool unknown = false;
  // Events of a period read are not complete.
  bool partial = false;
  ValueStatus status = ValueStatus::kNormal;
  ValueFlags flags = 0;
  // Positions in a list of all figures read, ascending.
  std::vector<uint32_t> sources;

  static NodeValue Null(NullReason reason, bool unknown = false) {
    NodeValue value;
    value.null = reason;
    value.unknown = unknown;
    return value;
  }
  // Takes over all but the number of what it is computed from.
  void Follow(const NodeValue& from);
  // The number is there no more.
  void SetNull(NullReason reason, bool is_unknown = false) {
    value = base::Rational();
    null = reason;
    unknown = is_unknown;
  }
};

// A value that published figures are compared with, in the plain unit.
struct Level {
  NodeValue node;
  // Between which the number lies that was rounded to the one stated.
  base::Rational low, high;
  // Days since 1970-01-01 on which it was published; 0: not dated, or not published.
  int64_t published = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_VALUE_H_
