#ifndef TIDEMARK_SERVICES_CATALOG_API_PAGE_SIZE_H_
#define TIDEMARK_SERVICES_CATALOG_API_PAGE_SIZE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace tidemark::catalog {

// The size of a page that asks for `wanted`: 0 is `usual`, more than `most` is that.
// INVALID_ARGUMENT (INVALID_PAGE_SIZE) on `field`.
inline absl::StatusOr<size_t> PageSize(int32_t wanted, size_t usual, size_t most,
                                       std::string_view field = "page_size") {
  if (wanted < 0) {
    return status::InvalidArgument(field,
                                   absl::StrCat(wanted, ", want 1 to ", most, ", or 0 for ", usual),
                                   "INVALID_PAGE_SIZE");
  }
  return wanted == 0 ? usual : std::min(static_cast<size_t>(wanted), most);
}

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_PAGE_SIZE_H_
