#include "services/analytics/domain/catalog_hash.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace tidemark::analytics {

absl::Status CheckCatalogHash(uint64_t version, const CatalogHash& in_log,
                              std::string_view in_catalog) {
  if (in_log == CatalogHash{}) return absl::OkStatus();
  const std::string_view wanted(reinterpret_cast<const char*>(in_log.data()), in_log.size());
  if (in_catalog == wanted) return absl::OkStatus();
  const auto hex = [](std::string_view hash) {
    return absl::BytesToHexString({hash.data(), hash.size()}).substr(0, 16);
  };
  return absl::FailedPreconditionError(
      absl::StrCat("another catalog than the log's: version ", version, " has hash ",
                   hex(in_catalog), "... in the catalog, ", hex(wanted),
                   "... in the log. A restored catalog went another way: restore it as it was, and "
                   "restart analytics"));
}

}  // namespace tidemark::analytics
