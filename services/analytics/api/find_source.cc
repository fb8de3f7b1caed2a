#include "services/analytics/api/find_source.h"

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace tidemark::analytics {

absl::StatusOr<const catalog_client::Source*> FindSource(const catalog_client::CatalogView& view,
                                                         std::string_view id) {
  const catalog_client::Source* const source = view.sources().Find(id);
  if (source != nullptr) return source;
  return status::InvalidArgument(
      "source",
      absl::StrCat("`", id, "` is not a source of the catalog",
                   view.NearestHint(catalog_client::EntityType::kSource, id)),
      "UNKNOWN_CODE");
}

}  // namespace tidemark::analytics
