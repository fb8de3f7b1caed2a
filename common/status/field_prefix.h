#ifndef TIDEMARK_COMMON_STATUS_FIELD_PREFIX_H_
#define TIDEMARK_COMMON_STATUS_FIELD_PREFIX_H_

#include <string_view>

#include "absl/status/status.h"

namespace tidemark::status {

// For who asks in other words than the caller did: fields of the BadRequest that begin with
// `old_prefix`, and a message that does, begin with `new_prefix` instead. Code and other details
// are kept; a status without BadRequest is returned unchanged.
//
//   WithFieldPrefix(planned.status(), "query.", "")   // query.filters[0] is filters[0]
absl::Status WithFieldPrefix(const absl::Status& status, std::string_view old_prefix,
                             std::string_view new_prefix);

}  // namespace tidemark::status

#endif  // TIDEMARK_COMMON_STATUS_FIELD_PREFIX_H_
