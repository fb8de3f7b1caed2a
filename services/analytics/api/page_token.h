#ifndef TIDEMARK_SERVICES_ANALYTICS_API_PAGE_TOKEN_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_PAGE_TOKEN_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tidemark::analytics {

// Where the next page begins, and of what. Holds nothing secret: whoever could make one by hand
// could ask for the snapshot directly. The checksum is there to find damage and mix-ups.
struct PageToken {
  std::string log_id;
  uint64_t log_size = 0;
  // Rows of the pages before.
  uint64_t offset = 0;

  // `question`: all that decides the rows besides the snapshot; it is bound into the token.
  std::string Encode(std::string_view question) const;
  // INVALID_ARGUMENT (PAGE_TOKEN_INVALID): not one of ours, damaged, or of another question.
  static absl::StatusOr<PageToken> Decode(std::string_view text, std::string_view question);
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_PAGE_TOKEN_H_
