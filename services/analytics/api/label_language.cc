#include "services/analytics/api/label_language.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "common/status/error.h"

namespace tidemark::analytics {

absl::Status CheckLabelLanguage(std::string_view language) {
  constexpr size_t kMaxBytes = 35;
  const bool well_formed = std::all_of(language.begin(), language.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-';
  });
  if (language.size() <= kMaxBytes && well_formed) return absl::OkStatus();
  return status::InvalidArgument("label_language", "not a BCP 47 tag; want one like `zh`",
                                 "LANGUAGE_INVALID");
}

}  // namespace tidemark::analytics
