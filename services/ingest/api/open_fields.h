#ifndef TIDEMARK_SERVICES_INGEST_API_OPEN_FIELDS_H_
#define TIDEMARK_SERVICES_INGEST_API_OPEN_FIELDS_H_

#include <algorithm>
#include <cstddef>

#include "services/ingest/api/event_columns.h"
#include "services/ingest/domain/open_codes.h"

namespace tidemark::ingest {

// The fields with codes of the open lists, by OpenList: the order in which they are registered.
inline constexpr CodeField kOpenFields[kOpenListCount] = {
    CodeField::kProduct, CodeField::kProvider, CodeField::kPaymentMethod, CodeField::kAgeBand,
    CodeField::kIncomeBand};

constexpr bool IsOpen(CodeField field) {
  return std::find(std::begin(kOpenFields), std::end(kOpenFields), field) != std::end(kOpenFields);
}
constexpr CodeField FieldOf(OpenList list) { return kOpenFields[static_cast<size_t>(list)]; }

inline constexpr OpenList kOpenLists[kOpenListCount] = {OpenList::kProduct, OpenList::kProvider,
                                                        OpenList::kPaymentMethod,
                                                        OpenList::kAgeBand, OpenList::kIncomeBand};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_OPEN_FIELDS_H_
