#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_DATES_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_DATES_H_

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

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_DATES_H_
