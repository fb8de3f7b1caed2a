#include "services/catalog/domain/etag.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace tidemark::catalog {

std::string EtagOf(const Resource& resource) {
  // The time tells states apart that carry one version in a catalog and in a restored copy of it.
  return absl::StrCat(absl::Hex(resource.version), "-", absl::Hex(resource.update_time_us));
}

absl::Status CheckEtag(std::string_view field, std::string_view name, std::string_view etag,
                       const Resource* stored) {
  if (etag.empty() || etag == (stored == nullptr ? kAbsentEtag : EtagOf(*stored))) {
    return absl::OkStatus();
  }
  const std::string message =
      stored == nullptr
          ? absl::StrCat(name, " does not exist; leave the etag empty, or give the word ",
                         kAbsentEtag, ", to create it")
      : etag == kAbsentEtag
          ? absl::StrCat(name, " exists already, made by ", stored->updated_by, " in version ",
                         stored->version, "; read it and decide again")
          : absl::StrCat(name, " was changed by ", stored->updated_by, " in version ",
                         stored->version, "; read it again and repeat the change on that");
  absl::Status status = absl::AbortedError(absl::StrCat(field, ": ", message));
  status = status::WithFieldViolation(std::move(status), field, message);
  return status::WithReason(std::move(status), "ETAG_MISMATCH", {{"resource", std::string(name)}});
}

}  // namespace tidemark::catalog
