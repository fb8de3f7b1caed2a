#ifndef TIDEMARK_SERVICES_ANALYTICS_API_INDICATOR_NAME_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_INDICATOR_NAME_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace tidemark::analytics {

// That a request's field `indicator` may name one. INVALID_ARGUMENT (MISSING, INVALID_NAME).
inline absl::Status CheckIndicatorName(std::string_view name) {
  if (name.empty())
    return status::InvalidArgument("indicator", "missing; want indicators/ID", "MISSING");
  if (name.starts_with("indicators/")) return absl::OkStatus();
  return status::InvalidArgument(
      "indicator",
      absl::StrCat("`", name.substr(0, 256), "` names no indicator; want indicators/ID"),
      "INVALID_NAME");
}

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_INDICATOR_NAME_H_
