#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_DATES_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_DATES_H_

#include <compare>
#include <cstdint>
#include <string_view>

#include "services/catalog/domain/date.h"
#include "tidemark/type/v1/date.pb.h"
#include "tidemark/type/v1/period.pb.h"

namespace tidemark::catalog {

Date FromProto(const type::v1::Date& proto);
Validity FromProto(const type::v1::Validity& proto);

// What the first day of a period of the grain is, such as "the first day of a month"; empty when
// `day`, which exists, is one.
std::string_view FirstDayProblem(type::v1::PeriodGrain grain, const Date& day);

// The days of a period that CheckValue finds right.
Validity DaysOf(const type::v1::Period& period);

// Days since 1970-01-01 of a day that exists, and back.
int32_t DayNumber(const Date& date);
Date DateOfNumber(int32_t number);

// A period as days: from `first` up to, not including, `end`.
struct DaySpan {
  int32_t first = 0;
  int32_t end = 0;
  friend auto operator<=>(const DaySpan&, const DaySpan&) = default;
};
DaySpan SpanOf(const type::v1::Period& period);

// The days of some whole periods, named by the longest grain that can.
type::v1::Period PeriodOf(const DaySpan& days);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_DATES_H_
