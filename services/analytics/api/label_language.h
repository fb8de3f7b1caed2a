#ifndef TIDEMARK_SERVICES_ANALYTICS_API_LABEL_LANGUAGE_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_LABEL_LANGUAGE_H_

#include <string_view>

#include "absl/status/status.h"

namespace tidemark::analytics {

// INVALID_ARGUMENT (LANGUAGE_INVALID) naming `label_language`: not formed as a BCP 47 tag. Empty is
// fine.
absl::Status CheckLabelLanguage(std::string_view language);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_LABEL_LANGUAGE_H_
