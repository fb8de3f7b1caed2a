#ifndef TIDEMARK_SERVICES_CATALOG_API_PAGE_TOKEN_H_
#define TIDEMARK_SERVICES_CATALOG_API_PAGE_TOKEN_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tidemark::catalog {

// Where a listing goes on. Opaque to callers: base64url of a format byte, the version, the
// position, and a checksum over these and the request, so that a token that was cut, edited or
// given with another request is noticed.
struct PageToken {
  uint64_t version = 0;
  std::string position;
};

// `request`: what must be the same on every page.
std::string EncodePageToken(const PageToken& token, std::string_view request);
// INVALID_ARGUMENT (INVALID_PAGE_TOKEN).
absl::StatusOr<PageToken> DecodePageToken(std::string_view text, std::string_view request);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_PAGE_TOKEN_H_
